//! The shape of each answer of the API, exactly: what callers rely on stands in `answers/`.

use expect_test::{ExpectFile, expect_file};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use slotbox::actions::settle::settle;
use slotbox::sandbox::yookassa::Card;

use crate::stage::{Answer, Stage, tidy_text};

/// A talk with the API, written down as it goes.
struct Talk {
    stage: Stage,
    text: String,
}

impl Talk {
    async fn begin() -> Self {
        Self { stage: Stage::open().await, text: String::new() }
    }

    async fn get(&mut self, path: &str) -> Answer {
        let answer = self.stage.get(path).await;
        self.write("GET", path, &answer);
        answer
    }

    async fn post(&mut self, path: &str, body: &Value) -> Answer {
        let answer = self.stage.post(path, body).await;
        self.write("POST", path, &answer);
        answer
    }

    fn write(&mut self, method: &str, path: &str, answer: &Answer) {
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(answer.header("x-request-id").starts_with("r_"), "{answer:?}");
        let path: Vec<_> = path.split('/').map(tidy_text).collect();
        self.text.push_str(&format!("{method} {}\n{}\n\n", path.join("/"), answer.tidy()));
    }

    fn check(&self, expected: &ExpectFile) {
        expected.assert_eq(&self.text);
    }
}

#[tokio::test]
async fn a_client_is_added_shown_and_extended() {
    let mut talk = Talk::begin().await;
    let mut client = talk.stage.client();
    client["subscription_days"] = json!(90);
    client["paid_amount"] = json!("799.00");
    client["payment_id"] = json!("cash-1");
    let added = talk.post("/api/clients", &client).await;
    let job = format!("/api/tasks/{}", added.json["task_id"].as_str().unwrap());
    assert_eq!(added.header("location"), job);
    talk.get(&job).await;

    let path = format!("/api/clients/{}", added.json["client_id"].as_str().unwrap());
    talk.get(&path).await;
    talk.get("/api/clients").await;
    let more = json!({"days": 30, "amount": "299.50", "payment_id": "cash-2"});
    talk.post(&format!("{path}/extend"), &more).await;
    talk.post(&format!("{path}/extend"), &more).await;
    talk.post(&format!("{path}/extend"), &json!({"days": 1})).await;
    talk.get(&format!("{path}/payments")).await;
    talk.check(&expect_file!["./answers/clients.txt"]);
}

#[tokio::test]
async fn an_order_is_made_paid_and_on_record() {
    let mut talk = Talk::begin().await;
    let client = talk.stage.add_client().await;
    let made = talk.post("/api/orders", &json!({"client_id": client, "plan_id": "1m"})).await;
    let path = format!("/api/orders/{}", made.json["order_id"].as_str().unwrap());
    assert_eq!(made.header("location"), path);

    let payment = made.json["payment_id"].as_str().unwrap();
    talk.stage.shop.pay(payment, Card::Ok).unwrap();
    let deps = &talk.stage.deps;
    settle(deps, deps.till.as_ref().unwrap(), &payment.parse().unwrap()).await.unwrap();
    talk.get(&path).await;
    talk.get("/api/orders").await;
    talk.get(&format!("/api/payments/{payment}")).await;
    talk.get("/api/payments").await;
    talk.get(&format!("/api/clients/{client}")).await;
    talk.check(&expect_file!["./answers/orders.txt"]);
}

#[tokio::test]
async fn the_queue_is_shown_at_a_glance() {
    let mut talk = Talk::begin().await;
    talk.get("/api/queue").await;
    talk.stage.add_client().await;
    talk.stage.hand.advance(SignedDuration::from_secs(90));
    talk.get("/api/queue").await;
    talk.check(&expect_file!["./answers/queue.txt"]);
    talk.stage.worker.abort();
    while talk.stage.get("/api/queue").await.json["active"] != json!(false) {}
}

#[tokio::test]
async fn plans_and_the_audit_log_are_shown() {
    let mut talk = Talk::begin().await;
    talk.get("/api/plans").await;
    talk.stage.add_client().await;
    talk.get("/api/audit").await;
    talk.check(&expect_file!["./answers/catalog.txt"]);
}

#[tokio::test]
async fn a_head_request_is_a_get_without_its_body() {
    let stage = Stage::open().await;
    let answer = Answer::of(stage.request(Method::HEAD, "/api/clients")).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
}
