//! Gift: add days to a client without money.

use super::cause::{Cause, KeyReused};
use super::undo;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::ClientId;
use crate::domain::job::{Job, Notice};
use crate::domain::plan::Days;
use crate::domain::subscription::Subscription;
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

/// Adds `days` to a client's time, with a line in the audit log and no payment; brings a paused bot
/// back. A trial that is given days stays a trial.
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
    let given = deps
        .store
        .write(move |txn| {
            let before = clients::get(txn, id)?.ok_or(GiftError::UnknownClient)?;
            if cause.effect::<GiftError>(txn, now)?.is_some() {
                return Ok(before);
            }
            let mut client = before.clone();
            client.subscription = match before.subscription {
                Subscription::Trial { until } if until > now => {
                    let until = until.saturating_add(days.length()).unwrap_or(until);
                    Subscription::Trial { until }
                }
                other => other.extend(days.length(), now),
            };
            if !matches!(client.runtime, RuntimeState::Running | RuntimeState::Starting) {
                client.runtime = RuntimeState::Starting;
                jobs::push(txn, now, &Job::Deploy(id))?;
            }
            clients::put(txn, &client)?;
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
