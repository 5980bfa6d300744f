//! Cancel a subscription, and take that back.

use super::cause::Cause;
use super::life::{LifeError, Present, live_on_record, live_once};
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::subscription::Event;

/// Gives the client's bot up: it is stopped, and its data is kept until retention ends.
///
/// What time is left, [`remove::loss`](super::remove::loss) names before; it runs on, and is there
/// again if the cancellation is undone or a payment comes. Safe to repeat: the same `cause` cancels
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

/// Takes a cancellation, or a removal that has not been carried out yet, back; a bot that an
/// operator had paused is paused again. Safe to repeat.
///
/// # Errors
///
/// Returns [`LifeError`], and nothing is changed; without time left, a payment is needed.
pub async fn undo_cancel(deps: &Deps, id: ClientId, by: Actor) -> Result<Client, LifeError> {
    let present = Present::new(deps.clock.now(), &deps.config.billing);
    let write = deps.store.write(move |txn| {
        live_on_record(txn, &present, (id, by), Event::CancellationUndone, "client.uncancelled")
    });
    let lived = write.await?;
    deps.changes.notify();
    if lived.changed {
        tracing::info!(event = "client.uncancelled", client = %id, "a cancellation was undone");
    }
    Ok(lived.client)
}
