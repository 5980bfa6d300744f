//! Resume a client that was suspended and has paid time left.

use super::suspend::{LifeError, entry};
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::ClientId;
use crate::domain::job::{Job, Notice};
use crate::store::{audit, clients, jobs};

/// Ends the client's pause and has its bot brought up if it does not run.
///
/// Safe to repeat: a client that is served stays as it is, but for a bot that has failed.
///
/// # Errors
///
/// Returns [`LifeError`], and nothing is changed.
pub async fn resume(deps: &Deps, id: ClientId, by: Actor) -> Result<Client, LifeError> {
    let now = deps.clock.now();
    let resumed = deps
        .store
        .write(move |txn| {
            let mut client = clients::get(txn, id)?.ok_or(LifeError::UnknownClient)?;
            let resumed = client.subscription.resume(now).ok_or(LifeError::NothingPaid)?;
            if resumed != client.subscription {
                client.subscription = resumed;
                audit::append(txn, &entry(now, id, by, "client.resumed"))?;
                jobs::push(txn, now, &Job::Notify(client.owner, Notice::Subscription(id)))?;
            }
            if !matches!(client.runtime, RuntimeState::Running | RuntimeState::Starting) {
                client.runtime = RuntimeState::Starting;
                jobs::push(txn, now, &Job::Deploy(id))?;
            }
            clients::put(txn, &client)?;
            Ok::<_, LifeError>(client)
        })
        .await?;
    deps.changes.notify();
    tracing::info!(event = "client.resumed", client = %id, "a client was resumed");
    Ok(resumed)
}
