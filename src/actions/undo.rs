//! Undo: take an operator's last act on a client back.

use jiff::Timestamp;

use super::cause::{Cause, KeyReused};
use super::life::{LiveError, Present, live};
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::job::{Job, Notice};
use crate::domain::subscription::{Event, Subscription, SuspendedBy};
use crate::domain::undo::{Act, Standing, Undoable};
use crate::store::{Read, StoreError, Txn, audit, clients, jobs, undos};

/// Why an act was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// There is no such client any more.
    #[error("there is no such client")]
    UnknownClient,
    /// Another act came after this one, or it is too long ago, or was taken back before.
    #[error("there is nothing to take back")]
    NothingToUndo,
    /// The client has changed since.
    #[error("the client has changed since")]
    Changed,
    /// The request's key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<LiveError> for UndoError {
    fn from(err: LiveError) -> Self {
        match err {
            LiveError::Refused(_) => Self::Changed,
            LiveError::Store(err) => Self::Store(err),
        }
    }
}

/// Remembers an act in its own transaction, unless it has changed nothing.
pub(super) fn remember(
    txn: &Txn<'_>,
    at: Timestamp,
    act: Act,
    before: &Client,
    after: &Client,
) -> Result<(), StoreError> {
    let (id, before, after) = (after.id, Standing::from(before), Standing::from(after));
    if before == after {
        return Ok(());
    }
    undos::put(txn, id, &Undoable { at, act, before, after })
}

/// Returns the last act on the client, if it can still be taken back.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub fn undoable(
    txn: &impl Read,
    client: &Client,
    now: Timestamp,
) -> Result<Option<Undoable>, StoreError> {
    Ok(undos::get(txn, client.id)?.filter(|undo| undo.is_open(client, now)))
}

/// Takes the act that was done at `at` back: the client stands as it did before, its bot is brought
/// up if it has to run, and its owner is told.
///
/// Safe to repeat: the same `cause` takes it back once, and gives the client again as it is then.
///
/// # Errors
///
/// Returns [`UndoError`], and nothing is changed.
pub async fn undo(
    deps: &Deps,
    cause: Cause,
    id: ClientId,
    at: Timestamp,
    by: Actor,
) -> Result<Client, UndoError> {
    let now = deps.clock.now();
    let present = Present::new(now, &deps.config.billing);
    let (client, undone) = deps
        .store
        .write(move |txn| {
            let client = clients::get(txn, id)?.ok_or(UndoError::UnknownClient)?;
            if cause.effect::<UndoError>(txn, now)?.is_some() {
                return Ok((client, None));
            }
            let last = undos::get(txn, id)?.filter(|last| is_at(last, at));
            let last = last.ok_or(UndoError::NothingToUndo)?;
            if last.after != Standing::from(&client) {
                return Err(UndoError::Changed);
            }
            if !last.is_open(&client, now) {
                return Err(UndoError::NothingToUndo);
            }
            undos::remove(txn, id)?;
            let client = put_back(txn, &present, client, &last)?;
            let (actor, action) = (by.to_string(), "client.undone".to_owned());
            let detail = last.act.name().to_owned();
            let entry = audit::Entry { at: now, actor, action, client: Some(id), detail };
            audit::append(txn, &entry)?;
            cause.remember(txn, now, &[])?;
            Ok::<_, UndoError>((client, Some(last.act)))
        })
        .await?;
    deps.changes.notify();
    if let Some(act) = undone {
        tracing::info!(
            event = "client.undone", client = %id, act = act.name(),
            "an operator's act was taken back"
        );
    }
    Ok(client)
}

/// Buttons and rows carry whole milliseconds.
fn is_at(last: &Undoable, at: Timestamp) -> bool {
    last.at.as_millisecond() == at.as_millisecond()
}

fn put_back(
    txn: &Txn<'_>,
    present: &Present,
    mut client: Client,
    last: &Undoable,
) -> Result<Client, UndoError> {
    let Standing { subscription, company, owner } = last.before.clone();
    (client.company, client.owner) = (company, owner);
    for event in way_back(last.act, subscription) {
        client = live(txn, present, client, event)?.client;
    }
    clients::put(txn, &client)?;
    if let Act::Given(_) = last.act {
        let notice = Notice::TimeChanged(client.id);
        jobs::push(txn, present.now, &Job::Notify(client.owner, notice))?;
    }
    Ok(client)
}

