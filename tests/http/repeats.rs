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

#[tokio::test]
async fn the_same_is_said_again_word_for_word_whatever_has_happened_since() {
    let mut stage = Stage::open().await;
    let client = stage.client();
    let added = stage.post_with_key("/api/clients", "add", &client).await;
    let id = added.json["client_id"].as_str().unwrap().to_owned();
    let path = format!("/api/clients/{id}");
    let nothing = json!({});
    let suspended = stage.post_with_key(&format!("{path}/suspend"), "s", &nothing).await;
    let restarted = stage.post_with_key(&format!("{path}/restart"), "r", &nothing).await;
    let more = json!({"days": 30});
    let extended = stage.post_with_key(&format!("{path}/extend"), "e", &more).await;
    stage.post(&format!("{path}/extend"), &json!({"days": 300})).await;
    stage.post(&format!("{path}/resume"), &nothing).await;
    let tasks = stage.get("/api/queue").await.json;
    for _ in 0..2 {
        for (path, key, body, first) in [
            ("/api/clients".to_owned(), "add", &client, &added),
            (format!("{path}/suspend"), "s", &nothing, &suspended),
            (format!("{path}/restart"), "r", &nothing, &restarted),
            (format!("{path}/extend"), "e", &more, &extended),
        ] {
            let again = stage.post_with_key(&path, key, body).await;
            assert_eq!((again.status, &again.text), (first.status, &first.text), "{path}");
            assert_eq!(again.header("location"), first.header("location"));
            assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
        }
        assert_eq!(stage.get(&path).await.json["state"], json!("active"));
        assert_eq!(stage.get("/api/queue").await.json, tasks);
        stage.restart().await;
    }
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let stage = Stage::open().await;
    let id = stage.add_client().await;
    let extend = format!("/api/clients/{id}/extend");
    assert_eq!(stage.post_with_key(&extend, "k", &json!({"days": 0})).await.status, 422);
    assert_eq!(stage.post_with_key(&extend, "k", &json!({"days": 1})).await.status, 200);
}

#[tokio::test]
async fn of_many_at_once_all_are_told_the_same() {
    let stage = Stage::open().await;
    let id = stage.add_client().await;
    let (path, body) = (format!("/api/clients/{id}/extend"), json!({"days": 30, "amount": 299}));
    let asks = (0..12).map(|_| stage.post_with_key(&path, "race", &body));
    let answers = futures::future::join_all(asks).await;
    assert!(answers.iter().all(|it| it.status == 200 && it.text == answers[0].text), "{answers:?}");
    assert_eq!(stage.get("/api/payments").await.json["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_removal_is_asked_for_once_and_its_key_is_of_no_other_request() {
    let stage = Stage::open().await;
    let path = format!("/api/clients/{}", stage.add_client().await);
    let ask = async |method: Method, path: &str, key: &str| {
        Answer::of(stage.request(method, path).header("Idempotency-Key", key)).await
    };
    assert_eq!(ask(Method::DELETE, &path, "d").await.status, 409); // It still serves.
    let forced = format!("{path}?force=true");
    let first = ask(Method::DELETE, &forced, "d").await;
    assert_eq!(first.status, 202);
    let again = ask(Method::DELETE, &forced, "d").await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.header("location"), first.header("location"));
    let queue = stage.get("/api/queue").await.json;
    assert_eq!(queue["by_kind"]["remove_client"]["queued"], json!(1), "{queue}");
    let other = ask(Method::DELETE, &path, "d").await;
    assert_eq!(other.json["type"], "urn:slotbox:problem:idempotency-key-reused");
    let other = ask(Method::POST, &forced, "d").await;
    assert_eq!(other.json["type"], "urn:slotbox:problem:idempotency-key-reused");
}
