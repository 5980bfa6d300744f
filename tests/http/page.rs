//! The payer's page.

use std::time::{Duration, Instant};

use reqwest::Method;
use slotbox::sandbox::yookassa::{Card, Fault};

use crate::stage::{Answer, Stage};

async fn show(stage: &Stage, query: &str) -> Answer {
    let answer = Answer::of(stage.bare(Method::GET, &format!("/payment/success{query}"))).await;
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("cache-control"), "no-store");
    for outside in ["<script", "src=", "<link", "url("] {
        assert!(!answer.text.contains(outside), "{}", answer.text);
    }
    answer
}

struct Paying {
    stage: Stage,
    query: String,
    payment: String,
}

async fn ordered() -> Paying {
    let stage = Stage::open().await;
    let client = stage.add_client().await;
    let order = stage.order(&client).await;
    let query = format!("?order={}", order["order_id"].as_str().unwrap());
    let payment = order["payment_id"].as_str().unwrap().to_owned();
    Paying { stage, query, payment }
}

/// D-140: the payer came back to a page that was not there.
#[tokio::test]
async fn a_payer_sees_the_order_waiting_and_then_paid() {
    let Paying { stage, query, payment } = ordered().await;
    let waiting = show(&stage, &query).await;
    assert_eq!(waiting.status, 200);
    assert!(waiting.text.contains("Ждём подтверждения"), "{}", waiting.text);
    assert!(waiting.text.contains("http-equiv=\"refresh\""));
    assert!(waiting.text.contains("Перейти к оплате"));
    assert!(waiting.text.contains("https://t.me/sales_bot"));
    assert!(waiting.text.contains("299 ₽"));

    stage.shop.pay(&payment, Card::Ok).unwrap();
    let paid = show(&stage, &query).await;
    assert!(paid.text.contains("Оплата получена"), "{}", paid.text);
    assert!(!paid.text.contains("http-equiv=\"refresh\""));
    let id = query.trim_start_matches("?order=");
    assert_eq!(stage.get(&format!("/api/orders/{id}")).await.json["state"], "paid");
}

#[tokio::test]
async fn every_end_of_an_order_has_its_words() {
    let Paying { stage, query, payment } = ordered().await;
    stage.shop.pay(&payment, Card::Declined("insufficient_funds")).unwrap();
    assert!(show(&stage, &query).await.text.contains("Оплата не прошла"));

    let Paying { stage, query, payment } = ordered().await;
    stage.shop.expire(&payment).unwrap();
    assert!(show(&stage, &query).await.text.contains("Время на оплату истекло"));

    let Paying { stage, query, payment } = ordered().await;
    stage.shop.pay(&payment, Card::Ok).unwrap();
    stage.shop.alter(&payment, |payment| payment.account_id = "another".to_owned()).unwrap();
    assert!(show(&stage, &query).await.text.contains("Платёж проверяется"));
}

#[tokio::test]
async fn the_page_is_shown_though_nobody_answers() {
    let Paying { stage, query, .. } = ordered().await;
    stage.shop.faults().outage(Some(Fault::Slow(Duration::from_secs(20))));
    stage.telegram.shutdown().await;
    let began = Instant::now();
    let shown = show(&stage, &query).await;
    assert!(began.elapsed() < Duration::from_secs(5));
    assert!(shown.text.contains("Ждём подтверждения"));
    assert!(!shown.text.contains("https://t.me/"));
}

#[tokio::test]
async fn a_link_that_leads_nowhere_gets_a_kind_page() {
    let stage = Stage::open().await;
    let unknown = show(&stage, "?order=o_00000000000000000000000000").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text.contains("Заказ не найден"));
    assert!(unknown.text.contains("https://t.me/sales_bot"));
    for query in ["", "?order=", "?order=7", "?order=%3Cscript%3E", "?order=%FF", "?other=1", "?%"]
    {
        let damaged = show(&stage, query).await;
        assert_eq!(damaged.status, 400, "{query}");
        assert!(damaged.text.contains("Ссылка повреждена"));
    }
    stage.deps.store.clone().close();
    let failed = show(&stage, "?order=o_00000000000000000000000000").await;
    assert_eq!(failed.status, 500);
    assert!(failed.text.contains("Что-то пошло не так"));
}
