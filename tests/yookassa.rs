//! The YooKassa client against the simulated shop: every way in which a call can end.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use slotbox::clock::{Clock, ClockHand};
use slotbox::domain::ids::{ClientId, OrderId, PaymentId};
use slotbox::domain::money::Money;
use slotbox::external::yookassa::{
    IdempotenceKey, Limits, NewPayment, PaymentStatus, Settings, Unclear, YooKassa, YooKassaError,
    payment_request,
};
use slotbox::sandbox::yookassa::{CallKind, Card, Fault, YooKassaSim};

struct Stage {
    shop: YooKassaSim,
    client: YooKassa,
    hand: ClockHand,
}

impl Stage {
    async fn set() -> Self {
        let (clock, hand) = Clock::stopped(noon());
        let shop = YooKassaSim::start(clock).await.unwrap();
        let limits = Limits {
            connect: Duration::from_millis(500),
            post: Duration::from_millis(400),
            get: Duration::from_millis(900),
            concurrency: 4,
        };
        let client = YooKassa::with_limits(settings(&shop, shop.secret_key()), limits).unwrap();
        Self { shop, client, hand }
    }
}

fn noon() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn settings(shop: &YooKassaSim, key: &str) -> Settings {
    let (api_url, shop_id) = (shop.url(), shop.shop_id().to_owned());
    Settings { api_url, shop_id, secret_key: key.to_owned().into() }
}

fn key(number: u8) -> IdempotenceKey {
    IdempotenceKey::from_random([number; 16])
}

fn body(order: u128) -> Vec<u8> {
    payment_request(&NewPayment {
        order: OrderId::from_bits(order),
        client: ClientId::from_bits(1),
        amount: price(),
        description: "Тариф «1 месяц»".to_owned(),
        return_url: "https://t.me/sales_bot".to_owned(),
        receipt: None,
    })
}

fn price() -> Money {
    "299.00".parse().unwrap()
}

#[tokio::test]
async fn a_payment_is_created_paid_and_read() {
    let Stage { shop, client, hand } = Stage::set().await;
    let made = client.create_payment(&key(1), &body(7)).await.unwrap();
    assert_eq!(made.status, PaymentStatus::Pending);
    assert!(made.confirmation_url.is_some_and(|url| url.contains("/checkout/")));
    hand.advance(SignedDuration::from_mins(5));
    shop.pay(made.id.as_str(), Card::Ok).unwrap();
    let read = client.payment(&made.id).await.unwrap();
    assert_eq!(read.status, PaymentStatus::Succeeded);
    assert_eq!(read.amount.and_then(|amount| amount.roubles()), Some(price()));
    assert_eq!(read.refunded_amount.and_then(|amount| amount.roubles()), Some(Money::ZERO));
    assert_eq!((read.paid, read.test), (Some(true), Some(true)));
    assert_eq!(read.account_id.as_deref(), Some(shop.shop_id()));
    assert_eq!(read.order_id, Some(OrderId::from_bits(7).to_string()));
    assert_eq!(read.captured_at, Some(noon() + SignedDuration::from_mins(5)));
    assert_eq!((read.confirmation_url, read.method.as_deref()), (None, Some("bank_card")));
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_with_the_same_key() {
    let Stage { shop, client, .. } = Stage::set().await;
    shop.faults().once(CallKind::CreatePayment, Fault::CutBefore);
    shop.faults().once(CallKind::CreatePayment, Fault::CutAfter);
    shop.faults().once(CallKind::CreatePayment, Fault::FailAfter);
    for unclear in [Unclear::Cut, Unclear::Cut, Unclear::ServerError(500)] {
        let err = client.create_payment(&key(1), &body(7)).await.unwrap_err();
        assert_eq!(err, YooKassaError::OutcomeUnknown(unclear));
    }
    let made = client.create_payment(&key(1), &body(7)).await.unwrap();
    let payments = shop.payments();
    assert_eq!(payments.len(), 1, "{payments:?}");
    assert_eq!(payments[0].id, made.id.as_str());
    let told: Vec<_> = shop.requests().iter().map(|request| request.status).collect();
    assert_eq!(told, [None, None, Some(500), Some(200)]);
}

#[tokio::test]
async fn an_unknown_payment_is_not_found() {
    let Stage { client, .. } = Stage::set().await;
    let nobody: PaymentId = "2f1c0000-0000".parse().unwrap();
    assert_eq!(client.payment(&nobody).await.unwrap_err(), YooKassaError::NotFound);
}
