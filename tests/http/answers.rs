//! The shape of each answer of the API, exactly.

use expect_test::{Expect, expect};
use reqwest::Method;
use serde_json::json;

use crate::stage::{Answer, Stage};

fn check(answer: &Answer, expected: &Expect) {
    expected.assert_eq(&answer.tidy());
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("x-request-id").starts_with("r_"), "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn a_client_is_added_shown_and_extended() {
    let stage = Stage::open().await;
    let mut client = stage.client();
    client["subscription_days"] = json!(90);
    client["paid_amount"] = json!("799.00");
    client["payment_id"] = json!("cash-1");
    let added = stage.post("/api/clients", &client).await;
    check(&added, &expect![[""]]);
    let task = added.json["task_id"].as_str().unwrap();
    assert_eq!(added.header("location"), format!("/api/tasks/{task}"));
    check(&stage.get(&format!("/api/tasks/{task}")).await, &expect![[""]]);

    let id = added.json["client_id"].as_str().unwrap();
    let path = format!("/api/clients/{id}");
    check(&stage.get(&path).await, &expect![[""]]);
    check(&stage.get("/api/clients").await, &expect![[""]]);

    let more = json!({"days": 30, "amount": 299.50, "payment_id": "cash-2"});
    let path = format!("{path}/extend");
    check(&stage.post(&path, &more).await, &expect![[""]]);
    check(&stage.post(&path, &more).await, &expect![[""]]);
    let none = json!({"days": 1});
    check(&stage.post(&path, &none).await, &expect![[""]]);
}

#[tokio::test]
async fn an_order_is_made_paid_and_on_record() {
    let stage = Stage::open().await;
    let client = stage.add_client().await;
    let body = json!({"client_id": client, "plan_id": "1m"});
    let made = stage.post("/api/orders", &body).await;
    check(&made, &expect![[""]]);
    let id = made.json["order_id"].as_str().unwrap();
    let path = format!("/api/orders/{id}");
    assert_eq!(made.header("location"), path);

    let payment = made.json["payment_id"].as_str().unwrap().parse().unwrap();
    stage
        .shop
        .pay(made.json["payment_id"].as_str().unwrap(), slotbox::sandbox::yookassa::Card::Ok)
        .unwrap();
    let till = stage.deps.till.as_ref().unwrap();
    slotbox::actions::settle::settle(&stage.deps, till, &payment).await.unwrap();
    check(&stage.get(&path).await, &expect![[""]]);
    check(&stage.get("/api/orders").await, &expect![[""]]);
    check(&stage.get(&format!("/api/payments/{payment}")).await, &expect![[""]]);
    check(&stage.get("/api/payments").await, &expect![[""]]);
    check(&stage.get(&format!("/api/clients/{client}/payments")).await, &expect![[""]]);
}

#[tokio::test]
async fn the_queue_is_shown_at_a_glance() {
    let stage = Stage::open().await;
    check(&stage.get("/api/queue").await, &expect![[""]]);
    stage.add_client().await;
    stage.hand.advance(jiff::SignedDuration::from_secs(90));
    check(&stage.get("/api/queue").await, &expect![[""]]);
    stage.worker.abort();
    while stage.get("/api/queue").await.json["active"] != json!(false) {}
}

#[tokio::test]
async fn plans_and_the_audit_log_are_shown() {
    let stage = Stage::open().await;
    check(&stage.get("/api/plans").await, &expect![[""]]);
    stage.add_client().await;
    check(&stage.get("/api/audit").await, &expect![[""]]);
}

#[tokio::test]
async fn a_head_request_is_a_get_without_its_body() {
    let stage = Stage::open().await;
    let answer = Answer::of(stage.request(Method::HEAD, "/api/clients")).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
}
