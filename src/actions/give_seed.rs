//! Give a client's bot the seed that it is to begin with, and forget it once the bot has it.

use std::io;

use super::watch::tell_once_a_day;
use crate::deps::Deps;
use crate::domain::home::{Home, Place};
use crate::domain::ids::ClientId;
use crate::domain::job::Notice;
use crate::domain::seed::SeedRefusal;
use crate::external::seeds::{self, Forgotten, Seed};
use crate::store::{StoreError, homes};

/// Why a seed is not given or not forgotten.
#[derive(Debug, thiserror::Error)]
pub enum GiveSeedError {
    /// The client has no seed of this number.
    #[error("the client has no such seed")]
    NoSuchSeed,
    /// The system refused.
    #[error("the seed cannot be read or forgotten")]
    Disk(#[from] io::Error),
    /// The program failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens the client's seed with this number.
///
/// # Errors
///
/// Returns [`GiveSeedError`].
pub async fn give(deps: &Deps, id: ClientId, number: u64) -> Result<Seed, GiveSeedError> {
    let layout = deps.layout();
    let seed = on_disk(move || seeds::open(&layout, id)).await?;
    seed.filter(|seed| seed.number == number).ok_or(GiveSeedError::NoSuchSeed)
}

/// The client's bot has the seed on its disk: forgets it, for certain.
///
/// Safe to repeat: a seed that is gone already was taken.
///
/// # Errors
///
/// Returns [`GiveSeedError`]; the bot must not serve, and tell again.
pub async fn taken(deps: &Deps, id: ClientId, number: u64) -> Result<(), GiveSeedError> {
    let layout = deps.layout();
    let (present, of) = (layout.clone(), id);
    match on_disk(move || seeds::number(&present, of)).await? {
        Some(present) if present != number => return Err(GiveSeedError::NoSuchSeed),
        Some(_) => settle_down(deps, id).await?,
        None => {}
    }
    match on_disk(move || seeds::forget(&layout, id, number)).await? {
        Forgotten::Gone => {}
        Forgotten::Other => return Err(GiveSeedError::NoSuchSeed),
    }
    deps.changes.notify();
    tracing::info!(event = "seed.taken", client = %id, "the client's bot has taken its seed");
    Ok(())
}

/// Puts on record where the client's data lies from now on: where its bot runs.
async fn settle_down(deps: &Deps, id: ClientId) -> Result<(), StoreError> {
    let here = deps.runtime.place();
    let write = deps.store.write::<_, StoreError>(move |txn| {
        let before = homes::get(txn, id)?;
        let has_container =
            here == Place::Container || before.is_some_and(|home| home.has_container);
        homes::put(txn, id, Home { place: here, is_leaving: false, has_container })?;
        Ok(before.map(|home| home.place))
    });
    if let Some(from) = write.await?.filter(|from| *from != here) {
        tracing::info!(
            event = "client.moved", client = %id, from = from.name(), to = here.name(),
            "the client's bot has its data at another place"
        );
    }
    Ok(())
}

/// The client's bot cannot take the seed, and serves nobody until it can: the operators hear of each
/// reason once a day.
///
/// # Errors
///
/// Returns [`GiveSeedError::Store`], and nobody was told.
pub async fn refused(deps: &Deps, id: ClientId, why: SeedRefusal) -> Result<(), GiveSeedError> {
    tracing::error!(
        event = "client.seed_refused", client = %id, reason = why.name(),
        "the client's bot cannot begin with its seed and serves nobody"
    );
    let what = format!("seed-refused:{id}:{}", why.name());
    Ok(tell_once_a_day(deps, &what, &Notice::SeedRefused(id, why)).await?)
}

/// Tells whether the client still has a seed that its bot is to begin with.
///
/// # Errors
///
/// Returns [`GiveSeedError`].
pub(super) async fn is_held(deps: &Deps, id: ClientId) -> Result<bool, GiveSeedError> {
    let layout = deps.layout();
    Ok(on_disk(move || seeds::number(&layout, id)).await?.is_some())
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, GiveSeedError> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|_| StoreError::Panicked)??)
}
