//! Probes.

use expect_test::expect;
use reqwest::Method;

use crate::stage::{Answer, Stage};

async fn probe(stage: &Stage, path: &str) -> Answer {
    Answer::of(stage.bare(Method::GET, path)).await
}

#[tokio::test]
async fn a_host_is_healthy_while_its_worker_and_its_store_work() {
    let stage = Stage::open().await;
    expect![[r#"
        200 {
          "database": "ok",
          "queue": "ok",
          "status": "healthy",
          "timestamp": "2026-11-23T10:00:00Z",
          "version": "0.1.0"
        }"#]]
    .assert_eq(&probe(&stage, "/health").await.tidy());
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(probe(&stage, path).await.status, 200, "{path}");
    }

    stage.worker.abort();
    while probe(&stage, "/health").await.status == 200 {}
    expect![[r#"
        503 {
          "database": "ok",
          "queue": "error",
          "status": "unhealthy",
          "timestamp": "2026-11-23T10:00:00Z",
          "version": "0.1.0"
        }"#]]
    .assert_eq(&probe(&stage, "/health").await.tidy());
    assert_eq!(probe(&stage, "/health/ready").await.status, 503);
    assert_eq!(probe(&stage, "/health/live").await.status, 200);

    stage.deps.store.clone().close();
    expect![[r#"
        503 {
          "database": "error",
          "queue": "error",
          "status": "unhealthy",
          "timestamp": "2026-11-23T10:00:00Z",
          "version": "0.1.0"
        }"#]]
    .assert_eq(&probe(&stage, "/health").await.tidy());
}
