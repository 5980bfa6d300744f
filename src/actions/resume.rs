//! Resume a client that has paid time left.

use super::cause::Cause;
use super::life::{LifeError, Present, live_once};
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::subscription::Event;

/// Ends the client's pause, cancellation or archive, and has its bot brought up if it does not run.
///
/// Safe to repeat: the same `cause` resumes once, and a client that is served stays as it is, but
/// for a bot that has failed.
///
/// # Errors
///
/// Returns [`LifeError`], and nothing is changed.
pub async fn resume(
    deps: &Deps,
    cause: Cause,
    id: ClientId,
    by: Actor,
) -> Result<Client, LifeError> {
    let present = Present::new(deps.clock.now(), &deps.config.billing);
    let write = deps.store.write(move |txn| {
        live_once(txn, &present, &cause, (id, by), Event::Resumed, "client.resumed")
    });
    let lived = write.await?;
    deps.changes.notify();
    if lived.changed {
        tracing::info!(event = "client.resumed", client = %id, "a client was resumed");
    }
    Ok(lived.client)
}
