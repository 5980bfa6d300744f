//! Part: a bot that is to rest in a container sends a last copy of its data, which nobody can read once
//! it is stopped. Backups of the host hold that copy until the bot runs again.

use std::error::Error;
use std::io;
use std::time::Duration;

use super::back_up_client::{fetch, parting_copy};
use super::backups;
use crate::deps::Deps;
use crate::domain::home::Place;
use crate::domain::ids::ClientId;
use crate::external::containers::RuntimeStatus;
use crate::store::clients;

/// How long a bot may take to send its last copy. It is stopped all the same.
const WITHIN: Duration = Duration::from_secs(20);

/// Why a bot that rests has left no copy.
#[derive(Debug, thiserror::Error)]
#[error("its bot does not stay up")]
struct Restless;

/// Has the client's bot send its last copy, if it runs and its data is out of reach without it.
///
/// To be called before the bot is stopped for longer than a restart takes, once it serves nobody any
/// more. Safe to repeat: what a bot has sent before it was stopped stays.
pub(super) async fn part(deps: &Deps, id: ClientId) {
    let is_known = deps.store.read(|snap| clients::get(snap, id)).is_ok_and(|it| it.is_some());
    // A seed that was not taken is all the data that there is.
    if deps.runtime.place() == Place::Process || !is_known || deps.layout().seed(id).exists() {
        return;
    }
    match deps.runtime.inspect(id).await {
        Ok(RuntimeStatus::Running { .. }) => {}
        Ok(RuntimeStatus::Absent | RuntimeStatus::Stopped) => return,
        Ok(RuntimeStatus::Restarting { .. }) => return tell_missing(id, &Restless),
        Err(err) => return tell_missing(id, &err),
    }
    if let Err(err) = deps.gateways.open(id).await {
        return tell_missing(id, &err);
    }
    match fetch(deps, id, backups::Place::Parting, WITHIN).await {
        Ok(_) => tracing::info!(
            event = "client.parted", client = %id,
            "the bot has sent a last copy of its data before it is stopped"
        ),
        Err(err) => tell_missing(id, &err),
    }
}

/// Deletes the last copy of a bot that is to run again, or is gone for ever.
///
/// # Errors
///
/// Returns what the system refused. The bot must not start: an old copy would pass for its data.
pub(super) async fn forget(deps: &Deps, id: ClientId) -> io::Result<()> {
    let copy = parting_copy(&deps.config.server.data_dir, id);
    let Some(directory) = copy.parent() else { return Ok(()) };
    match tokio::fs::remove_dir_all(directory).await {
        Err(err) if err.kind() != io::ErrorKind::NotFound => Err(err),
        _ => Ok(()),
    }
}

fn tell_missing(id: ClientId, error: &(dyn Error + 'static)) {
    tracing::warn!(
        event = "client.not_parted", client = %id, error,
        "the bot has sent no last copy of its data and is stopped; backups have what it sent before"
    );
}
