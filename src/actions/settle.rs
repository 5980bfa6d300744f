//! Settle a payment: read it from the provider, compare it with its order, grant its time once.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::decide;
use super::forget_token::forget_later;
use super::grant::{grant, hold, pass};
use super::life::Present;
use crate::config::Config;
use crate::deps::{Deps, Till};
use crate::domain::ids::{ClientId, OrderId, PaymentId};
use crate::domain::job::{Job, Notice};
use crate::domain::order::{Attention, Order, OrderState};
use crate::domain::payment::{
    Payment, PaymentFacts, PaymentState, PaymentStatus, Shop, Verdict, judge,
};
use crate::domain::subscription::Event;
use crate::external::yookassa::{self, ProviderPayment, YooKassaError};
use crate::metrics::Metrics;
use crate::store::{StoreError, Txn, clients, jobs, orders, payments, secrets};

/// Why a payment was not settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The provider cannot be asked now.
    #[error("the payment cannot be read from the provider")]
    Provider(#[source] YooKassaError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SettleError {
    /// Returns how long the provider wants to be left alone, if it said so.
    pub const fn pause(&self) -> Option<Duration> {
        match self {
            Self::Provider(YooKassaError::Later { after }) => Some(*after),
            Self::Provider(_) | Self::Store(_) => None,
        }
    }
}

/// What the transaction that takes facts in needs to know.
#[derive(Clone)]
pub(super) struct Books {
    pub(super) now: Timestamp,
    pub(super) shop: Shop,
    pub(super) config: Arc<Config>,
}

impl Books {
    pub(super) fn open(deps: &Deps, till: &Till) -> Self {
        Self { now: deps.clock.now(), shop: till.shop.clone(), config: deps.config.clone() }
    }

    /// Returns when and under which terms this happens.
    pub(super) fn present(&self) -> Present {
        Present::new(self.now, &self.config.billing)
    }
}

/// What became of a payment's facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// No order of ours belongs to the payment.
    NotOurs(PaymentId),
    /// Nothing has changed.
    Unchanged,
    /// The order was closed without money.
    Closed(OrderId, OrderState),
    /// The order's time was granted.
    Settled {
        /// The payment.
        payment: PaymentId,
        /// The order that it paid.
        order: OrderId,
        /// The client that got the time.
        client: ClientId,
        /// Until when it may run now.
        until: Timestamp,
    },
    /// The order is paid, and its days wait for the bot that its owner is to bring.
    AwaitsBot(PaymentId, OrderId),
    /// A person must decide.
    Held(PaymentId, OrderId, ClientId, Attention),
    /// Money was given back.
    Refunded(PaymentId),
}

impl Recorded {
    /// Names the case for counts.
    const fn name(&self) -> &'static str {
        match self {
            Self::NotOurs(_) => "foreign",
            Self::Unchanged => "unchanged",
            Self::Closed(..) => "closed",
            Self::Settled { .. } | Self::AwaitsBot(..) => "settled",
            Self::Held(..) => "attention",
            Self::Refunded(_) => "refunded",
        }
    }

    /// Counts it and tells the journal.
    pub(super) fn log(self, metrics: &Metrics) -> Self {
        metrics.payment(self.name());
        match &self {
            Self::Unchanged => {}
            Self::NotOurs(payment) => {
                tracing::info!(
                    event = "payment.foreign", payment = %payment,
                    "no order of ours belongs to the payment"
                );
            }
            Self::Closed(order, state) => {
                tracing::info!(
                    event = "order.closed", order = %order, state = state.name(),
                    "an order was closed without money"
                );
            }
            Self::Settled { payment, order, client, until } => {
                tracing::info!(
                    event = "payment.settled", payment = %payment, order = %order,
                    client = %client,
                    "a payment was settled"
                );
                tracing::info!(
                    event = "subscription.extended", payment = %payment, client = %client,
                    until = %until,
                    "a subscription was extended"
                );
            }
            Self::AwaitsBot(payment, order) => {
                tracing::info!(
                    event = "payment.settled", payment = %payment, order = %order,
                    "a payment was settled"
                );
                tracing::info!(
                    event = "order.awaits_bot", payment = %payment, order = %order,
                    "the days wait for the bot that the owner is to bring"
                );
            }
            Self::Held(payment, order, client, why) => {
                tracing::error!(
                    event = "payment.attention", payment = %payment, order = %order,
                    client = %client,
                    why = why.name(),
                    "a payment needs a person"
                );
            }
            Self::Refunded(payment) => {
                tracing::info!(
                    event = "payment.refunded", payment = %payment,
                    "money was given back"
                );
            }
        }
        self
    }
}

/// Reads the payment from the provider and does what follows, in one transaction.
///
/// Safe to repeat, from wherever the news came: a notification, the reconciler, a button. What the
/// news said is not believed; only the provider's own answer counts.
///
/// # Errors
///
/// Returns [`SettleError`], and nothing was recorded.
pub async fn settle(deps: &Deps, till: &Till, id: &PaymentId) -> Result<Recorded, SettleError> {
    let payment = match till.yookassa.payment(id).await {
        Ok(payment) => payment,
        Err(YooKassaError::NotFound) => {
            return Ok(Recorded::NotOurs(id.clone()).log(&deps.metrics));
        }
        Err(err) => return Err(SettleError::Provider(err)),
    };
    if payment.id != *id {
        let mixed_up = YooKassaError::Malformed("the answer is about another payment");
        return Err(SettleError::Provider(mixed_up));
    }
    let facts = facts_of(&payment);
    let books = Books::open(deps, till);
    let recorded = deps.store.write(move |txn| take_in(txn, &books, &facts)).await?;
    deps.changes.notify();
    Ok(recorded.log(&deps.metrics))
}

