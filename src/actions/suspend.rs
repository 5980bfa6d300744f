//! Suspend a client: its bot answers that it is paused, and the data is kept.

use super::cause::Cause;
pub use super::life::LifeError;
use super::life::{Present, live_once};
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::subscription::Event;

/// Pauses the client's bot until it is resumed or paid for. Paid time runs on.
///
/// Safe to repeat: the same `cause` suspends once, and a client that is suspended stays as it is.
///
/// # Errors
///
/// Returns [`LifeError`], and nothing is changed.
pub async fn suspend(
    deps: &Deps,
    cause: Cause,
    id: ClientId,
    by: Actor,
) -> Result<Client, LifeError> {
    let present = Present::new(deps.clock.now(), &deps.config.billing);
    let write = deps.store.write(move |txn| {
        live_once(txn, &present, &cause, (id, by), Event::Paused, "client.suspended")
    });
    let lived = write.await?;
    deps.changes.notify();
    if lived.changed {
        tracing::info!(event = "client.suspended", client = %id, "a client was suspended");
    }
    Ok(lived.client)
}
