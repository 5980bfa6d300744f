//! How a backup of the host comes by the data of each client.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::spawn_blocking;

use crate::actions::back_up_client::{BackUpError, fetch, parting_copy, passage};
use crate::actions::backups::Place;
use crate::deps::Deps;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::ClientId;
use crate::domain::subscription::Service;
use crate::store::{OpenError, StoreError, backup};

/// How long a bot is waited for. One that was just started, or is asked for a copy by somebody else,
/// gets to it within that.
const WITHIN: Duration = Duration::from_mins(1);
/// A copy of a database that nobody used.
const AT_REST: &str = "rest.redb";

/// Why there is no copy of a client's data as it is now.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoCopy {
    /// It is in a volume that only its bot can read, and that does not run.
    #[error("its bot does not run, and only it can read its data")]
    OutOfReach,
    /// Its bot was asked.
    #[error(transparent)]
    NotSent(#[from] BackUpError),
    /// The file was copied.
    #[error(transparent)]
    Unsound(#[from] OpenError),
    /// The directory cannot be used.
    #[error(transparent)]
    Disk(#[from] io::Error),
    /// The work panicked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a sound copy of the client's data as it is now, below [`passage`]: its bot sends it, or the
/// file is copied if nothing runs that uses it.
pub(super) async fn copy(deps: Deps, client: Client) -> (Result<PathBuf, NoCopy>, Client) {
    (copy_of(&deps, &client).await, client)
}

async fn copy_of(deps: &Deps, client: &Client) -> Result<PathBuf, NoCopy> {
    // Until the bot has taken its seed, that is the client's data.
    if let Some(copy) = copy_if_there(deps, client.id, deps.layout().seed(client.id)).await? {
        return Ok(copy);
    }
    if client.subscription.service() == Service::None {
        let parting = parting_copy(&deps.config.server.data_dir, client.id);
        return match copy_if_there(deps, client.id, parting).await? {
            Some(copy) => Ok(copy),
            None => copy_at_rest(deps, client.id).await,
        };
    }
    if !matches!(client.runtime, RuntimeState::Running | RuntimeState::Starting) {
        return copy_at_rest(deps, client.id).await;
    }
    match fetch(deps, client.id, Place::InPassing, WITHIN).await {
        Ok(copy) => Ok(copy),
        // It may be down just now, and then its file is at rest.
        Err(err @ BackUpError::NoAnswer) => {
            copy_at_rest(deps, client.id).await.map_err(|_| err.into())
        }
        Err(err) => Err(err.into()),
    }
}

/// Copies a database that nobody writes to, if there is one.
async fn copy_if_there(
    deps: &Deps,
    id: ClientId,
    from: PathBuf,
) -> Result<Option<PathBuf>, NoCopy> {
    let into = passage(&deps.config.server.data_dir).join(id.to_string());
    let copy = move || match copy_file(&from, &into) {
        Ok(copy) => Ok(Some(copy)),
        // There is none, or it was taken just now.
        Err(_) if !from.try_exists()? => Ok(None),
        Err(err) => Err(err),
    };
    spawn_blocking(copy).await.map_err(|_| StoreError::Panicked)?
}

async fn copy_at_rest(deps: &Deps, id: ClientId) -> Result<PathBuf, NoCopy> {
    let layout = deps.layout();
    let into = passage(&deps.config.server.data_dir).join(id.to_string());
    let copy = move || {
        let from = layout.database(id)?.ok_or(NoCopy::OutOfReach)?;
        copy_file(&from, &into)
    };
    spawn_blocking(copy).await.map_err(|_| StoreError::Panicked)?
}

fn copy_file(from: &Path, into: &Path) -> Result<PathBuf, NoCopy> {
    let path = into.join(AT_REST);
    if from.try_exists()? {
        std::fs::create_dir_all(into)?;
        std::fs::remove_file(&path).ok(); // A try that was overtaken may have left one.
    }
    backup::copy_at_rest(from, &path)?;
    backup::check(&path)?;
    Ok(path)
}
