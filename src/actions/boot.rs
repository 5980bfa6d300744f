//! Bring every client's bot up again when the program starts.

use futures::stream::{self, StreamExt as _};

use super::archive::{take_back, tidy};
use super::deploy::DeployError;
use super::home;
use crate::deps::Deps;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::ClientId;
use crate::domain::job::Job;
use crate::domain::subscription::Service;
use crate::store::queue::{self, JobState};
use crate::store::{StoreError, clients, jobs};

/// How many processes are started at the same time.
const AT_ONCE: usize = 8;

/// Opens the sockets and starts the processes of all clients that ran when the program ended.
///
/// Tells nobody; a client that does not start is left to its supervisor or to the deploy that is
/// queued for it. One whose data lies elsewhere is moved by a deploy of its own.
///
/// # Errors
///
/// Returns [`StoreError`] if the clients cannot be read, and starts nothing.
pub async fn boot(deps: &Deps) -> Result<(), StoreError> {
    let all = deps.store.read(|snap| clients::list(snap, None, usize::MAX))?;
    let ids: Vec<_> = all.iter().filter(|client| ran(client)).map(|client| client.id).collect();
    tracing::info!(event = "boot.started", clients = ids.len(), "bringing the clients' bots up");
    let starts = stream::iter(ids).for_each_concurrent(AT_ONCE, |id| async move {
        if let Err(err) = start(deps, id).await {
            tracing::error!(
                event = "boot.failed", client = %id, error = %err,
                "the client's bot did not start"
            );
        }
    });
    starts.await;
    Ok(())
}

async fn start(deps: &Deps, id: ClientId) -> Result<(), DeployError> {
    take_back(deps, id).await?;
    if !home::settle_at_once(deps, id).await? {
        // It takes its time, and the others need not wait for it.
        return Ok(ask_deploy(deps, id).await?);
    }
    deps.gateways.open(id).await?;
    deps.runtime.ensure_running(id).await?;
    tidy(deps, id).await
}

/// Queues a deploy, unless one is due anyway.
async fn ask_deploy(deps: &Deps, id: ClientId) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let write = deps.store.write(move |txn| {
        let wanted = Job::Deploy(id);
        for state in [JobState::Queued, JobState::Running] {
            let due = queue::in_state(txn, state, usize::MAX, now)?;
            if due.iter().any(|job| job.client == Some(id) && job.kind == wanted.kind()) {
                return Ok(());
            }
        }
        jobs::push(txn, now, &wanted).map(drop)
    });
    write.await
}

fn ran(client: &Client) -> bool {
    matches!(client.runtime, RuntimeState::Running | RuntimeState::Starting)
        && client.subscription.service() != Service::None
}
