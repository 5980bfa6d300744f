//! Forget the bot token of a client that never came to be: its order was not paid.

use jiff::Timestamp;

use crate::deps::Deps;
use crate::domain::ids::ClientId;
use crate::domain::job::Job;
use crate::domain::order::{Order, OrderState, TOKEN_KEPT};
use crate::store::{StoreError, Txn, clients, jobs, orders, secrets};

/// Has the token of an order that was closed without money forgotten in a few days; until then the
/// same can be ordered again without it.
pub(super) fn forget_later(txn: &Txn<'_>, now: Timestamp, order: &Order) -> Result<(), StoreError> {
    if order.has_token() {
        jobs::push_at(txn, now, now + TOKEN_KEPT, &Job::ForgetToken(order.client))?;
    }
    Ok(())
}

/// Forgets the token kept for a client that does not exist, unless an order may still make it: one
/// that is open, or whose money waits for a person.
///
/// # Errors
///
/// Returns [`StoreError`], and nothing is changed.
pub async fn forget_token(deps: &Deps, id: ClientId) -> Result<(), StoreError> {
    let write = deps.store.write(move |txn| {
        let may_come = |order: &Order| match order.state {
            OrderState::Open | OrderState::Attention(_) => true,
            OrderState::Paid | OrderState::Canceled | OrderState::Expired => false,
        };
        if clients::get(txn, id)?.is_some() || orders::of_client(txn, id)?.iter().any(may_come) {
            return Ok(());
        }
        secrets::remove(txn, id)
    });
    write.await
}
