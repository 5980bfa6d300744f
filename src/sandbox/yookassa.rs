//! The YooKassa API v3, simulated: a test shop on this machine, for the demo and for the tests.
//!
//! It speaks the wire protocol of `api.yookassa.ru`, shows a payment page, posts notifications
//! and fails on demand. What it knows lies in memory.

mod answer;
mod api;
mod cards;
mod checks;
mod event;
mod faults;
mod ledger;
mod line;
mod list;
mod notify;
mod page;
mod route;
mod shop;
mod view;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::broadcast;

use crate::clock::Clock;
use crate::domain::money::Money;

pub use cards::{Card, Decline, TEST_CARDS, TestCard};
pub use event::ShopEvent;
pub use faults::{CallKind, Fault, Faults, NoticeFault, Rates};
pub use ledger::{ControlError, PayOutcome, SimPayment, SimRefund, SimStatus};
pub use shop::Request;

use cards::Verdict;
use shop::Shop;

/// How long open connections and deliveries may take once a stop is asked for.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// A running test shop; clones are the same shop. It ends with [`shutdown`](Self::shutdown) or
/// with the runtime that it was started in.
#[derive(Clone)]
pub struct YooKassaSim {
    shop: Arc<Shop>,
}

impl YooKassaSim {
    /// Opens a shop on a free port of `127.0.0.1`.
    ///
    /// # Errors
    ///
    /// Returns the error of the listening socket.
    pub async fn start(clock: Clock) -> io::Result<Self> {
        Self::start_on(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), clock).await
    }

    /// Opens a shop on `address`.
    ///
    /// # Errors
    ///
    /// Returns the error of the listening socket.
    pub async fn start_on(address: SocketAddr, clock: Clock) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let base = format!("http://{}", listener.local_addr()?);
        let shop = Arc::new(Shop::new(base, clock)?);
        api::serve(&shop, listener);
        shop::expire_in_time(&shop);
        Ok(Self { shop })
    }

    /// Returns the API's base address, which `yookassa.api_url` is set to.
    pub fn url(&self) -> String {
        format!("{}/v3", self.shop.base())
    }

    /// Returns the shop's number.
    pub fn shop_id(&self) -> &str {
        shop::SHOP_ID
    }

    /// Returns the shop's key, of a test shop.
    pub fn secret_key(&self) -> &str {
        shop::SECRET_KEY
    }

    /// Sets where notifications go from now on, as in the cabinet; at first they go nowhere.
    pub fn notify_url(&self, url: Option<String>) {
        self.shop.set_notify_url(url);
    }

    /// Sets whether a payment without a receipt is refused.
    pub fn require_receipt(&self, required: bool) {
        self.shop.with(|ledger| ledger.receipt_required = required);
    }

    /// Sets whether new refunds stay pending, as by SBP, until
    /// [`finish_refund`](Self::finish_refund) or [`refuse_refund`](Self::refuse_refund).
    pub fn refunds_take_time(&self, slow: bool) {
        self.shop.with(|ledger| ledger.refunds_take_time = slow);
    }

    /// Keeps no log of requests and events from now on, and throws the old ones away.
    pub fn quiet(&self) {
        self.shop.quiet();
    }

    /// Pays with a card, as the payer does on the payment page.
    ///
    /// # Errors
    ///
    /// Returns [`ControlError`] for a payment that does not wait for its payer.
    pub fn pay(&self, payment_id: &str, card: Card) -> Result<PayOutcome, ControlError> {
        let verdict = Verdict::of(card).ok_or(ControlError::UnknownCard)?;
        self.shop.with(|ledger| ledger.pay(payment_id, verdict))
    }

    /// Ends a payment whose payer did not come, without waiting for the hour.
    ///
    /// # Errors
    ///
    /// Returns [`ControlError`] for a payment that does not wait for its payer.
    pub fn expire(&self, payment_id: &str) -> Result<(), ControlError> {
        self.shop.with(|ledger| ledger.expire(payment_id))
    }

    /// Cancels a payment whose money is held, as the operator does in the cabinet.
    ///
    /// # Errors
    ///
    /// Returns [`ControlError`] for a payment whose money is not held.
    pub fn cancel(&self, payment_id: &str) -> Result<(), ControlError> {
        self.shop.with(|ledger| ledger.cancel(payment_id))
    }

    /// Gives money back as the operator does in the cabinet: `amount`, or all that is left.
    /// Returns the refund's id.
    ///
    /// # Errors
    ///
    /// Returns [`ControlError`] for a payment that has not succeeded or has less left.
    pub fn refund_in_cabinet(
        &self,
        payment_id: &str,
        amount: Option<Money>,
    ) -> Result<String, ControlError> {
        self.shop.with(|ledger| ledger.refund_in_cabinet(payment_id, amount))
    }

    /// Lets a pending refund succeed.
    ///
    /// # Errors
    ///
    /// Returns [`ControlError`] for a refund that is not pending.
    pub fn finish_refund(&self, refund_id: &str) -> Result<(), ControlError> {
        self.shop.with(|ledger| ledger.finish_refund(refund_id))
    }

    /// Lets a pending refund be refused; YooKassa sends no notification of that.
    ///
    /// # Errors
    ///
    /// Returns [`ControlError`] for a refund that is not pending.
    pub fn refuse_refund(&self, refund_id: &str) -> Result<(), ControlError> {
        self.shop.with(|ledger| ledger.refuse_refund(refund_id))
    }

    /// Changes a payment behind everybody's back, to see who notices: another amount, currency,
    /// shop or mode. No notification is sent.
    ///
    /// # Errors
    ///
    /// Returns [`ControlError`] if there is no such payment.
    pub fn alter(
        &self,
        payment_id: &str,
        change: impl FnOnce(&mut SimPayment),
    ) -> Result<(), ControlError> {
        self.shop.with(|ledger| ledger.alter(payment_id, change))
    }

    /// Puts succeeded payments of `amount` into the shop, one for each metadata, without a word
    /// to anybody; returns their ids.
    pub fn insert_succeeded_payments(
        &self,
        amount: Money,
        metadata: impl IntoIterator<Item = BTreeMap<String, String>>,
    ) -> Vec<String> {
        self.shop.with(|ledger| {
            metadata.into_iter().map(|one| ledger.insert_succeeded(amount, one)).collect()
        })
    }

    /// Returns all payments in the order of their creation.
    pub fn payments(&self) -> Vec<SimPayment> {
        self.shop.with(|ledger| ledger.payments())
    }

    /// Returns a payment.
    pub fn payment(&self, payment_id: &str) -> Option<SimPayment> {
        self.shop.with(|ledger| ledger.payment(payment_id).cloned())
    }

    /// Returns all refunds in the order of their creation.
    pub fn refunds(&self) -> Vec<SimRefund> {
        self.shop.with(|ledger| ledger.refunds())
    }

    /// Returns what the shop was told over the API, in the order of the answers.
    pub fn requests(&self) -> Vec<Request> {
        self.shop.requests()
    }

    /// Returns what has happened in the shop.
    pub fn events(&self) -> Vec<ShopEvent> {
        self.shop.events()
    }

    /// Follows what happens in the shop from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<ShopEvent> {
        self.shop.subscribe()
    }

    /// Returns the means to make the shop fail.
    pub fn faults(&self) -> &Faults {
        self.shop.faults()
    }

    /// Closes the shop: answers what has arrived, gives up undelivered notifications.
    pub async fn shutdown(&self) {
        self.shop.stop(STOP_WITHIN).await;
    }
}
