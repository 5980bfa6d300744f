//! The webhook: who may post to it, and what becomes of what is posted.

use std::path::Path;

use reqwest::Method;
use serde_json::json;

use crate::stage::{Answer, Stage};

/// Returns how many payments are to be settled.
async fn settles(stage: &Stage) -> u64 {
    let queue = stage.get("/api/queue").await.json;
    queue["by_kind"]["settle_payment"]["queued"].as_u64().unwrap_or(0)
}

fn notification(id: &str) -> String {
    json!({"type": "notification", "event": "payment.succeeded", "object": {"id": id}}).to_string()
}

/// D-008, D-139: kept before it is answered, at the address that the README names.
#[tokio::test]
async fn a_notification_is_kept_and_answered() {
    let stage = Stage::open().await;
    let answer = stage.notify(notification("2f1c0000")).await;
    assert_eq!((answer.status.as_u16(), &*answer.text), (200, r#"{"status":"ok"}"#));
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(settles(&stage).await, 1);
    let chunks = futures::stream::iter([Ok::<_, std::io::Error>(notification("2f1c0001"))]);
    let answer = stage.notify(reqwest::Body::wrap_stream(chunks)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(settles(&stage).await, 2);
}

/// What comes of each real notification, as the fixtures' own list says.
#[tokio::test]
async fn real_notifications_are_answered_as_they_should() {
    let stage = Stage::open().await;
    for (file, status, settled) in [
        ("n01_payment_waiting_for_capture_sdk", 200, 1),
        ("n02_refund_succeeded_status_pending_sdk", 200, 1),
        ("n03_deal_closed_sdk", 200, 0),
        ("n04_payout_succeeded_sdk", 200, 0),
        ("n05_invalid_object_empty", 400, 0),
        ("n06_invalid_object_string", 400, 0),
        ("n07_invalid_no_type", 400, 0),
        ("n10_webhook_payment_succeeded_minimal_rb", 200, 1),
        ("n11_refund_succeeded_crate", 200, 1),
        ("n14_invalid_type_test_sdk_php", 400, 0),
        ("n15_invalid_event_test_sdk_php", 400, 0),
    ] {
        let before = settles(&stage).await;
        let path = format!("tests/fixtures/yookassa/{file}.json");
        let body = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let answer = stage.notify(body).await;
        assert_eq!((answer.status.as_u16(), file), (status, file), "{}", answer.text);
        assert_eq!(settles(&stage).await - before, settled, "{file}");
    }
    assert_eq!(stage.shop.requests().len(), 0);
}

#[tokio::test]
async fn every_other_document_of_the_provider_is_no_notification() {
    let stage = Stage::open().await;
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/yookassa");
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.starts_with('n') {
            continue;
        }
        let answer = stage.notify(std::fs::read(&path).unwrap()).await;
        assert_eq!(answer.status, 400, "{name}");
    }
    for nonsense in ["", "{}", "[]", "null", "\u{0}", "{\"type\":\"notification\"}"] {
        assert_eq!(stage.notify(nonsense).await.status, 400, "{nonsense}");
    }
    assert_eq!(settles(&stage).await, 0);
}

#[tokio::test]
async fn a_body_has_at_most_256_kib() {
    let stage = Stage::open().await;
    let padded = |length: usize| {
        let mut body = notification("2f1c0000");
        body.push_str(&" ".repeat(length - body.len()));
        body
    };
    assert_eq!(stage.notify(padded(256 * 1024)).await.status, 200);
    assert_eq!(stage.notify(padded(256 * 1024 + 1)).await.status, 413);
    assert_eq!(stage.notify(padded(3 << 20)).await.status, 413);
    let chunks = (0..40).map(|_| Ok::<_, std::io::Error>(" ".repeat(8 * 1024)));
    let chunked = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    assert_eq!(stage.notify(chunked).await.status, 413);
}

#[tokio::test]
async fn other_methods_are_refused() {
    let stage = Stage::open().await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let answer = Answer::of(stage.bare(method, "/yookassa/webhook")).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"));
    }
}

#[tokio::test]
async fn strangers_are_refused_and_their_headers_not_believed() {
    let stage = Stage::open_with(&[("YOOKASSA__TRUSTED_NETWORKS", r#"["185.71.76.0/27"]"#)]).await;
    for forwarded in [None, Some("185.71.76.1"), Some("127.0.0.1")] {
        let request = stage.bare(Method::POST, "/yookassa/webhook").body(notification("2f1c"));
        let request = match forwarded {
            Some(forwarded) => request.header("X-Forwarded-For", forwarded),
            None => request,
        };
        assert_eq!(Answer::of(request).await.status, 403, "{forwarded:?}");
    }
    assert_eq!(stage.notify(" ".repeat(1 << 20)).await.status, 403);
    assert_eq!(settles(&stage).await, 0);
}

#[tokio::test]
async fn a_trusted_proxys_header_is_read_from_the_right() {
    let stage = Stage::open_with(&[
        ("YOOKASSA__TRUSTED_NETWORKS", r#"["185.71.76.0/27", "2a02:5180::/32"]"#),
        ("SERVER__TRUSTED_PROXIES", r#"["127.0.0.0/8", "10.0.0.0/8"]"#),
    ])
    .await;
    for (forwarded, status) in [
        (&["185.71.76.1"][..], 200),
        (&["2a02:5180::1"], 200),
        (&["::ffff:185.71.76.1"], 200),
        (&["203.0.113.1, 185.71.76.1, 10.0.0.7"], 200),
        (&["203.0.113.1", "185.71.76.1"], 200),
        (&[], 403),
        (&["185.71.76.1, 203.0.113.1"], 403),
        (&["185.71.76.1", "203.0.113.1"], 403),
        (&["185.71.76.1, nonsense"], 403),
        (&["185.71.76.32"], 403),
        (&["2a02:5181::1"], 403),
        (&[""], 403),
    ] {
        let mut request = stage.bare(Method::POST, "/yookassa/webhook").body(notification("2f1c"));
        for line in forwarded {
            request = request.header("X-Forwarded-For", *line);
        }
        assert_eq!(Answer::of(request).await.status.as_u16(), status, "{forwarded:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_answered_with_200() {
    let stage = Stage::open().await;
    stage.deps.store.clone().close();
    assert_eq!(stage.notify(notification("2f1c0000")).await.status, 503);
    assert_eq!(stage.notify("nonsense").await.status, 400);
}