/// Returns what leads back to how the client stood before.
fn way_back(act: Act, before: Subscription) -> Vec<Event> {
    match act {
        Act::Suspended => vec![Event::Resumed],
        Act::Resumed => vec![Event::Paused],
        Act::Cancelled => vec![Event::CancellationUndone],
        Act::Changed => vec![],
        Act::Given(_) => {
            let again = match before {
                Subscription::Suspended { by: SuspendedBy::Operator, .. } => Some(Event::Paused),
                Subscription::Cancelled { .. } => Some(Event::Cancelled),
                Subscription::Trial { .. }
                | Subscription::Active { .. }
                | Subscription::Grace { .. }
                | Subscription::Suspended { by: SuspendedBy::Expiry, .. }
                | Subscription::Archived { .. } => None,
            };
            [Event::GiftUndone(before.granted())].into_iter().chain(again).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use jiff::SignedDuration;

    use super::*;
    use crate::actions::gift::give;
    use crate::actions::suspend::suspend;
    use crate::domain::plan::Days;
    use crate::testing::{Host, cause};

    const TOKEN: &str = "700001:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";

    #[tokio::test]
    async fn a_trial_is_a_trial_again_once_the_gift_is_taken_back() {
        let host = Host::new("http://127.0.0.1:1", Path::new("/bin/false"), Duration::ZERO);
        let deps = &host.deps;
        let id = host.add_client(1, 5001, TOKEN).await;
        let until = deps.clock.now() + SignedDuration::from_hours(24 * 5);
        let until = Timestamp::from_millisecond(until.as_millisecond()).unwrap();
        host.change(id, move |client| client.subscription = Subscription::Trial { until }).await;
        let week = Days::new(7).unwrap();
        let given = give(deps, cause(), id, week, Actor::Api).await.unwrap();
        let paid_until = until + week.length();
        assert_eq!(given.subscription, Subscription::Active { paid_until });

        let last = deps.store.read(|snap| undoable(snap, &given, deps.clock.now())).unwrap();
        let undone = undo(deps, cause(), id, last.unwrap().at, Actor::Api).await.unwrap();
        assert_eq!(undone.subscription, Subscription::Trial { until });
        assert_eq!(host.find(id), Some(undone));
    }

    /// The host may die between the effect and the answer: the update is then handled again.
    #[tokio::test]
    async fn the_same_cause_takes_back_once_and_says_so_again() {
        let host = Host::new("http://127.0.0.1:1", Path::new("/bin/false"), Duration::ZERO);
        let deps = &host.deps;
        let id = host.add_client(1, 5001, TOKEN).await;
        let before = host.client(id).subscription;
        suspend(deps, cause(), id, Actor::Api).await.unwrap();
        let suspended = host.client(id);
        let last = deps.store.read(|snap| undoable(snap, &suspended, deps.clock.now())).unwrap();
        let (at, pressed) = (last.unwrap().at, cause());
        for _ in 0..2 {
            let undone = undo(deps, pressed.clone(), id, at, Actor::Api).await.unwrap();
            assert_eq!(undone.subscription, before);
        }
        // Neither does it take back what was done since.
        suspend(deps, cause(), id, Actor::Api).await.unwrap();
        let repeated = undo(deps, pressed.clone(), id, at, Actor::Api).await.unwrap();
        assert_eq!(repeated.subscription.name(), "suspended");
        let lines = deps.store.read(|snap| audit::list(snap, None, 9)).unwrap();
        let actions: Vec<_> = lines.iter().map(|(_, line)| line.action.as_str()).collect();
        assert_eq!(actions, ["client.suspended", "client.undone", "client.suspended"]);

        let other = undo(deps, cause(), id, at, Actor::Api).await;
        assert!(matches!(other, Err(UndoError::NothingToUndo)), "{other:?}");
        let reused = pressed.with_fingerprint(b"another request".to_vec());
        let reused = undo(deps, reused, id, at, Actor::Api).await;
        assert!(matches!(reused, Err(UndoError::KeyReused(_))), "{reused:?}");
    }
}
