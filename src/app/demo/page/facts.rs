//! What the business knows of itself, asked over its API like anybody else.

use jiff::Timestamp;
use serde::Deserialize;

use super::super::Browser;

/// How many orders and payments are shown.
const NEWEST: usize = 8;

/// The answer of a whole round of questions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) clients: Vec<ClientFact>,
    pub(super) orders: Vec<OrderFact>,
    pub(super) payments: Vec<PaymentFact>,
    pub(super) queue: QueueFact,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct ClientFact {
    pub(super) client_id: String,
    pub(super) company_name: String,
    #[serde(deserialize_with = "text_or_nothing")]
    pub(super) bot_username: String,
    pub(super) admin_telegram_id: i64,
    pub(super) state: String,
    pub(super) runtime: String,
    pub(super) subscription_expires_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Amount {
    pub(super) value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct OrderFact {
    pub(super) order_id: String,
    pub(super) plan_id: String,
    pub(super) amount: Amount,
    pub(super) state: String,
    pub(super) created_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct PaymentFact {
    pub(super) payment_id: String,
    pub(super) source: String,
    pub(super) amount: Amount,
    pub(super) days: u32,
    pub(super) state: String,
    pub(super) settled_at: Timestamp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct QueueFact {
    pub(super) queued: u64,
    pub(super) waiting: u64,
    pub(super) running: u64,
    pub(super) dead: u64,
}

#[derive(Deserialize)]
struct List<T> {
    items: Vec<T>,
}

impl Facts {
    /// Asks for everything.
    pub(super) async fn ask(browser: &Browser) -> anyhow::Result<Self> {
        let clients: List<_> = browser.ask("clients?limit=200").await?;
        let orders: List<_> = browser.ask(&format!("orders?limit={NEWEST}")).await?;
        let payments: List<_> = browser.ask(&format!("payments?limit={NEWEST}")).await?;
        let queue = browser.ask("queue").await?;
        let (orders, payments) = (orders.items, payments.items);
        Ok(Self { clients: clients.items, orders, payments, queue })
    }
}

/// A client whose bot is still to come has none.
fn text_or_nothing<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
