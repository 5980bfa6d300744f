//! `Idempotency-Key`: the same request has its effect once.

use reqwest::Method;
use serde_json::json;

use crate::stage::{Answer, Stage};

#[tokio::test]
async fn a_repeated_request_has_its_effect_once() {
    let stage = Stage::open().await;
    let client = stage.client();
    let first = stage.post_with_key("/api/clients", "add-1", &client).await;
    let again = stage.post_with_key("/api/clients", "add-1", &client).await;
    assert_eq!((first.status.as_u16(), &first.json), (202, &again.json));
    assert_eq!(again.status, 202);

    let id = first.json["client_id"].as_str().unwrap();
    let order = json!({"client_id": id, "plan_id": "3m"});
    let first = stage.post_with_key("/api/orders", "order-1", &order).await;
    let again = stage.post_with_key("/api/orders", "order-1", &order).await;
    assert_eq!((first.status.as_u16(), &first.json), (201, &again.json));
    assert_eq!(stage.get("/api/orders").await.json["items"].as_array().unwrap().len(), 1);

    let extend = format!("/api/clients/{id}/extend");
    let more = json!({"days": 30, "amount": 299});
    let first = stage.post_with_key(&extend, "extend-1", &more).await;
    let again = stage.post_with_key(&extend, "extend-1", &more).await;
    let until = &first.json["subscription_expires_at"];
    assert_eq!((first.status.as_u16(), &first.json), (200, &again.json));
    let bare = stage.post(&extend, &more).await;
    assert_ne!(&bare.json["subscription_expires_at"], until);
}

#[tokio::test]
async fn requests_at_the_same_time_are_one_too() {
    let stage = Stage::open().await;
    let client = stage.client();
    let requests = (0..8).map(|_| stage.post_with_key("/api/clients", "add", &client));
    let answers = futures::future::join_all(requests).await;
    assert!(answers.iter().all(|answer| answer.json == answers[0].json), "{answers:?}");
    assert_eq!(stage.get("/api/clients").await.json["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let stage = Stage::open().await;
    let id = stage.add_client().await;
    let extend = format!("/api/clients/{id}/extend");
    let first = stage.post_with_key(&extend, "k", &json!({"days": 1})).await;
    assert_eq!(first.status, 200);
    let others = [
        stage.post_with_key(&extend, "k", &json!({"days": 2})).await,
        stage.post_with_key("/api/orders", "k", &json!({"client_id": id, "plan_id": "1m"})).await,
        stage.post_with_key("/api/clients", "k", &stage.client()).await,
    ];
    for other in others {
        assert_eq!(other.status, 422);
        assert_eq!(other.json["type"], "urn:slotbox:problem:idempotency-key-reused");
    }
}

#[tokio::test]
async fn a_key_is_short_and_visible() {
    let stage = Stage::open().await;
    let id = stage.add_client().await;
    let extend = format!("/api/clients/{id}/extend");
    let longest = "k".repeat(255);
    assert_eq!(stage.post_with_key(&extend, &longest, &json!({"days": 1})).await.status, 200);
    for key in ["", "a b", "ключ", &*format!("{longest}k")] {
        let answer = stage.post_with_key(&extend, key, &json!({"days": 1})).await;
        assert_eq!(answer.status, 400, "{key}");
    }
    let twice = stage.request(Method::POST, &extend).json(&json!({"days": 1}));
    let twice = twice.header("Idempotency-Key", "a").header("Idempotency-Key", "b");
    assert_eq!(Answer::of(twice).await.status, 400);
}
