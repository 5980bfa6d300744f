//! The YooKassa client and the simulated shop, over the wire.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

mod answers;
mod calls;
mod notices;
mod page;
mod shop;

use std::time::Duration;

use jiff::Timestamp;
use slotbox::clock::{Clock, ClockHand};
use slotbox::domain::ids::{ClientId, OrderId};
use slotbox::domain::money::Money;
use slotbox::external::yookassa::{
    IdempotenceKey, Limits, NewPayment, ProviderPayment, Settings, YooKassa, payment_request,
};
use slotbox::sandbox::yookassa::YooKassaSim;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// A shop at noon, and a client of it.
struct Stage {
    shop: YooKassaSim,
    client: YooKassa,
    hand: ClockHand,
}

impl Stage {
    async fn set() -> Self {
        Self::within(Limits::default()).await
    }

    /// Sets the stage with a client that gives up sooner.
    async fn within(limits: Limits) -> Self {
        let (clock, hand) = Clock::stopped(noon());
        let shop = YooKassaSim::start(clock).await.unwrap();
        let client = YooKassa::with_limits(settings(&shop), limits).unwrap();
        Self { shop, client, hand }
    }

    /// Creates the payment of an order with its own key.
    async fn order(&self, number: u8) -> ProviderPayment {
        self.client.create_payment(&key(number), &body(number)).await.unwrap()
    }
}

fn noon() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn settings(shop: &YooKassaSim) -> Settings {
    Settings {
        api_url: shop.url(),
        shop_id: shop.shop_id().to_owned(),
        secret_key: shop.secret_key().to_owned().into(),
    }
}

fn key(number: u8) -> IdempotenceKey {
    IdempotenceKey::from_random([number; 16])
}

fn new_payment(order: u8) -> NewPayment {
    NewPayment {
        order: OrderId::from_bits(u128::from(order)),
        client: ClientId::from_bits(1),
        amount: money("299.00"),
        description: "Тариф «1 месяц»".to_owned(),
        return_url: "https://t.me/sales_bot".to_owned(),
        receipt: None,
    }
}

fn body(order: u8) -> Vec<u8> {
    payment_request(&new_payment(order))
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

/// Waits until `done`, within reason.
async fn until(what: &str, done: impl Fn() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !done() {
        assert!(tokio::time::Instant::now() < deadline, "{what} did not come");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
