//! Archive: when retention is over, a bot's data and its sealed token leave their place; a later
//! payment brings both back.

use std::io;

use super::deploy::{DeployError, rest};
use super::home;
use super::life::{Present, entry};
use super::part;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::ids::ClientId;
use crate::domain::job::{Job, Notice};
use crate::domain::subscription::{Service, Subscription};
use crate::external::archive as files;
use crate::store::secrets::{self, Sealed};
use crate::store::{StoreError, audit, clients, jobs, subscriptions};

/// What became of it.
enum Archived {
    /// Data and token are in the archive, and the owner is told.
    Done,
    /// The client came back, or its token changed, while it was done: a job sees to it.
    Overtaken,
    /// There was nothing left to do.
    Before,
}

/// Stops the client's bot and moves its data and its sealed token to the archive.
///
/// Safe to repeat. Does nothing if the client is not to be archived any more. One that comes back
/// while this runs is brought up again, with its data.
///
/// # Errors
///
/// Returns [`DeployError`]; what is left is done the next time.
pub async fn archive(deps: &Deps, id: ClientId) -> Result<(), DeployError> {
    let _turn = deps.turns.turn(id).await;
    let known = deps.store.read(|snap| clients::get(snap, id))?;
    if !known.is_some_and(|client| is_archived(client.subscription)) {
        return Ok(());
    }
    rest(deps, id).await;
    deps.runtime.archive(id).await?;
    home::put_away(deps, id).await?;
    let sealed = deps.store.read(|snap| secrets::get(snap, id))?;
    if let Some(sealed) = &sealed {
        let (layout, sealed) = (deps.layout(), sealed.as_bytes().to_vec());
        on_disk(move || files::put_token(&layout, id, &sealed)).await?;
    }
    match conclude(deps, id, sealed).await? {
        Archived::Done => tracing::info!(
            event = "client.archived", client = %id,
            "retention is over: the client's data was moved to the archive"
        ),
        Archived::Overtaken => tracing::info!(
            event = "client.not_archived", client = %id,
            "the client changed while it was archived"
        ),
        Archived::Before => {}
    }
    Ok(())
}

async fn conclude(deps: &Deps, id: ClientId, kept: Option<Sealed>) -> Result<Archived, StoreError> {
    let present = Present::new(deps.clock.now(), &deps.config.billing);
    let now = present.now;
    let write = deps.store.write::<_, StoreError>(move |txn| {
        let Some(client) = clients::get(txn, id)? else { return Ok(Archived::Before) };
        let Subscription::Archived { since, .. } = client.subscription else {
            // It is to run again, or to stop in another way; this start finds the data.
            jobs::push(txn, now, &Job::Deploy(id))?;
            return Ok(Archived::Overtaken);
        };
        if secrets::get(txn, id)? != kept {
            jobs::push(txn, now, &Job::Archive(id))?;
            return Ok(Archived::Overtaken);
        }
        secrets::remove(txn, id)?;
        let mut told = subscriptions::told(txn, id)?.unwrap_or_default();
        if !told.hear_of_archive(since) {
            return Ok(Archived::Before);
        }
        subscriptions::put_told(txn, id, told)?;
        let detail = format!("retention ended {since}");
        audit::append(txn, &entry(now, id, Actor::Slotbox, "client.archived", detail))?;
        jobs::push(txn, now, &Job::Notify(client.owner, Notice::Subscription(id)))?;
        Ok(Archived::Done)
    });
    write.await
}

/// Puts the sealed token of a client that has come back in its place, unless there is a newer one, and
/// forgets the last copy that its bot has sent.
/// The data comes back when the bot is started; [`tidy`] follows when it has.
pub(super) async fn take_back(deps: &Deps, id: ClientId) -> Result<(), DeployError> {
    part::forget(deps, id).await.map_err(DeployError::Archive)?;
    let layout = deps.layout();
    let Some(sealed) = on_disk(move || files::token(&layout, id)).await? else { return Ok(()) };
    let sealed = Sealed::from_bytes(sealed);
    let write = deps.store.write::<_, StoreError>(move |txn| {
        let client = clients::get(txn, id)?;
        let runs = client.is_some_and(|client| client.subscription.service() != Service::None);
        if runs && secrets::get(txn, id)?.is_none() {
            secrets::put(txn, id, &sealed)?;
            return Ok(true);
        }
        Ok(false)
    });
    if write.await? {
        tracing::info!(
            event = "client.restored", client = %id,
            "the client is back from the archive"
        );
    }
    Ok(())
}

/// Deletes the archived token of a client whose token is in its place again.
pub(super) async fn tidy(deps: &Deps, id: ClientId) -> Result<(), DeployError> {
    let layout = deps.layout();
    if layout.archive_dir(id).exists() && deps.store.read(|snap| secrets::get(snap, id))?.is_some()
    {
        on_disk(move || files::forget_token(&layout, id)).await?;
    }
    Ok(())
}

const fn is_archived(subscription: Subscription) -> bool {
    matches!(subscription, Subscription::Archived { .. })
}

/// Does a little work with files on a thread that may wait for them.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, DeployError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(io::Error::other("the work panicked")))
        .map_err(DeployError::Archive)
}
