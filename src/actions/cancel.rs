//! Cancel a subscription.

use super::cause::Cause;
use super::life::{LifeError, Present, live_once};
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::subscription::Event;

/// Gives the client's bot up: it is stopped, and its data is kept until retention ends.
///
/// What time is left, [`remove::loss`](super::remove::loss) names before; it runs on, and is there
/// again if the cancellation is taken back or a payment comes. Safe to repeat: the same `cause` cancels
/// once.
///
/// # Errors
///
/// Returns [`LifeError`], and nothing is changed.
pub async fn cancel(
    deps: &Deps,
    cause: Cause,
    id: ClientId,
    by: Actor,
) -> Result<Client, LifeError> {
    let present = Present::new(deps.clock.now(), &deps.config.billing);
    let write = deps.store.write(move |txn| {
        live_once(txn, &present, &cause, (id, by), Event::Cancelled, "client.cancelled")
    });
    let lived = write.await?;
    deps.changes.notify();
    if lived.changed {
        tracing::info!(event = "client.cancelled", client = %id, "a client was cancelled");
    }
    Ok(lived.client)
}
