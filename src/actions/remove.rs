//! Remove a client with its bot's data. Payments, orders and the audit log stay.

use jiff::Timestamp;

use super::cause::{Cause, job_of};
use super::deploy::DeployError;
use super::home;
use super::life::{LifeError, LiveError, Present, live, live_on_record};
use super::part;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, JobId};
use crate::domain::job::Job;
use crate::domain::subscription::{Event, Fate, Refusal, Subscription};
use crate::store::{StoreError, clients, jobs};

pub use crate::domain::subscription::Force;

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
/// Safe to repeat: the same `cause` queues one, also after the client is gone.
///
/// # Errors
///
/// Returns [`LifeError`], and nothing is changed.
pub async fn ask_removal(
    deps: &Deps,
    cause: Cause,
    id: ClientId,
    force: Force,
    by: Actor,
) -> Result<JobId, LifeError> {
    let present = Present::new(deps.clock.now(), &deps.config.billing);
    let write = deps.store.write::<_, LifeError>(move |txn| {
        if let Some(known) = cause.effect::<LifeError>(txn, present.now)? {
            return Ok(job_of(&known)?);
        }
        let event = Event::RemovalAsked(force);
        let lived = live_on_record(txn, &present, (id, by), event, "client.removed")?;
        let job = lived.removal.ok_or(LifeError::NothingToRun)?; // It always is.
        cause.remember(txn, present.now, &job.0.to_be_bytes())?;
        Ok(job)
    });
    let job = write.await?;
    deps.changes.notify();
    Ok(job)
}

/// Stops the client's bot, deletes its data and token, and forgets the client.
///
/// Safe to repeat. Does nothing if the client has come back since it was asked for: somebody paid.
///
/// # Errors
///
/// Returns [`DeployError`]; what is left is removed the next time.
pub async fn remove(deps: &Deps, id: ClientId) -> Result<(), DeployError> {
    let _turn = deps.turns.turn(id).await;
    let client = deps.store.read(|snap| clients::get(snap, id))?;
    if client.is_some_and(|client| !is_doomed(client.subscription)) {
        kept(id);
        return Ok(());
    }
    deps.gateways.close(id).await;
    deps.runtime.stop(id).await?;
    home::silence(deps, id).await;
    // A payment that comes from here on finds no client, and is held for a person.
    if forget(deps, id).await? == Forgotten::CameBack {
        kept(id);
        return Ok(());
    }
    home::delete(deps, id).await?;
    deps.runtime.remove(id).await?;
    home::forget(deps, id).await?;
    part::forget(deps, id).await.map_err(DeployError::Archive)?;
    deps.health.forget(id);
    tracing::info!(event = "client.removed", client = %id, "the client and its data were removed");
    Ok(())
}

const fn is_doomed(subscription: Subscription) -> bool {
    matches!(subscription, Subscription::Cancelled { data: Fate::Doomed, .. })
}

fn kept(id: ClientId) {
    tracing::warn!(
        event = "client.kept", client = %id,
        "the client has come back and is not removed"
    );
}

/// Whether a client is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Forgotten {
    Yes,
    CameBack,
}

async fn forget(deps: &Deps, id: ClientId) -> Result<Forgotten, StoreError> {
    let present = Present::new(deps.clock.now(), &deps.config.billing);
    let write = deps.store.write(move |txn| {
        let Some(client) = clients::get(txn, id)? else { return Ok(Forgotten::Yes) };
        match live(txn, &present, client, Event::Removed) {
            Err(LiveError::Refused(Refusal::CameBack)) => {
                jobs::push(txn, present.now, &Job::Deploy(id))?; // It was stopped just now.
                Ok(Forgotten::CameBack)
            }
            // No other refusal is one of a client that there is.
            Ok(_) | Err(LiveError::Refused(_)) => Ok(Forgotten::Yes),
            Err(LiveError::Store(err)) => Err(err),
        }
    });
    write.await
}
