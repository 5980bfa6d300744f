//! Follow: one message that shows how a client's deploy goes, changed in place until it is over.

use jiff::SignedDuration;

use super::notify::NotifyError;
use crate::deps::Deps;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::ClientId;
use crate::domain::job::Job;
use crate::external::telegram::{TelegramError, edit};
use crate::store::followed::{self, Followed};
use crate::store::queue::{self, JobRecord, JobState};
use crate::store::{Snapshot, StoreError, clients, jobs};
use crate::texts::master::{Stage, progress};

/// How long after a failed attempt it is told: its result is on record by then.
const AFTER_ATTEMPT: SignedDuration = SignedDuration::from_secs(2);

/// Has a message of the Master Bot's follow the client's deploy from now on, across restarts.
///
/// # Errors
///
/// Returns [`StoreError`], and nothing is followed.
pub async fn follow(deps: &Deps, client: ClientId, message: Followed) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let write = deps.store.write(move |txn| {
        followed::put(txn, client, message)?;
        jobs::push(txn, now, &Job::ShowProgress(client))
    });
    write.await.map(drop)
}

/// Has the message that follows the client's deploy changed, if there is one.
pub(super) async fn touch(deps: &Deps, client: ClientId) -> Result<(), StoreError> {
    let now = deps.clock.now();
    touch_at(deps, client, now).await
}

/// As [`touch`], once the attempt that has just failed is on record.
pub(super) async fn touch_later(deps: &Deps, client: ClientId) -> Result<(), StoreError> {
    let at = deps.clock.now() + AFTER_ATTEMPT;
    touch_at(deps, client, at).await
}

async fn touch_at(deps: &Deps, id: ClientId, at: jiff::Timestamp) -> Result<(), StoreError> {
    if deps.store.read(|snap| followed::get(snap, id))?.is_none() {
        return Ok(());
    }
    let now = deps.clock.now();
    let write = deps.store.write(move |txn| jobs::push_at(txn, now, at, &Job::ShowProgress(id)));
    write.await.map(drop)
}

/// Changes the message that follows the client's deploy to how it stands now; lets go of it when
/// the deploy is over, or when the message cannot be changed any more.
///
/// # Errors
///
/// Returns [`NotifyError`]; it may be done again.
pub async fn show_progress(deps: &Deps, id: ClientId) -> Result<(), NotifyError> {
    let now = deps.clock.now();
    let Some((message, client, job)) = deps.store.read(|snap| look(snap, id, now))? else {
        return Ok(());
    };
    let stage = stage(&client, job);
    if let (Some(stage), Some(master)) = (&stage, &deps.master) {
        let words = progress(deps.words(), &client, stage);
        match edit(master, message.person, message.message, &words).await {
            Ok(()) | Err(TelegramError::NotModified) => {}
            // The message was deleted, or its chat is closed: nobody follows.
            Err(TelegramError::Refused(_) | TelegramError::Blocked) => {
                return let_go(deps, id).await;
            }
            Err(err) => return Err(err.into()),
        }
    }
    match stage {
        Some(Stage::Queued { .. } | Stage::Starting { .. } | Stage::WillRetry { .. }) => Ok(()),
        Some(Stage::Running | Stage::Failed { .. }) | None => let_go(deps, id).await,
    }
}

async fn let_go(deps: &Deps, id: ClientId) -> Result<(), NotifyError> {
    Ok(deps.store.write(move |txn| followed::remove(txn, id)).await?)
}

fn look(
    snap: &Snapshot<'_>,
    id: ClientId,
    now: jiff::Timestamp,
) -> Result<Option<(Followed, Client, Option<JobRecord>)>, StoreError> {
    let Some(message) = followed::get(snap, id)? else { return Ok(None) };
    let Some(client) = clients::get(snap, id)? else { return Ok(None) };
    Ok(Some((message, client, queue::get(snap, message.job, now)?)))
}

/// Says how the deploy stands; `None` if it was called off.
fn stage(client: &Client, job: Option<JobRecord>) -> Option<Stage> {
    let error = job.as_ref().and_then(|job| job.error.clone()).unwrap_or_default();
    match client.runtime {
        RuntimeState::Running => return Some(Stage::Running),
        RuntimeState::Failed => return Some(Stage::Failed { error }),
        RuntimeState::None | RuntimeState::Stopped => return None,
        RuntimeState::Starting => {}
    }
    let job = job?;
    let (attempt, of) = (job.attempts, job.max_attempts);
    match job.state {
        JobState::Queued => Some(Stage::Queued { job: job.id }),
        JobState::Running => Some(Stage::Starting { attempt, of }),
        JobState::Waiting => Some(Stage::WillRetry { attempt, of, error }),
        JobState::Dead => Some(Stage::Failed { error }),
        JobState::Done => None,
    }
}
