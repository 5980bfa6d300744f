//! Cancel a subscription: nothing runs, and the data is kept.

use super::suspend::{LifeError, entry};
use super::undo;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::ClientId;
use crate::domain::job::{Job, Notice};
use crate::domain::subscription::Subscription;
use crate::domain::undo::Act;
use crate::store::{audit, clients, jobs};

/// Gives the client's bot up.
pub async fn cancel(deps: &Deps, id: ClientId, by: Actor) -> Result<Client, LifeError> {
    let now = deps.clock.now();
    let write = deps.store.write(move |txn| {
        let before = clients::get(txn, id)?.ok_or(LifeError::UnknownClient)?;
        let mut client = before.clone();
        client.subscription = Subscription::Cancelled { since: now };
        client.runtime = RuntimeState::Stopped;
        clients::put(txn, &client)?;
        undo::remember(txn, now, Act::Cancelled, &before, &client)?;
        audit::append(txn, &entry(now, id, by, "client.cancelled"))?;
        jobs::push(txn, now, &Job::Deploy(id))?;
        jobs::push(txn, now, &Job::Notify(client.owner, Notice::Subscription(id)))?;
        Ok::<_, LifeError>(client)
    });
    write.await
}
