//! Order once more what was not paid.

use super::draft::Draft;
use super::{Care, Cause, CreateOrderError, keep};
use crate::deps::Deps;
use crate::domain::ids::{OrderId, UserId};
use crate::domain::order::{Order, OrderState};
use crate::external::yookassa::receipt_email;
use crate::store::{StoreError, orders};

/// Why there is no other order.
#[derive(Debug, thiserror::Error)]
pub enum AgainError {
    /// There is no such order, or it is another buyer's.
    #[error("the buyer has no such order")]
    UnknownOrder,
    /// The token of the ordered bot is not kept any more; all else is in the order before.
    #[error("the bot's token is needed again")]
    TokenGone(Box<Order>),
    /// The order was not made.
    #[error(transparent)]
    Create(#[from] CreateOrderError),
}

impl From<StoreError> for AgainError {
    fn from(err: StoreError) -> Self {
        Self::Create(err.into())
    }
}

/// Makes a new order with the same plan, business, bot and receipt as one that was canceled or has
/// expired. An order in any other state is returned as it is.
///
/// Safe to repeat, as [`order_once`](super::order_once) is.
///
/// # Errors
///
/// Returns [`AgainError`], and nothing was stored.
pub async fn order_again(
    deps: &Deps,
    cause: Cause,
    id: OrderId,
    buyer: UserId,
) -> Result<Order, AgainError> {
    let before = deps.store.read(|snap| orders::get(snap, id))?;
    let before = before.filter(|order| order.buyer == buyer).ok_or(AgainError::UnknownOrder)?;
    match before.state {
        OrderState::Canceled | OrderState::Expired => {}
        OrderState::Open | OrderState::Paid | OrderState::Attention(_) => return Ok(before),
    }
    let till = deps.till.as_ref().ok_or(CreateOrderError::NoShop)?;
    let draft = Draft::again(deps, &before, receipt_email(&before.request.body))?;
    match keep(deps, till, cause, draft, Care::OfPerson).await {
        Err(CreateOrderError::TokenGone) => Err(AgainError::TokenGone(Box::new(before))),
        other => Ok(other?),
    }
}
