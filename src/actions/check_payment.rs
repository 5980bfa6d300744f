//! Check a payment: a buyer asks whether the money has come.

use super::request_payment::{RequestError, request_payment};
use super::settle::{SettleError, settle};
use crate::deps::{Deps, Till};
use crate::domain::ids::{OrderId, UserId};
use crate::domain::order::{Order, OrderState};
use crate::store::{StoreError, orders};

/// Why there is nothing to say about an order.
#[derive(Debug, thiserror::Error)]
pub enum CheckPaymentError {
    /// There is no such order, or it is another buyer's.
    #[error("the buyer has no such order")]
    UnknownOrder,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads an open order's payment from the provider, does what follows, and returns the order as it
/// is then; as it was, if the provider cannot be reached.
///
/// # Errors
///
/// Returns [`CheckPaymentError`].
pub async fn check_payment(
    deps: &Deps,
    id: OrderId,
    buyer: UserId,
) -> Result<Order, CheckPaymentError> {
    let order = find(deps, id, buyer)?;
    let (OrderState::Open, Some(till)) = (order.state, &deps.till) else { return Ok(order) };
    ask(deps, till, &order).await?;
    find(deps, id, buyer)
}

fn find(deps: &Deps, id: OrderId, buyer: UserId) -> Result<Order, CheckPaymentError> {
    let order = deps.store.read(|snap| orders::get(snap, id))?;
    order.filter(|order| order.buyer == buyer).ok_or(CheckPaymentError::UnknownOrder)
}

async fn ask(deps: &Deps, till: &Till, order: &Order) -> Result<(), StoreError> {
    let id = order.id;
    let unanswered = |reason: &(dyn std::error::Error + 'static)| {
        tracing::warn!(
            event = "order.unchecked", order = %id, error = reason,
            "a payment could not be checked"
        );
    };
    match &order.payment {
        Some(payment) => match settle(deps, till, payment).await {
            Ok(_) => {}
            Err(SettleError::Store(err)) => return Err(err),
            Err(err @ SettleError::Provider(_)) => unanswered(&err),
        },
        None => match request_payment(deps, till, id).await {
            Ok(_) => {}
            Err(RequestError::Store(err)) => return Err(err),
            Err(err @ (RequestError::Later(_) | RequestError::UnknownOrder)) => unanswered(&err),
        },
    }
    Ok(())
}
