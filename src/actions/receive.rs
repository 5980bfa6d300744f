//! Receive a notification: keep it, queue the work, and only then let it be answered.

use crate::deps::Deps;
use crate::domain::ids::PaymentId;
use crate::domain::job::Job;
use crate::domain::order::Order;
use crate::external::yookassa::{NotANotification, Notification, parse_notification};
use crate::store::{StoreError, jobs, orders, payments};

/// Why a notification was not kept.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The body is no notification.
    #[error(transparent)]
    NotANotification(#[from] NotANotification),
    /// The store failed: the sender should try again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps a notification and queues the settling of the payment that it names.
///
/// Returns once both are on disk. Nothing in the body is believed but the id. What is no business
/// of ours is knowingly ignored.
///
/// # Errors
///
/// Returns [`ReceiveError`], and nothing was kept.
pub async fn receive(deps: &Deps, body: Vec<u8>) -> Result<(), ReceiveError> {
    let payment = match parse_notification(&body)? {
        Notification::Payment(id) => Some(id),
        Notification::Refund { payment, .. } => payment,
        Notification::Other => None,
    };
    let Some(payment) = payment else {
        tracing::info!(event = "webhook.ignored", "a notification about nothing of ours");
        return Ok(());
    };
    let order = keep(deps, body, payment.clone()).await?;
    let (order, client) = order.map(|order| (order.id, order.client)).unzip();
    tracing::info!(
        event = "webhook.received", payment = %payment, order = order.map(display),
        client = client.map(display),
        "a notification was kept"
    );
    Ok(())
}

/// Returns the order that the payment belongs to, if that is known, for the journal.
async fn keep(deps: &Deps, body: Vec<u8>, payment: PaymentId) -> Result<Option<Order>, StoreError> {
    let now = deps.clock.now();
    deps.store
        .write(move |txn| {
            payments::keep_notification(txn, now, &body)?;
            jobs::push(txn, now, &Job::Settle(payment.clone()))?;
            let order = orders::by_payment(txn, &payment)?;
            Ok(order.map(|id| orders::get(txn, id)).transpose()?.flatten())
        })
        .await
}
