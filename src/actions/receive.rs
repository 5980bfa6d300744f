//! Receive a notification: keep it, queue the work, and only then let it be answered.

use crate::deps::Deps;
use crate::domain::ids::PaymentId;
use crate::domain::job::Job;
use crate::external::yookassa::{NotANotification, Notification, parse_notification};
use crate::store::{StoreError, jobs, payments};

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
    keep(deps, body, payment.clone()).await?;
    tracing::info!(event = "webhook.received", payment = %payment, "a notification was kept");
    Ok(())
}

async fn keep(deps: &Deps, body: Vec<u8>, payment: PaymentId) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let job = Job::Settle(payment);
    deps.store
        .write(move |txn| {
            payments::keep_notification(txn, now, &body)?;
            jobs::push(txn, now, &job)?;
            Ok(())
        })
        .await
}
