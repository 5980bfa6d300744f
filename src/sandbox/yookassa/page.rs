//! The payment page: what a payer sees instead of YooKassa's own.

use std::fmt::Write;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::cards::{Card, TEST_CARDS, TestCard, Verdict};
use super::ledger::{ControlError, SimPayment, SimStatus};
use super::shop::Shop;

const FRAME: &str = include_str!("page/frame.html");

/// What the page's form sends.
#[derive(Deserialize)]
pub(super) struct Paid {
    #[serde(default)]
    card: String,
}

/// `GET /checkout/{payment}`
pub(super) async fn show(State(shop): State<Arc<Shop>>, Path(id): Path<String>) -> Response {
    match shop.with(|ledger| ledger.payment(&id).cloned()) {
        Some(payment) => Html(page(&payment, "")).into_response(),
        None => not_found(),
    }
}

/// `POST /checkout/{payment}`: pays with the card and leads back to the shop, paid or not.
pub(super) async fn pay(
    State(shop): State<Arc<Shop>>,
    Path(id): Path<String>,
    Form(paid): Form<Paid>,
) -> Response {
    let Some(payment) = shop.with(|ledger| ledger.payment(&id).cloned()) else {
        return not_found();
    };
    let Some(verdict) = Verdict::of(Card::Number(paid.card)) else {
        let page = page(&payment, "Это не тестовая карта. Выберите карту из списка.");
        return (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response();
    };
    match shop.with(|ledger| ledger.pay(&id, verdict)) {
        Ok(_) | Err(ControlError::WrongStatus) => Redirect::to(&payment.return_url).into_response(),
        Err(ControlError::Unknown | ControlError::TooMuch | ControlError::UnknownCard) => {
            not_found()
        }
    }
}

fn not_found() -> Response {
    let page = frame("Платёж не найден", "<p>Такого платежа в этом магазине нет.</p>");
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

fn page(payment: &SimPayment, complaint: &str) -> String {
    let description = payment.description.as_deref().unwrap_or("Оплата заказа");
    let mut body = format!(
        "<p class=what>{}</p><p class=sum>{} ₽</p>",
        escape(description),
        escape(&payment.amount.to_string().replace('.', ","))
    );
    if !complaint.is_empty() {
        body.push_str(&format!("<p class=bad role=alert>{}</p>", escape(complaint)));
    }
    let back = escape(&payment.return_url);
    let back = format!("<p><a href=\"{back}\">Вернуться в магазин</a></p>");
    match payment.status {
        SimStatus::Pending => body.push_str(&form()),
        SimStatus::Succeeded | SimStatus::WaitingForCapture => {
            body.push_str("<p class=good>Оплачено. Спасибо!</p>");
        }
        SimStatus::Canceled => body.push_str("<p class=bad>Платёж не прошёл или истёк.</p>"),
    }
    body.push_str(&back);
    frame("Оплата", &body)
}

fn form() -> String {
    let mut form = String::from("<form method=post><fieldset><legend>Тестовая карта</legend>");
    for (place, card) in TEST_CARDS.iter().enumerate() {
        let checked = if place == 0 { " checked" } else { "" };
        let number = card.number;
        let line = write!(
            form,
            "<label><input type=radio name=card value={number}{checked}>\
             <span><b>{}</b><small>{}</small></span></label>",
            grouped(number),
            escape(&meaning(card))
        );
        if line.is_err() {
            break; // Writing to a text does not fail.
        }
    }
    form.push_str("</fieldset><button>Оплатить</button></form>");
    form
}

fn meaning(card: &TestCard) -> String {
    card.decline.map_or_else(
        || format!("{}, оплата пройдёт", card.network),
        |why| format!("откажет: {}", explained(why.reason)),
    )
}

fn explained(reason: &'static str) -> &'static str {
    match reason {
        "3d_secure_failed" => "не пройдена проверка 3-D Secure",
        "call_issuer" => "банк просит позвонить",
        "card_expired" => "срок карты истёк",
        "country_forbidden" => "карта этой страны не принимается",
        "fraud_suspected" => "подозрение на мошенничество",
        "general_decline" => "причина не названа",
        "insufficient_funds" => "не хватает денег",
        "invalid_card_number" => "неверный номер карты",
        "invalid_csc" => "неверный код CVC",
        "issuer_unavailable" => "банк недоступен",
        "payment_method_limit_exceeded" => "исчерпан лимит платежей",
        "payment_method_restricted" => "операции по карте запрещены",
        other => other,
    }
}

fn grouped(number: &str) -> String {
    let digit = |(place, digit)| {
        let gap = if place > 0 && place % 4 == 0 { " " } else { "" };
        format!("{gap}{digit}")
    };
    number.chars().enumerate().map(digit).collect()
}

fn frame(title: &str, body: &str) -> String {
    FRAME.replace("{title}", title).replacen("{body}", body, 1)
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
