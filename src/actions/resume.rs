//! Resume a client that was suspended and has paid time left.

use super::suspend::{LifeError, entry};
use super::undo;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::ClientId;
use crate::domain::job::{Job, Notice};
use crate::domain::undo::Act;
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
            let before = clients::get(txn, id)?.ok_or(LifeError::UnknownClient)?;
            let mut client = before.clone();
            client.subscription = before.subscription.resume(now).ok_or(LifeError::NothingPaid)?;
            if client.subscription != before.subscription {
                undo::remember(txn, now, Act::Resumed, &before, &client)?;
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