/// Puts the provider's answer into the domain's words.
pub(super) fn facts_of(payment: &ProviderPayment) -> PaymentFacts {
    let reason = payment.cancellation.as_ref().and_then(|why| why.reason.clone());
    let status = match &payment.status {
        yookassa::PaymentStatus::Succeeded => PaymentStatus::Succeeded,
        yookassa::PaymentStatus::Canceled => PaymentStatus::Canceled {
            expired: reason.as_deref().is_some_and(|why| why.starts_with("expired")),
            reason,
        },
        yookassa::PaymentStatus::Pending
        | yookassa::PaymentStatus::WaitingForCapture
        | yookassa::PaymentStatus::Unknown(_) => PaymentStatus::Pending,
    };
    let refunded = payment.refunded_amount.as_ref().and_then(yookassa::Amount::roubles);
    PaymentFacts {
        id: payment.id.clone(),
        status,
        amount: payment.amount.as_ref().and_then(yookassa::Amount::roubles),
        refunded: refunded.unwrap_or_default(),
        test: payment.test,
        account: payment.account_id.clone(),
        order: payment.order_id.as_deref().and_then(|id| id.parse().ok()),
        confirmation_url: payment.confirmation_url.clone(),
    }
}

/// Takes the provider's facts into the books: the one place where money becomes time.
pub(super) fn take_in(
    txn: &Txn<'_>,
    books: &Books,
    facts: &PaymentFacts,
) -> Result<Recorded, StoreError> {
    if let Some(payment) = payments::get(txn, &facts.id)? {
        return take_in_refund(txn, books, payment, facts);
    }
    let known = orders::by_payment(txn, &facts.id)?.or(facts.order);
    let order = known.map(|id| orders::get(txn, id)).transpose()?.flatten();
    let Some(mut order) = order else { return Ok(Recorded::NotOurs(facts.id.clone())) };
    match judge(&order, facts, &books.shop) {
        Verdict::Wait => attach(txn, order, facts),
        Verdict::Nothing => {
            orders::unwatch(txn, order.id)?;
            Ok(Recorded::Unchanged)
        }
        Verdict::Close(state) => close(txn, books, order, state),
        Verdict::Attention(why, amount) => hold(txn, books, &mut order, &facts.id, amount, why),
        Verdict::Grant(confirmed) => grant(txn, books, order, &confirmed),
    }
}

/// Remembers which payment belongs to the order and where it is paid.
fn attach(txn: &Txn<'_>, mut order: Order, facts: &PaymentFacts) -> Result<Recorded, StoreError> {
    if order.payment.is_none() {
        order.payment = Some(facts.id.clone());
        order.confirmation_url.clone_from(&facts.confirmation_url);
        orders::put(txn, &order)?;
    }
    Ok(Recorded::Unchanged)
}

fn close(
    txn: &Txn<'_>,
    books: &Books,
    mut order: Order,
    state: OrderState,
) -> Result<Recorded, StoreError> {
    order.state = state;
    orders::put(txn, &order)?;
    orders::unwatch(txn, order.id)?;
    forget_later(txn, books.now, &order)?;
    let notice = Job::Notify(order.buyer, Notice::OrderClosed(order.id));
    jobs::push(txn, books.now, &notice)?;
    Ok(Recorded::Closed(order.id, state))
}

/// Nothing is left that the order paid for: it waits for no bot, and needs no token.
fn give_up(txn: &Txn<'_>, order: &Order) -> Result<(), StoreError> {
    orders::end_wait(txn, order)?;
    if order.has_token() && clients::get(txn, order.client)?.is_none() {
        secrets::remove(txn, order.client)?;
    }
    Ok(())
}

/// A refund shortens what its payment granted; what was taken back before is not taken again.
fn take_in_refund(
    txn: &Txn<'_>,
    books: &Books,
    mut payment: Payment,
    facts: &PaymentFacts,
) -> Result<Recorded, StoreError> {
    let (before, waited) = (payment.refunded, matches!(payment.state, PaymentState::Attention(_)));
    let length = payment.refund(facts.refunded);
    if payment.refunded == before {
        return Ok(Recorded::Unchanged);
    }
    payments::put(txn, &payment)?;
    if waited && payment.state == PaymentState::Refunded {
        decide::close(txn, books.now, &payment, OrderState::Canceled)?;
    }
    let client = payment.client.map(|id| clients::get(txn, id)).transpose()?.flatten();
    if let Some(client) = client {
        pass(txn, books, client, Event::Refunded(length))?;
    }
    let order = payment.order.map(|id| orders::get(txn, id)).transpose()?.flatten();
    if let Some(order) = order {
        if payment.state == PaymentState::Refunded {
            give_up(txn, &order)?;
        }
        let notice = Job::Notify(order.buyer, Notice::Refunded(payment.id.clone()));
        jobs::push(txn, books.now, &notice)?;
    }
    Ok(Recorded::Refunded(payment.id))
}
