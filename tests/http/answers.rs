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
    check(
        &added,
        &expect![[r#"
        202 {
          "bot_username": "salon0_bot",
          "client_id": "c_*",
          "subscription_expires_at": "2027-02-21T10:00:00Z",
          "task_id": "j_1"
        }"#]],
    );
    let task = added.json["task_id"].as_str().unwrap();
    assert_eq!(added.header("location"), format!("/api/tasks/{task}"));
    check(
        &stage.get(&format!("/api/tasks/{task}")).await,
        &expect![[r#"
        200 {
          "attempts": 0,
          "client_id": "c_*",
          "created_at": "2026-11-23T10:00:00Z",
          "error": null,
          "kind": "deploy_client",
          "max_attempts": 5,
          "run_at": "2026-11-23T10:00:00Z",
          "state": "queued",
          "task_id": "j_1"
        }"#]],
    );

    let id = added.json["client_id"].as_str().unwrap();
    let path = format!("/api/clients/{id}");
    check(
        &stage.get(&path).await,
        &expect![[r#"
        200 {
          "admin_telegram_id": 111,
          "bot_username": "salon0_bot",
          "client_id": "c_*",
          "company_name": "Salon",
          "created_at": "2026-11-23T10:00:00Z",
          "plan_id": null,
          "runtime": "starting",
          "state": "active",
          "subscription_expires_at": "2027-02-21T10:00:00Z"
        }"#]],
    );
    check(
        &stage.get("/api/clients").await,
        &expect![[r#"
        200 {
          "items": [
            {
              "admin_telegram_id": 111,
              "bot_username": "salon0_bot",
              "client_id": "c_*",
              "company_name": "Salon",
              "created_at": "2026-11-23T10:00:00Z",
              "plan_id": null,
              "runtime": "starting",
              "state": "active",
              "subscription_expires_at": "2027-02-21T10:00:00Z"
            }
          ],
          "next": null
        }"#]],
    );

    let more = json!({"days": 30, "amount": 299.50, "payment_id": "cash-2"});
    let path = format!("{path}/extend");
    check(
        &stage.post(&path, &more).await,
        &expect![[r#"
        200 {
          "applied": true,
          "client_id": "c_*",
          "subscription_expires_at": "2027-03-23T10:00:00Z"
        }"#]],
    );
    check(
        &stage.post(&path, &more).await,
        &expect![[r#"
        200 {
          "applied": false,
          "client_id": "c_*",
          "subscription_expires_at": "2027-03-23T10:00:00Z"
        }"#]],
    );
    let none = json!({"days": 1});
    check(
        &stage.post(&path, &none).await,
        &expect![[r#"
        200 {
          "applied": true,
          "client_id": "c_*",
          "subscription_expires_at": "2027-03-24T10:00:00Z"
        }"#]],
    );
}

#[tokio::test]
async fn an_order_is_made_paid_and_on_record() {
    let stage = Stage::open().await;
    let client = stage.add_client().await;
    let body = json!({"client_id": client, "plan_id": "1m"});
    let made = stage.post("/api/orders", &body).await;
    check(
        &made,
        &expect![[r#"
        201 {
          "amount": {
            "currency": "RUB",
            "value": "299.00"
          },
          "client_id": "c_*",
          "confirmation_url": "<url>",
          "created_at": "2026-11-23T10:00:00Z",
          "expires_at": "2026-11-23T11:00:00Z",
          "order_id": "o_*",
          "payment_id": "<payment>",
          "plan_id": "1m",
          "state": "open"
        }"#]],
    );
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
    check(
        &stage.get(&path).await,
        &expect![[r#"
        200 {
          "amount": {
            "currency": "RUB",
            "value": "299.00"
          },
          "client_id": "c_*",
          "confirmation_url": "<url>",
          "created_at": "2026-11-23T10:00:00Z",
          "expires_at": "2026-11-23T11:00:00Z",
          "order_id": "o_*",
          "payment_id": "<payment>",
          "plan_id": "1m",
          "state": "paid"
        }"#]],
    );
    check(
        &stage.get("/api/orders").await,
        &expect![[r#"
        200 {
          "items": [
            {
              "amount": {
                "currency": "RUB",
                "value": "299.00"
              },
              "client_id": "c_*",
              "confirmation_url": "<url>",
              "created_at": "2026-11-23T10:00:00Z",
              "expires_at": "2026-11-23T11:00:00Z",
              "order_id": "o_*",
              "payment_id": "<payment>",
              "plan_id": "1m",
              "state": "paid"
            }
          ],
          "next": null
        }"#]],
    );
    check(
        &stage.get(&format!("/api/payments/{payment}")).await,
        &expect![[r#"
        200 {
          "amount": {
            "currency": "RUB",
            "value": "299.00"
          },
          "client_id": "c_*",
          "days": 30,
          "order_id": "o_*",
          "payment_id": "<payment>",
          "refunded": {
            "currency": "RUB",
            "value": "0.00"
          },
          "settled_at": "2026-11-23T10:00:00Z",
          "source": "yookassa",
          "state": "settled"
        }"#]],
    );
    check(
        &stage.get("/api/payments").await,
        &expect![[r#"
        200 {
          "items": [
            {
              "amount": {
                "currency": "RUB",
                "value": "299.00"
              },
              "client_id": "c_*",
              "days": 30,
              "order_id": "o_*",
              "payment_id": "<payment>",
              "refunded": {
                "currency": "RUB",
                "value": "0.00"
              },
              "settled_at": "2026-11-23T10:00:00Z",
              "source": "yookassa",
              "state": "settled"
            }
          ],
          "next": null
        }"#]],
    );
    check(
        &stage.get(&format!("/api/clients/{client}/payments")).await,
        &expect![[r#"
        200 {
          "items": [
            {
              "amount": {
                "currency": "RUB",
                "value": "299.00"
              },
              "client_id": "c_*",
              "days": 30,
              "order_id": "o_*",
              "payment_id": "<payment>",
              "refunded": {
                "currency": "RUB",
                "value": "0.00"
              },
              "settled_at": "2026-11-23T10:00:00Z",
              "source": "yookassa",
              "state": "settled"
            }
          ],
          "next": null
        }"#]],
    );
}

#[tokio::test]
async fn the_queue_is_shown_at_a_glance() {
    let stage = Stage::open().await;
    check(
        &stage.get("/api/queue").await,
        &expect![[r#"
        200 {
          "active": true,
          "by_kind": {},
          "dead": 0,
          "oldest_age_seconds": 0,
          "queued": 0,
          "running": 0,
          "waiting": 0
        }"#]],
    );
    stage.add_client().await;
    stage.hand.advance(jiff::SignedDuration::from_secs(90));
    check(
        &stage.get("/api/queue").await,
        &expect![[r#"
        200 {
          "active": true,
          "by_kind": {
            "deploy_client": {
              "queued": 1,
              "running": 0
            }
          },
          "dead": 0,
          "oldest_age_seconds": 90,
          "queued": 1,
          "running": 0,
          "waiting": 0
        }"#]],
    );
    stage.worker.abort();
    while stage.get("/api/queue").await.json["active"] != json!(false) {}
}

#[tokio::test]
async fn plans_and_the_audit_log_are_shown() {
    let stage = Stage::open().await;
    check(
        &stage.get("/api/plans").await,
        &expect![[r#"
        200 {
          "items": [
            {
              "days": 30,
              "name": "Starter",
              "plan_id": "1m",
              "price": {
                "currency": "RUB",
                "value": "299.00"
              }
            },
            {
              "days": 90,
              "name": "Standard",
              "plan_id": "3m",
              "price": {
                "currency": "RUB",
                "value": "799.00"
              }
            },
            {
              "days": 180,
              "name": "Business",
              "plan_id": "6m",
              "price": {
                "currency": "RUB",
                "value": "1499.00"
              }
            },
            {
              "days": 365,
              "name": "Premium",
              "plan_id": "12m",
              "price": {
                "currency": "RUB",
                "value": "2499.00"
              }
            }
          ],
          "next": null
        }"#]],
    );
    stage.add_client().await;
    check(
        &stage.get("/api/audit").await,
        &expect![[r#"
        200 {
          "items": [
            {
              "action": "client.added",
              "actor": "api",
              "at": "2026-11-23T10:00:00Z",
              "client_id": "c_*",
              "detail": "30 days 0.00"
            }
          ],
          "next": null
        }"#]],
    );
}

#[tokio::test]
async fn a_head_request_is_a_get_without_its_body() {
    let stage = Stage::open().await;
    let answer = Answer::of(stage.request(Method::HEAD, "/api/clients")).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
}
