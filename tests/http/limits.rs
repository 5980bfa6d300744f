//! How often one caller may ask, and what is never limited.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::stage::{Answer, Stage, TOKEN};

/// A host behind a proxy that tells whom it speaks for.
async fn behind_a_proxy() -> Stage {
    Stage::open_with(&[
        ("SERVER__TRUSTED_PROXIES", r#"["127.0.0.0/8", "198.51.100.0/24"]"#),
        ("YOOKASSA__TRUSTED_NETWORKS", r#"["185.71.76.0/27"]"#),
    ])
    .await
}

async fn ask(stage: &Stage, from: &str, path: &str, token: Option<&str>) -> Answer {
    let request = stage.bare(Method::GET, path).header("X-Forwarded-For", from);
    Answer::of(match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    })
    .await
}

#[tokio::test]
async fn a_stranger_who_guesses_is_slowed_down_and_nobody_else() {
    let stage = behind_a_proxy().await;
    let mut refused = None;
    for _ in 0..200 {
        let answer = ask(&stage, "203.0.113.1", "/api/clients", Some("wrong")).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status, 401);
    }
    let refused = refused.unwrap();
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.json["type"], json!("urn:slotbox:problem:too-many-requests"));
    assert_eq!(refused.json["request_id"], json!(refused.header("x-request-id")));
    assert_eq!(ask(&stage, "203.0.113.1", "/docs", None).await.status, 429);
    assert_eq!(ask(&stage, "203.0.113.1", "/api/clients", Some(TOKEN)).await.status, 200);
    assert_eq!(ask(&stage, "203.0.113.2", "/api/clients", Some("wrong")).await.status, 401);
    for path in ["/health", "/health/live", "/health/ready"] {
        assert_eq!(ask(&stage, "203.0.113.1", path, None).await.status, 200);
    }
}

#[tokio::test]
async fn one_address_with_the_token_is_held_to_a_pace() {
    let stage = behind_a_proxy().await;
    let asks = (0..600).map(|_| ask(&stage, "203.0.113.1", "/api/plans", Some(TOKEN)));
    let answers = futures::future::join_all(asks).await;
    let slowed = answers.iter().filter(|answer| answer.status == 429).count();
    assert!(slowed > 0 && answers.iter().any(|answer| answer.status == 200), "{slowed}");
    assert_eq!(ask(&stage, "127.0.0.1", "/api/plans", Some(TOKEN)).await.status, 200);
}

#[tokio::test]
async fn each_class_of_routes_has_a_pace_of_its_own_and_those_who_are_trusted_have_none() {
    let stage = behind_a_proxy().await;
    for path in ["/health/live", "/nowhere", "/payment/success?order=x", "/docs"] {
        let mut last = ask(&stage, "203.0.113.1", path, None).await;
        for _ in 0..150 {
            if last.status == StatusCode::TOO_MANY_REQUESTS {
                break;
            }
            last = ask(&stage, "203.0.113.1", path, None).await;
        }
        assert_eq!(last.status, 429, "{path}");
        assert_eq!(last.header("retry-after").parse::<u64>().unwrap(), 1, "{path}");
        // The provider, a proxy that names nobody else, and the host itself.
        for trusted in ["185.71.76.1", "198.51.100.1", "127.0.0.1"] {
            for _ in 0..100 {
                let answer = ask(&stage, trusted, path, None).await;
                assert_ne!(answer.status, 429, "{trusted} {path}");
            }
        }
        assert_ne!(ask(&stage, "203.0.113.2", path, None).await.status, 429, "{path}");
    }
}

/// D-051: the public endpoint has a list of addresses, a size limit, and a pace for strangers.
#[tokio::test]
async fn d_051_notifications_are_bounded_and_filtered_and_never_lost() {
    let stage = behind_a_proxy().await;
    let body = r#"{"type":"notification","event":"payment.succeeded","object":{"id":"2f1c"}}"#;
    let notify = async |from: &str, body: String| {
        let request = stage.bare(Method::POST, "/yookassa/webhook").body(body);
        Answer::of(request.header("X-Forwarded-For", from)).await.status.as_u16()
    };
    for _ in 0..100 {
        assert_eq!(notify("203.0.113.1", body.to_owned()).await, 403);
    }
    for _ in 0..300 {
        assert_eq!(notify("185.71.76.1", body.to_owned()).await, 200);
    }
    assert_eq!(notify("185.71.76.1", " ".repeat(256 * 1024 + 1)).await, 413);
    let queue = stage.get("/api/queue").await.json;
    assert_eq!(queue["by_kind"]["settle_payment"]["queued"], json!(300));
}

/// The payer's page has a pace of its own for each address, behind the operator's proxy too.
#[tokio::test]
async fn who_reloads_the_payers_page_in_anger_waits_alone() {
    let stage = behind_a_proxy().await;
    let page = "/payment/success?order=o_00000000000000000000000001";
    let asks = (0..100).map(|_| ask(&stage, "203.0.113.1", page, None));
    let answers = futures::future::join_all(asks).await;
    assert!(answers.iter().filter(|it| it.status == 404).count() >= 60);
    let refused = answers.iter().find(|it| it.status == 429).unwrap();
    assert_eq!(refused.header("retry-after"), "1");
    assert!(refused.header("content-type").starts_with("text/html"));
    assert!(refused.text.contains("http-equiv=\"refresh\""), "{}", refused.text);
    assert!(refused.text.contains("слишком часто"), "{}", refused.text);
    // Others, the API from the same address, and the proxy's own host go on as before.
    assert_eq!(ask(&stage, "203.0.113.2", page, None).await.status, 404);
    assert_eq!(ask(&stage, "203.0.113.1", "/api/plans", Some(TOKEN)).await.status, 200);
    assert_eq!(ask(&stage, "203.0.113.1", "/docs", None).await.status, 200);
    for _ in 0..100 {
        assert_eq!(Answer::of(stage.bare(Method::GET, page)).await.status, 404);
        assert_eq!(ask(&stage, "198.51.100.7", page, None).await.status, 404);
    }
}
