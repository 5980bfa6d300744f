//! Reconcile: nothing depends on notifications arriving.

use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use super::forget_token::forget_later;
use super::request_payment::{RequestError, request_late};
use super::settle::{SettleError, settle};
use crate::deps::{Deps, Till};
use crate::domain::ids::OrderId;
use crate::domain::order::{Order, OrderState, next_look};
use crate::external::yookassa::YooKassaError;
use crate::store::{StoreError, orders, payments, refunds};

/// How many orders one round looks after.
const ROUND: usize = 500;
/// How many orders are looked after at once.
const AT_ONCE: usize = 8;
/// How far beyond the last sweep each sweep for refunds looks back: a refund may have been made
/// long before it succeeds.
const SWEPT: SignedDuration = SignedDuration::from_hours(72);
/// How long a notification is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Looks after every watched order that is due: reads its payment, or asks for it again.
///
/// One order's failure does not keep the others waiting; it is looked at again in its turn.
///
/// # Errors
///
/// Returns [`StoreError`] if the store fails.
pub async fn reconcile(deps: &Deps, till: &Till) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let due = deps.store.read(|snap| orders::due(snap, now, ROUND))?;
    let looks = stream::iter(due).map(|id| look_after(deps, till, id)).buffer_unordered(AT_ONCE);
    let results: Vec<_> = looks.collect().await;
    results.into_iter().collect::<Result<(), _>>()?;
    let old = now - KEPT;
    deps.store.write(move |txn| payments::forget_notifications(txn, old, ROUND)).await?;
    Ok(())
}

async fn look_after(deps: &Deps, till: &Till, id: OrderId) -> Result<(), StoreError> {
    let Some(order) = deps.store.read(|snap| orders::get(snap, id))? else { return Ok(()) };
    let looked = match &order.payment {
        Some(payment) => settle(deps, till, payment).await.map(drop).map_err(|err| match err {
            SettleError::Provider(err) => RequestError::Later(err),
            SettleError::Store(err) => RequestError::Store(err),
        }),
        None => request_late(deps, till, id).await,
    };
    match looked {
        Ok(()) | Err(RequestError::UnknownOrder) => {}
        Err(RequestError::Later(err)) => report(&order, &err),
        Err(RequestError::Store(err)) => return Err(err),
    }
    look_again(deps, id).await
}

fn report(order: &Order, err: &YooKassaError) {
    tracing::warn!(
        event = "reconcile.failed", order = %order.id, error = %err,
        "the order's payment cannot be read now"
    );
}

/// Plans the next look, or lets go of an order that the provider never said a last word about.
async fn look_again(deps: &Deps, id: OrderId) -> Result<(), StoreError> {
    let now = deps.clock.now();
    deps.store
        .write(move |txn| {
            if !orders::is_watched(txn, id)? {
                return Ok(());
            }
            let Some(mut order) = orders::get(txn, id)? else { return Ok(()) };
            if let Some(next) = next_look(order.created_at, now) {
                return orders::watch(txn, id, next);
            }
            orders::unwatch(txn, id)?;
            if order.state == OrderState::Open {
                order.state = OrderState::Expired;
                orders::put(txn, &order)?;
                forget_later(txn, now, &order)?;
            }
            Ok(())
        })
        .await
}

/// Looks for refunds made in the provider's cabinet whose notifications never came, since the last
/// time that this was done, however long ago.
///
/// # Errors
///
/// Returns [`SettleError`]; what was found before the failure is recorded.
pub async fn sweep_refunds(deps: &Deps, till: &Till) -> Result<(), SettleError> {
    let now = deps.clock.now();
    let last = deps.store.read(|snap| refunds::swept(snap))?;
    let from: Timestamp = last.unwrap_or(now).min(now) - SWEPT;
    let mut cursor: Option<String> = None;
    loop {
        let page = till.yookassa.refunds_made(from, now, cursor.as_deref()).await;
        let page = page.map_err(SettleError::Provider)?;
        for refund in page.items {
            let Some(id) = refund.payment else { continue };
            if deps.store.read(|snap| payments::get(snap, &id))?.is_some() {
                settle(deps, till, &id).await?;
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(deps.store.write::<_, StoreError>(move |txn| refunds::set_swept(txn, now)).await?)
}
