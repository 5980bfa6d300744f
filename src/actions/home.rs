//! Bring a client's data to where its bot is to run, before it starts there.
//!
//! `runtime.kind` says where bots run; a client whose data lies elsewhere is moved when its bot is
//! deployed. At each moment the data is in one place that counts: in the seed if there is one, else
//! where the record says.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::back_up_client::{BackUpError, back_up};
use super::gateways::GatewayError;
use crate::deps::Deps;
use crate::domain::client::RuntimeState;
use crate::domain::home::{Home, Need, Place, Seen, need};
use crate::domain::ids::ClientId;
use crate::external::containers::{Runtime as _, RuntimeError, RuntimeStatus};
use crate::external::seeds;
use crate::store::hold::hold;
use crate::store::{OpenError, StoreError, clients, homes};

/// How long the process that ran before may take to finish its work in hand.
const PREDECESSOR_ENDS_WITHIN: Duration = Duration::from_secs(15);

/// Why a client's data is not where its bot is to run.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// The data lies in a container, and nobody answers who could bring it.
    #[error(
        "the client's data lies in a container, which no deployer can be asked for: start \
         slotbox-deployer, or set runtime.kind = \"docker\" again; no empty bot is started"
    )]
    InContainer(#[source] RuntimeError),
    /// The data lies in a container, and this program has no way to any.
    #[error("the client's data lies in a container, and this program has no way to containers")]
    NoWay,
    /// There is data on the host and in a volume, and nobody knows which counts.
    #[error(
        "the client has data in {0} and in a container's volume, and it is not on record which \
         counts: move the file away, or make it the client's seed"
    )]
    TwoPlaces(PathBuf),
    /// The bot in the container has not sent its data.
    #[error("the container has not given the client's data away")]
    Copy(#[source] BackUpError),
    /// The database on the host is in use.
    #[error("the client's database is in use")]
    InUse(#[source] OpenError),
    /// A file could not be moved.
    #[error("cannot move the client's data")]
    Disk(#[from] io::Error),
    /// The runtime failed.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The client's socket could not be opened.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tells whether the bot may start without anything being moved or asked.
///
/// # Errors
///
/// Returns [`HomeError`] if it cannot be seen.
pub(super) fn is_settled(deps: &Deps, id: ClientId) -> Result<bool, HomeError> {
    Ok(matches!(needed(deps, id)?, Need::Nothing))
}

/// Puts on record what must be before the bot starts, and tells whether that was all.
///
/// # Errors
///
/// Returns [`HomeError`].
pub(super) async fn settle_at_once(deps: &Deps, id: ClientId) -> Result<bool, HomeError> {
    match needed(deps, id)? {
        Need::Nothing => Ok(true),
        Need::Note(home) => note(deps, id, home).await.map(|()| true),
        _ => Ok(false),
    }
}

/// Brings the client's data to where its bot is to run. Nothing of it may run there.
///
/// Safe to repeat, and to break off at any place.
///
/// # Errors
///
/// Returns [`HomeError`]; no data is lost, and the bot must not start.
pub(super) async fn settle(deps: &Deps, id: ClientId) -> Result<(), HomeError> {
    match needed(deps, id)? {
        Need::Nothing => Ok(()),
        Need::Note(home) => note(deps, id, home).await,
        Need::Ask => ask(deps, id).await,
        Need::Leave => leave(deps, id).await,
        Need::Silence => {
            silence(deps, id).await;
            Ok(())
        }
        Need::Enter => enter(deps, id).await,
        Need::SetAside(home) => {
            set_aside(deps, id).await?;
            note(deps, id, home).await
        }
        Need::Compare => compare(deps, id).await,
    }
}

/// Has a bot that is to begin with a seed run this release: an earlier one may know of no seeds.
///
/// # Errors
///
/// Returns [`HomeError`]; what runs may be of an earlier release, which is not let serve.
pub(super) async fn renew(deps: &Deps, id: ClientId) -> Result<(), HomeError> {
    if see(deps, id)?.has_seed {
        deps.runtime.renew(id).await?;
    }
    Ok(())
}

/// Removes the container that the client has left, now that its data is here for certain.
///
/// A deployer that cannot be asked is asked again when the bot is deployed the next time.
///
/// # Errors
///
/// Returns [`HomeError`] if the record cannot be read or written.
pub(super) async fn finish(deps: &Deps, id: ClientId) -> Result<(), HomeError> {
    let (Some(home), Some(other)) = (recorded(deps, id)?, deps.runtime.other()) else {
        return Ok(());
    };
    let seen = see(deps, id)?;
    let is_here = home.place == Place::Process && seen.has_files && !seen.has_seed;
    if !is_here || !home.has_container {
        return Ok(());
    }
    match other.remove_container(id).await {
        Ok(()) => {
            note(deps, id, Home::PROCESS).await?;
            tracing::info!(
                event = "client.container_removed", client = %id,
                "the container that the client has left is removed"
            );
        }
        Err(err) => tracing::warn!(
            event = "client.container_left", client = %id, error = %err,
            "the container that the client has left is still there"
        ),
    }
    Ok(())
}

/// Stops a container that is not where the bot is to run, if there is one.
pub(super) async fn silence(deps: &Deps, id: ClientId) {
    let may_run = recorded(deps, id).is_ok_and(|home| home.is_some_and(|it| it.has_container));
    let Some(other) = deps.runtime.other().filter(|_| may_run) else { return };
    if let Err(err) = other.stop(id).await {
        tracing::warn!(
            event = "client.not_silenced", client = %id, error = %err,
            "a container of the client may still run; it has no way to anybody"
        );
    }
}

/// Removes a container that is not where the bot is to run, and keeps its data.
pub(super) async fn put_away(deps: &Deps, id: ClientId) -> Result<(), HomeError> {
    let has_container = recorded(deps, id)?.is_some_and(|home| home.has_container);
    let Some(other) = deps.runtime.other().filter(|_| has_container) else { return Ok(()) };
    match other.archive(id).await {
        Err(RuntimeError::NoDeployer { .. }) => silence(deps, id).await,
        put_away => put_away?,
    }
    Ok(())
}

/// Deletes what the client has where its bot does not run.
///
/// # Errors
///
/// Returns [`HomeError`] if there may be something left.
pub(super) async fn delete(deps: &Deps, id: ClientId) -> Result<(), HomeError> {
    let Some(other) = deps.runtime.other() else { return Ok(()) };
    let known = recorded(deps, id)?;
    if known.is_some_and(|home| !home.has_container) {
        return Ok(());
    }
    match other.remove_container(id).await {
        Err(RuntimeError::NoDeployer { .. }) if known.is_none() => Ok(()),
        removed => Ok(removed?),
    }
}

/// Forgets where the client's data lay.
///
/// # Errors
///
/// Returns [`StoreError`] if the record cannot be written.
pub(super) async fn forget(deps: &Deps, id: ClientId) -> Result<(), StoreError> {
    deps.store.write(move |txn| homes::remove(txn, id)).await
}

fn recorded(deps: &Deps, id: ClientId) -> Result<Option<Home>, StoreError> {
    deps.store.read(|snap| homes::get(snap, id))
}

fn see(deps: &Deps, id: ClientId) -> Result<Seen, HomeError> {
    let layout = deps.layout();
    Ok(Seen {
        home: recorded(deps, id)?,
        has_seed: seeds::number(&layout, id)?.is_some(),
        has_files: layout.database(id)?.is_some(),
    })
}

fn needed(deps: &Deps, id: ClientId) -> Result<Need, HomeError> {
    let found = need(deps.runtime.place(), see(deps, id)?);
    // Where there is no way to containers, there were none.
    Ok(if found == Need::Ask && deps.runtime.other().is_none() { Need::Nothing } else { found })
}

async fn note(deps: &Deps, id: ClientId, home: Home) -> Result<(), HomeError> {
    deps.store.write::<_, StoreError>(move |txn| homes::put(txn, id, home)).await?;
    deps.changes.notify();
    Ok(())
}

/// The client has no data here: looks whether it has some in a container.
async fn ask(deps: &Deps, id: ClientId) -> Result<(), HomeError> {
    let (home, client) = (recorded(deps, id)?, deps.store.read(|snap| clients::get(snap, id))?);
    let may_exist = home.is_some_and(|home| home.has_container);
    let ran = client.map_or(RuntimeState::None, |client| client.runtime);
    if !may_exist && matches!(ran, RuntimeState::None | RuntimeState::Starting) {
        return note(deps, id, Home::PROCESS).await;
    }
    // One that ran here would have left a database.
    let is_known = may_exist || (home.is_none() && ran == RuntimeState::Running);
    let other = deps.runtime.other().ok_or(HomeError::NoWay)?;
    match other.inspect(id).await {
        Err(err @ RuntimeError::NoDeployer { .. }) if is_known => {
            if home.is_none() {
                note(deps, id, Home::CONTAINER).await?; // However the bot stands the next time.
            }
            Err(HomeError::InContainer(err))
        }
        Err(RuntimeError::NoDeployer { .. }) | Ok(RuntimeStatus::Absent) => {
            if ran == RuntimeState::Running {
                tell_missing(id);
            }
            note(deps, id, Home::PROCESS).await
        }
        found => {
            found?;
            leave(deps, id).await
        }
    }
}

fn tell_missing(id: ClientId) {
    tracing::error!(
        event = "client.data_missing", client = %id,
        "the client's data is neither here nor in a container; its bot starts empty"
    );
}

/// There is data here, and the record says that it is in a container.
async fn compare(deps: &Deps, id: ClientId) -> Result<(), HomeError> {
    let other = deps.runtime.other().ok_or(HomeError::NoWay)?;
    match other.inspect(id).await {
        Err(err @ RuntimeError::NoDeployer { .. }) => Err(HomeError::InContainer(err)),
        Err(err) => Err(err.into()),
        Ok(RuntimeStatus::Absent) => note(deps, id, Home::PROCESS).await,
        Ok(_) => {
            let here = deps.layout().database(id)?.unwrap_or_default();
            Err(HomeError::TwoPlaces(here))
        }
    }
}

/// Has the container's bot give its data away, and makes that the client's seed.
async fn leave(deps: &Deps, id: ClientId) -> Result<(), HomeError> {
    let other = deps.runtime.other().ok_or(HomeError::NoWay)?;
    match other.inspect(id).await {
        Err(err @ RuntimeError::NoDeployer { .. }) => return Err(HomeError::InContainer(err)),
        Ok(RuntimeStatus::Absent) => {
            tell_missing(id);
            return note(deps, id, Home::PROCESS).await;
        }
        found => _ = found?,
    }
    tracing::info!(
        event = "client.leaving", client = %id,
        "the client's data leaves its container; its bot serves nobody meanwhile"
    );
    note(deps, id, Home { is_leaving: true, ..Home::CONTAINER }).await?;
    // Opened anew, the socket lets the container in.
    deps.gateways.close(id).await;
    deps.gateways.open(id).await?;
    other.renew(id).await?;
    let copy = back_up(deps, id).await.map_err(HomeError::Copy)?;
    other.stop(id).await?;
    deps.gateways.close(id).await;
    let layout = deps.layout();
    on_disk(move || match seeds::place_copy(&layout, id, &copy) {
        // Somebody has decided what the bot begins with.
        Err(err) if err.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        placed => placed,
    })
    .await
}

/// Makes the data that a process had the client's seed, for its container.
async fn enter(deps: &Deps, id: ClientId) -> Result<(), HomeError> {
    let layout = deps.layout();
    let Some(file) = layout.database(id)? else { return Ok(()) };
    let home = recorded(deps, id)?;
    // A container that is on record as left over has nothing that counts.
    let counts_here = home.is_some_and(|home| home.place == Place::Process && home.has_container);
    if deps.runtime.inspect(id).await? != RuntimeStatus::Absent && !counts_here {
        return Err(HomeError::TwoPlaces(file));
    }
    note(deps, id, Home { has_container: true, ..Home::PROCESS }).await?;
    let held = hold(PREDECESSOR_ENDS_WITHIN, &file).await.map_err(HomeError::InUse)?;
    let (here, from) = (layout.clone(), file.clone());
    on_disk(move || seeds::place(&here, id, &from)).await?;
    drop(held);
    on_disk(move || layout.clear(id, &file)).await?;
    tracing::info!(
        event = "client.entering", client = %id,
        "the client's data waits for its container"
    );
    set_aside(deps, id).await
}

/// Puts data that does not count any more into the archive.
async fn set_aside(deps: &Deps, id: ClientId) -> Result<(), HomeError> {
    let (layout, now) = (deps.layout(), deps.clock.now());
    let name = format!("replaced-{}", now.strftime("%Y%m%dT%H%M%SZ"));
    if on_disk(move || layout.set_aside(id, &name)).await? {
        tracing::warn!(
            event = "client.set_aside", client = %id,
            "data of the client that its seed replaces was put into the archive"
        );
    }
    Ok(())
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, HomeError> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|_| StoreError::Panicked)??)
}
