//! Remove a client with its bot's data. Payments, orders and the audit log stay.

use jiff::Timestamp;

use super::deploy::DeployError;
use super::suspend::{LifeError, entry};
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::{ClientId, JobId};
use crate::domain::job::Job;
use crate::domain::subscription::{Service, Subscription};
use crate::store::{StoreError, audit, clients, jobs, secrets};

/// What a removal takes away for ever; to be shown before it is confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The client as it is: its business, its bot, its owner. The bookings and settings of the
    /// bot are lost with it, and so is its token.
    pub client: Client,
    /// Until when time was granted that is not used up, if there is any.
    pub unused_until: Option<Timestamp>,
    /// How many visits are booked with the bot and still to come, if it has told.
    pub bookings: Option<u64>,
}

/// Whether a client may be removed while its bot serves customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// Only once it is suspended or cancelled.
    No,
    /// In any state.
    Yes,
}

/// Tells what would be lost.
///
/// # Errors
///
/// Returns [`LifeError`] if there is no such client or the store fails.
pub fn loss(deps: &Deps, id: ClientId) -> Result<Loss, LifeError> {
    let now = deps.clock.now();
    let client = deps.store.read(|snap| clients::get(snap, id))?.ok_or(LifeError::UnknownClient)?;
    let unused_until = client.subscription.granted_until().filter(|until| *until > now);
    let bookings = deps.health.bookings_ahead(id);
    Ok(Loss { client, unused_until, bookings })
}

/// Ends the client's subscription and queues the removal, in one transaction.
///
/// # Errors
///
/// Returns [`LifeError`], and nothing is changed.
pub async fn ask_removal(
    deps: &Deps,
    id: ClientId,
    force: Force,
    by: Actor,
) -> Result<JobId, LifeError> {
    let now = deps.clock.now();
    let write = deps.store.write(move |txn| {
        let mut client = clients::get(txn, id)?.ok_or(LifeError::UnknownClient)?;
        if client.subscription.service() == Service::Full && force == Force::No {
            return Err(LifeError::StillServes);
        }
        client.subscription = Subscription::Cancelled { since: now };
        client.runtime = RuntimeState::Stopped;
        clients::put(txn, &client)?;
        audit::append(txn, &entry(now, id, by, "client.removed"))?;
        Ok(jobs::push(txn, now, &Job::Remove(id))?)
    });
    write.await
}

/// Stops the client's bot, deletes its data and token, and forgets the client.
///
/// Safe to repeat. Does nothing if the client has come back since it was asked for: somebody paid.
///
/// # Errors
///
/// Returns [`DeployError`]; what is left is removed the next time.
pub async fn remove(deps: &Deps, id: ClientId) -> Result<(), DeployError> {
    let client = deps.store.read(|snap| clients::get(snap, id))?;
    if client.is_some_and(|client| client.subscription.service() != Service::None) {
        tracing::warn!(
            event = "client.kept", client = %id,
            "the client has come back and is not removed"
        );
        return Ok(());
    }
    deps.runtime.remove(id).await?;
    deps.gateways.close(id).await;
    deps.health.forget(id);
    forget(deps, id).await?;
    tracing::info!(event = "client.removed", client = %id, "the client and its data were removed");
    Ok(())
}

async fn forget(deps: &Deps, id: ClientId) -> Result<(), StoreError> {
    let write = deps.store.write(move |txn| {
        secrets::remove(txn, id)?;
        match clients::get(txn, id)? {
            Some(client) => clients::remove(txn, &client),
            None => Ok(()),
        }
    });
    write.await
}
