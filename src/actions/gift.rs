//! Gift: add days to a client without money.

use super::cause::{Cause, KeyReused};
use super::life::{LiveError, Present, live};
use super::undo;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::job::{Job, Notice};
use crate::domain::plan::Days;
use crate::domain::subscription::Event;
use crate::domain::undo::Act;
use crate::store::{StoreError, audit, clients, jobs};

/// Why no days were given.
#[derive(Debug, thiserror::Error)]
pub enum GiftError {
    /// There is no such client.
    #[error("there is no such client")]
    UnknownClient,
    /// The idempotency key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<LiveError> for GiftError {
    fn from(err: LiveError) -> Self {
        match err {
            LiveError::Refused(_) => Self::UnknownClient,
            LiveError::Store(err) => Self::Store(err),
        }
    }
}

/// Adds `days` to a client's time, with a line in the audit log and no payment; brings a paused bot
/// back. What is given counts as paid for: it has days of grace after it.
///
/// Safe to repeat: the same `cause` gives once. It can be taken back.
///
/// # Errors
///
/// Returns [`GiftError`], and nothing is changed.
pub async fn give(
    deps: &Deps,
    cause: Cause,
    id: ClientId,
    days: Days,
    by: Actor,
) -> Result<Client, GiftError> {
    let now = deps.clock.now();
    let present = Present::new(now, &deps.config.billing);
    let given = deps
        .store
        .write(move |txn| {
            let before = clients::get(txn, id)?.ok_or(GiftError::UnknownClient)?;
            if cause.effect::<GiftError>(txn, now)?.is_some() {
                return Ok(before);
            }
            let event = Event::Paid(days.length());
            let client = live(txn, &present, before.clone(), event)?.client;
            undo::remember(txn, now, Act::Given(days), &before, &client)?;
            let (actor, action) = (by.to_string(), "client.given".to_owned());
            let detail = format!("{days} days");
            let entry = audit::Entry { at: now, actor, action, client: Some(id), detail };
            audit::append(txn, &entry)?;
            jobs::push(txn, now, &Job::Notify(client.owner, Notice::TimeChanged(id)))?;
            cause.remember(txn, now, &[])?;
            Ok::<_, GiftError>(client)
        })
        .await?;
    deps.changes.notify();
    tracing::info!(event = "subscription.given", client = %id, %days, "days were given");
    Ok(given)
}
