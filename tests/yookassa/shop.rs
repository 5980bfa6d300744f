//! The simulated shop's own rules, asked without our client.

use jiff::SignedDuration;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use slotbox::sandbox::yookassa::{Card, ControlError, PayOutcome, SimStatus, YooKassaSim};

use crate::{Stage, money, noon};

/// Calls the shop's API as any HTTP client does.
struct Caller<'a> {
    shop: &'a YooKassaSim,
    http: Client,
}

impl<'a> Caller<'a> {
    fn new(shop: &'a YooKassaSim) -> Self {
        Self { shop, http: Client::builder().no_proxy().build().unwrap() }
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        let request = self.http.get(format!("{}{path}", self.shop.url()));
        self.send(request).await
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.http.post(format!("{}{path}", self.shop.url()));
        let request = request.header("Idempotence-Key", key).json(body);
        self.send(request).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> (StatusCode, Value) {
        let request = request.basic_auth(self.shop.shop_id(), Some(self.shop.secret_key()));
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }
}

fn order() -> Value {
    json!({
        "amount": { "value": "299.00", "currency": "RUB" },
        "confirmation": { "type": "redirect", "return_url": "https://example.ru/thanks" },
        "capture": true,
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut body = order();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[name] = value;
    body
}

#[tokio::test]
async fn a_stranger_is_sent_away() {
    let stage = Stage::set().await;
    let response = reqwest::get(format!("{}/me", stage.shop.url())).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let body: Value = response.json().await.unwrap();
    assert_eq!((&body["type"], &body["code"]), (&json!("error"), &json!("invalid_credentials")));
}

#[tokio::test]
async fn what_breaks_a_limit_is_refused_by_name() {
    let stage = Stage::set().await;
    let caller = Caller::new(&stage.shop);
    let many: serde_json::Map<_, _> = (0..17).map(|n| (n.to_string(), json!("x"))).collect();
    let long = "ы".repeat(129);
    for (number, (body, parameter)) in [
        (json!({}), "amount"),
        (with("/amount/value", json!("0.00")), "amount.value"),
        (with("/amount/value", json!("-5.00")), "amount.value"),
        (with("/amount/value", json!("700000.01")), "amount.value"),
        (with("/amount/value", json!(299.0)), "amount.value"),
        (with("/amount/currency", json!("RUR")), "amount.currency"),
        (with("/capture", json!("yes")), "capture"),
        (with("/description", json!(long)), "description"),
        (with("/metadata", json!({ "order": 5 })), "metadata"),
        (with("/metadata", Value::Object(many)), "metadata"),
        (with("/metadata", json!({ "k".repeat(33): "x" })), "metadata"),
        (with("/merchant_customer_id", json!("x".repeat(201))), "merchant_customer_id"),
        (with("/confirmation", Value::Null), "confirmation"),
        (with("/confirmation/type", json!("qr")), "confirmation.type"),
        (with("/confirmation/return_url", json!("javascript:x")), "confirmation.return_url"),
        (with("/receipt", json!({ "items": [] })), "receipt.customer"),
    ]
    .into_iter()
    .enumerate()
    {
        let (status, answer) = caller.post("/payments", &number.to_string(), &body).await;
        assert_eq!(
            (status, answer["parameter"].as_str()),
            (StatusCode::BAD_REQUEST, Some(parameter))
        );
    }
    assert_eq!(stage.shop.payments().len(), 0);
    let autopay = with("/save_payment_method", json!(true));
    assert_eq!(caller.post("/payments", "a", &autopay).await.0, StatusCode::FORBIDDEN);
    let keyless = caller.http.post(format!("{}/payments", stage.shop.url())).json(&order());
    let (status, answer) = caller.send(keyless).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(answer["parameter"], "Idempotence-Key");
    let odd = caller.post("/payments", "no spaces", &order()).await;
    assert_eq!(odd.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_key_lives_for_a_day() {
    let stage = Stage::set().await;
    let caller = Caller::new(&stage.shop);
    let (_, first) = caller.post("/payments", "k", &order()).await;
    stage.shop.pay(first["id"].as_str().unwrap(), Card::Ok).unwrap();
    stage.hand.advance(SignedDuration::from_hours(24) - SignedDuration::from_secs(1));
    let (status, again) = caller.post("/payments", "k", &order()).await;
    assert_eq!((status, &again), (StatusCode::OK, &first), "the first result, word for word");
    stage.hand.advance(SignedDuration::from_secs(1));
    let (_, second) = caller.post("/payments", "k", &order()).await;
    assert_ne!(second["id"], first["id"]);
}

#[tokio::test]
async fn a_payer_has_an_hour() {
    let stage = Stage::set().await;
    let id = stage.order(1).await.id;
    stage.hand.advance(SignedDuration::from_mins(59));
    assert_eq!(stage.shop.payment(id.as_str()).unwrap().status, SimStatus::Pending);
    stage.hand.advance(SignedDuration::from_mins(1));
    let ended = stage.client.payment(&id).await.unwrap();
    let reason = ended.cancellation.and_then(|why| why.reason);
    assert_eq!(reason.as_deref(), Some("expired_on_confirmation"));
    assert_eq!(stage.shop.pay(id.as_str(), Card::Ok), Err(ControlError::WrongStatus));
}

#[tokio::test]
async fn held_money_is_taken_let_go_or_falls_back() {
    let stage = Stage::set().await;
    let caller = Caller::new(&stage.shop);
    let mut ids = Vec::new();
    for number in 0..3 {
        let held = with("/capture", json!(false));
        let (_, made) = caller.post("/payments", &format!("k{number}"), &held).await;
        let id = made["id"].as_str().unwrap().to_owned();
        let early = caller.post(&format!("/payments/{id}/cancel"), "e", &json!({})).await;
        assert_eq!(early.0, StatusCode::BAD_REQUEST, "a pending payment cannot be cancelled");
        assert_eq!(stage.shop.pay(&id, Card::Ok), Ok(PayOutcome::Held));
        ids.push(id);
    }
    let part = json!({ "amount": { "value": "99.00", "currency": "RUB" } });
    let (_, taken) = caller.post(&format!("/payments/{}/capture", ids[0]), "c", &part).await;
    assert_eq!(
        (&taken["status"], &taken["amount"]["value"]),
        (&json!("succeeded"), &json!("99.00"))
    );
    let (_, let_go) = caller.post(&format!("/payments/{}/cancel", ids[1]), "d", &json!({})).await;
    assert_eq!(let_go["cancellation_details"]["reason"], "canceled_by_merchant");
    stage.hand.advance(SignedDuration::from_hours(7 * 24));
    let (_, fallen) = caller.get(&format!("/payments/{}", ids[2])).await;
    assert_eq!(fallen["cancellation_details"]["reason"], "expired_on_capture");
    assert_eq!((&fallen["paid"], &fallen["status"]), (&json!(false), &json!("canceled")));
}

#[tokio::test]
async fn lists_keep_to_their_filters() {
    let stage = Stage::set().await;
    let caller = Caller::new(&stage.shop);
    for number in 0..3 {
        stage.order(number).await;
        stage.hand.advance(SignedDuration::from_mins(10));
    }
    let newest = stage.shop.payments()[2].id.clone();
    stage.shop.pay(&newest, Card::Ok).unwrap();
    let at = |minutes| noon() + SignedDuration::from_mins(minutes);
    for (query, expected) in [
        (String::new(), 3),
        ("status=succeeded".to_owned(), 1),
        ("limit=2".to_owned(), 2),
        (format!("created_at.gte={}", at(10)), 2),
        (format!("created_at.gt={}", at(10)), 1),
        (format!("created_at.lt={}", at(10)), 1),
        ("created_at.gt=9999-12-30T22:00:00.999999999Z".to_owned(), 0),
        ("created_at.lt=-009999-01-02T01:59:59Z".to_owned(), 0),
        ("created_at.lte=9999-12-30T22:00:00.999999999Z".to_owned(), 3),
        (format!("created_at.gte={}&created_at.lte={}", at(10), at(10)), 1),
    ] {
        let (_, list) = caller.get(&format!("/payments?{query}")).await;
        assert_eq!(list["items"].as_array().map(Vec::len), Some(expected), "{query}");
    }
    let (_, list) = caller.get("/payments").await;
    assert_eq!((&list["items"][0]["id"], &list["next_cursor"]), (&json!(newest), &Value::Null));
    for query in ["limit=0", "limit=101", "limit=x", "cursor=x", "created_at.gte=today"] {
        let (status, _) = caller.get(&format!("/payments?{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn a_test_can_forge_what_a_payment_says() {
    let stage = Stage::set().await;
    let id = stage.order(1).await.id;
    stage.shop.pay(id.as_str(), Card::Ok).unwrap();
    let forge = |payment: &mut slotbox::sandbox::yookassa::SimPayment| {
        payment.amount = money("1.00");
        payment.account_id = "666".to_owned();
    };
    stage.shop.alter(id.as_str(), forge).unwrap();
    let read = stage.client.payment(&id).await.unwrap();
    assert_eq!(read.amount.and_then(|amount| amount.roubles()), Some(money("1.00")));
    assert_eq!(read.account_id.as_deref(), Some("666"));
}

#[tokio::test]
async fn a_declined_card_cancels_for_its_reason() {
    let stage = Stage::set().await;
    let id = stage.order(1).await.id;
    let outcome = stage.shop.pay(id.as_str(), Card::Declined("country_forbidden")).unwrap();
    assert!(matches!(outcome, PayOutcome::Declined(why) if why.party == "yoo_money"));
    let ended = stage.client.payment(&id).await.unwrap().cancellation.unwrap();
    assert_eq!(ended.reason.as_deref(), Some("country_forbidden"));
}

#[tokio::test]
async fn a_quiet_shop_keeps_no_log() {
    let stage = Stage::set().await;
    stage.order(1).await;
    assert_eq!((stage.shop.requests().len(), stage.shop.events().len()), (1, 1));
    stage.shop.quiet();
    stage.order(2).await;
    assert_eq!((stage.shop.requests().len(), stage.shop.events().len()), (0, 0));
}
