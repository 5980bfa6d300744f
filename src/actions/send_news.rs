//! Send news: tell all owners one thing, as far as they want to hear it.

use std::collections::BTreeSet;

use super::cause::{Cause, KeyReused};
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::ids::UserId;
use crate::domain::job::{Job, Notice};
use crate::domain::news::{News, NewsText};
use crate::domain::subscription::Service;
use crate::store::{Read, StoreError, audit, clients, jobs, news};

/// Why no news were sent.
#[derive(Debug, thiserror::Error)]
pub enum SendNewsError {
    /// Nobody would hear them.
    #[error("no owner would hear it")]
    Nobody,
    /// The idempotency key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Returns who would hear news: each owner of a bot that serves or is paused, once, unless the
/// owner wants none. Reads each client.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub async fn audience(deps: &Deps) -> Result<usize, StoreError> {
    deps.store.scan(|snap| listeners(snap)).await.map(|all| all.len())
}

fn listeners(txn: &impl Read) -> Result<BTreeSet<i64>, StoreError> {
    let mut owners = BTreeSet::new();
    for client in clients::walk(txn, None) {
        let client = client?;
        if client.subscription.service() != Service::None
            && !owners.contains(&client.owner.get())
            && !news::is_unwanted(txn, client.owner)?
        {
            owners.insert(client.owner.get());
        }
    }
    Ok(owners)
}

/// Keeps the news and queues them for everybody who would hear them, in one transaction with the
/// line in the audit log; returns how many that are.
///
/// Safe to repeat: the same `cause` sends once. What was sent cannot be taken back.
///
/// # Errors
///
/// Returns [`SendNewsError`], and nothing was sent.
pub async fn send_news(
    deps: &Deps,
    cause: Cause,
    text: NewsText,
    by: UserId,
) -> Result<usize, SendNewsError> {
    let now = deps.clock.now();
    let write = deps.store.write(move |txn| {
        if let Some(known) = cause.effect::<SendNewsError>(txn, now)? {
            let count = known.as_slice().try_into().map(u64::from_be_bytes).unwrap_or_default();
            return Ok((usize::try_from(count).unwrap_or(usize::MAX), false));
        }
        let listeners = listeners(txn)?;
        if listeners.is_empty() {
            return Err(SendNewsError::Nobody);
        }
        let id = news::append(txn, &News { text: text.clone(), at: now, by })?;
        for person in &listeners {
            if let Ok(person) = UserId::new(*person) {
                jobs::push(txn, now, &Job::Notify(person, Notice::News(id)))?;
            }
        }
        let entry = audit::Entry {
            at: now,
            actor: Actor::Operator(by).to_string(),
            action: "news.sent".to_owned(),
            client: None,
            detail: format!("recipients: {}", listeners.len()),
        };
        audit::append(txn, &entry)?;
        cause.remember(txn, now, &(listeners.len() as u64).to_be_bytes())?;
        Ok((listeners.len(), true))
    });
    let (owners, is_new) = write.await?;
    if is_new {
        tracing::info!(event = "news.sent", owners, "an operator's news go out to owners");
    }
    Ok(owners)
}
