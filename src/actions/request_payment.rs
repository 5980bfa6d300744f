//! Request the payment of an order: the stored bytes, under the stored key, until the outcome is
//! known.

use std::time::Duration;

use jiff::SignedDuration;

use super::forget_token::forget_later;
use super::settle::{Books, facts_of, take_in};
use crate::deps::{Deps, Till};
use crate::domain::ids::OrderId;
use crate::domain::job::{Job, Notice};
use crate::domain::order::{KEY_REMEMBERED, Order, OrderState};
use crate::external::yookassa::{IdempotenceKey, ProviderPayment, Unclear, YooKassaError};
use crate::store::{StoreError, jobs, orders};

/// How long the clocks of two hosts may differ.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);

/// Why it is not known how the order stands at the provider.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The provider cannot be asked now; ask again, after the pause that it names if it does.
    #[error("the provider did not answer as it should")]
    Later(#[source] YooKassaError),
    /// There is no such order.
    #[error("there is no such order")]
    UnknownOrder,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RequestError {
    /// Returns how long the provider wants to be left alone, if it said so.
    pub const fn pause(&self) -> Option<Duration> {
        match self {
            Self::Later(YooKassaError::Later { after }) => Some(*after),
            Self::Later(_) | Self::UnknownOrder | Self::Store(_) => None,
        }
    }
}

/// Asks the provider for the order's payment and records the answer.
///
/// Safe to repeat: an order that has a payment, or is closed, is returned as it is; a repeated
/// request finds the payment that the first one made, by its key or, once the provider has
/// forgotten that, in the list of payments.
///
/// # Errors
///
/// Returns [`RequestError`]; the order stays open and watched.
pub async fn request_payment(deps: &Deps, till: &Till, id: OrderId) -> Result<Order, RequestError> {
    let order = deps.store.read(|snap| orders::get(snap, id))?;
    let order = order.ok_or(RequestError::UnknownOrder)?;
    if order.payment.is_some() || order.state != OrderState::Open {
        return Ok(order);
    }
    match ask(deps, till, &order).await {
        Ok(Some(payment)) => {
            let facts = facts_of(&payment);
            let books = Books::open(deps, till);
            let recorded = deps.store.write(move |txn| take_in(txn, &books, &facts)).await?;
            recorded.log(&deps.metrics);
            let order = deps.store.read(|snap| orders::get(snap, id))?;
            order.ok_or(RequestError::UnknownOrder)
        }
        Ok(None) => close(deps, id, OrderState::Expired).await,
        Err(YooKassaError::Rejected { status, code, parameter, description }) => {
            tracing::error!(
                event = "order.refused", order = %id, status, code, parameter,
                reason = description,
                "the provider refuses the order's payment"
            );
            close(deps, id, OrderState::Canceled).await
        }
        Err(err) => Err(RequestError::Later(err)),
    }
}

/// As [`request_payment`], for a buyer who no longer waits: a link that came late is sent.
///
/// # Errors
///
/// As [`request_payment`].
pub async fn request_late(deps: &Deps, till: &Till, id: OrderId) -> Result<(), RequestError> {
    let before = deps.store.read(|snap| orders::get(snap, id))?;
    let before = before.ok_or(RequestError::UnknownOrder)?;
    let order = request_payment(deps, till, id).await?;
    let link_is_new = before.confirmation_url.is_none() && order.confirmation_url.is_some();
    if link_is_new && order.state == OrderState::Open {
        let now = deps.clock.now();
        let link = Job::Notify(order.buyer, Notice::PayLink(id));
        deps.store.write(move |txn| jobs::push(txn, now, &link)).await?;
    }
    Ok(())
}

/// Returns the order's payment, or `None` if there is none and there will be none.
async fn ask(
    deps: &Deps,
    till: &Till,
    order: &Order,
) -> Result<Option<ProviderPayment>, YooKassaError> {
    if deps.clock.now().duration_since(order.created_at) > KEY_REMEMBERED {
        return search(till, order).await;
    }
    let unusable = YooKassaError::Malformed("the stored key is damaged");
    let key: IdempotenceKey = order.request.idempotence_key.parse().map_err(|_| unusable)?;
    match till.yookassa.create_payment(&key, &order.request.body).await {
        // A wrong answer to a request that may have been carried out: ask again.
        Err(YooKassaError::Malformed(_) | YooKassaError::NotFound) => {
            Err(YooKassaError::OutcomeUnknown(Unclear::Cut))
        }
        other => other.map(Some),
    }
}

/// Looks for the order's payment among all that were made at about its time.
async fn search(till: &Till, order: &Order) -> Result<Option<ProviderPayment>, YooKassaError> {
    let name = order.id.to_string();
    let (from, to) =
        (order.created_at - CLOCK_SKEW, order.created_at + KEY_REMEMBERED + CLOCK_SKEW);
    let mut cursor: Option<String> = None;
    loop {
        let page = till.yookassa.payments(from, to, cursor.as_deref()).await?;
        let found = page.items.into_iter().find(|found| found.order_id.as_deref() == Some(&name));
        if found.is_some() || page.next.is_none() {
            return Ok(found);
        }
        cursor = page.next;
    }
}

/// Closes an order that will have no payment, and tells its buyer.
async fn close(deps: &Deps, id: OrderId, state: OrderState) -> Result<Order, RequestError> {
    let now = deps.clock.now();
    deps.store
        .write(move |txn| {
            let mut order = orders::get(txn, id)?.ok_or(RequestError::UnknownOrder)?;
            if order.state == OrderState::Open && order.payment.is_none() {
                order.state = state;
                orders::put(txn, &order)?;
                orders::unwatch(txn, id)?;
                forget_later(txn, now, &order)?;
                jobs::push(txn, now, &Job::Notify(order.buyer, Notice::OrderClosed(id)))?;
            }
            Ok(order)
        })
        .await
}
