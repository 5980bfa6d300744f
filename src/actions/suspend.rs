//! Suspend a client: its bot answers that it is paused, and the data is kept.

use jiff::Timestamp;

use super::undo;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::job::{Job, Notice};
use crate::domain::undo::Act;
use crate::store::{StoreError, audit, clients, jobs};

/// Why a client was not suspended, resumed, restarted or removed.
#[derive(Debug, thiserror::Error)]
pub enum LifeError {
    /// There is no such client.
    #[error("there is no such client")]
    UnknownClient,
    /// No paid time is left to go on with.
    #[error("no paid time is left: extend the client instead")]
    NothingPaid,
    /// The client has given up; nothing of it runs.
    #[error("the client has no bot that could run")]
    NothingToRun,
    /// The client's bot still serves customers.
    #[error("suspend the client first, or remove it by force")]
    StillServes,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Pauses the client's bot until it is resumed or paid for. Paid time runs on.
///
/// Safe to repeat: a client that is suspended stays as it is.
///
/// # Errors
///
/// Returns [`LifeError`], and nothing is changed.
pub async fn suspend(deps: &Deps, id: ClientId, by: Actor) -> Result<Client, LifeError> {
    let now = deps.clock.now();
    let suspended = deps
        .store
        .write(move |txn| {
            let before = clients::get(txn, id)?.ok_or(LifeError::UnknownClient)?;
            let mut client = before.clone();
            client.subscription = before.subscription.suspend(now);
            if client.subscription != before.subscription {
                clients::put(txn, &client)?;
                undo::remember(txn, now, Act::Suspended, &before, &client)?;
                audit::append(txn, &entry(now, id, by, "client.suspended"))?;
                jobs::push(txn, now, &Job::Notify(client.owner, Notice::Subscription(id)))?;
            }
            Ok::<_, LifeError>(client)
        })
        .await?;
    deps.changes.notify();
    tracing::info!(event = "client.suspended", client = %id, "a client was suspended");
    Ok(suspended)
}

/// Makes a line of the audit log that needs no more words.
pub(super) fn entry(now: Timestamp, id: ClientId, by: Actor, action: &str) -> audit::Entry {
    let (action, detail) = (action.to_owned(), String::new());
    audit::Entry { at: now, actor: by.to_string(), action, client: Some(id), detail }
}
