//! No answer holds a secret, whatever is asked.

use reqwest::Method;
use serde_json::json;

use crate::stage::{Answer, Stage, TOKEN};

#[tokio::test]
async fn no_answer_holds_a_secret() {
    let stage = Stage::open().await;
    let client = stage.client();
    let token = client["bot_token"].as_str().unwrap().to_owned();
    let sales = stage.deps.config.telegram.sales_token.as_ref().unwrap().expose().to_owned();
    let secrets = [token, sales, stage.shop.secret_key().to_owned(), TOKEN.to_owned()];

    let added = stage.post("/api/clients", &client).await;
    let id = added.json["client_id"].as_str().unwrap().to_owned();
    let order = stage.order(&id).await;
    let order = order["order_id"].as_str().unwrap();
    let mut answers = vec![
        added,
        stage.post("/api/clients", &client).await,
        stage.post("/api/clients", &json!({"bot_token": format!("{}!", secrets[0])})).await,
        stage
            .post(
                "/api/clients",
                &json!({"payment_id": secrets[2], "company_name": secrets[0].repeat(2)}),
            )
            .await,
        stage.post_with_key("/api/clients", &secrets[0], &json!({})).await,
        stage.get(&format!("/api/clients/{}", secrets[0])).await,
        stage.get(&format!("/api/clients?cursor={}", secrets[0])).await,
        stage.get(&format!("/{}", secrets[0])).await,
        stage.notify(secrets[0].clone()).await,
    ];
    let raw =
        stage.request(Method::POST, "/api/clients").header("Content-Type", "application/json");
    answers.push(Answer::of(raw.body(format!("{{\"bot_token\": {}", secrets[0]))).await);
    for path in [
        "/api/clients",
        &format!("/api/clients/{id}"),
        "/api/orders",
        &format!("/api/orders/{order}"),
        "/api/payments",
        "/api/queue",
        "/api/tasks/j_1",
        "/api/tasks/j_2",
        "/api/audit",
        "/api/plans",
        &format!("/payment/success?order={order}"),
        "/health",
        "/health/live",
        "/health/ready",
    ] {
        answers.push(stage.get(path).await);
    }
    for answer in answers {
        for secret in &secrets {
            let letters = secret.split(':').next_back().unwrap();
            assert!(!answer.text.contains(letters), "{}", answer.text);
            let told = format!("{:?}", answer.headers);
            assert!(!told.contains(letters), "{told}");
        }
    }
}

/// D-044: what failed inside is in the log under the request's id, and not in the answer.
#[tokio::test]
async fn an_error_inside_is_told_by_its_id_alone() {
    let stage = Stage::open().await;
    stage.deps.store.clone().close();
    for path in ["/api/clients", "/api/orders", "/api/payments", "/api/queue", "/api/audit"] {
        let answer = stage.get(path).await;
        assert_eq!(answer.status.as_u16(), 500, "{path}: {}", answer.text);
        let id = answer.header("x-request-id").to_owned();
        let expected = json!({
            "type": "urn:slotbox:problem:internal", "title": "Something went wrong here",
            "status": 500, "request_id": id,
        });
        assert_eq!(answer.json, expected, "{path}");
    }
}

/// D-045: a stranger who posts to the webhook learns nothing of what failed.
#[tokio::test]
async fn the_webhook_tells_a_stranger_nothing_of_an_error() {
    let stage = Stage::open().await;
    let order = stage.order(&stage.add_client().await).await;
    let payment = order["payment_id"].as_str().unwrap();
    stage.deps.store.clone().close();
    let notice = json!({
        "type": "notification", "event": "payment.succeeded",
        "object": {"id": payment, "status": "succeeded"},
    });
    let answer = stage.notify(notice.to_string()).await;
    assert_eq!(answer.status.as_u16(), 503);
    assert_eq!(answer.text, r#"{"status":"error","error":"not-kept"}"#);
    let nonsense = stage.notify("nonsense").await;
    assert_eq!(nonsense.text, r#"{"status":"error","error":"not-a-notification"}"#);
}
