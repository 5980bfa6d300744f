//! Tend the clients' bots: compare what runs with what should, and repair the difference.

use std::collections::BTreeSet;

use super::deploy::{DeployError, shall_run, stop};
use crate::deps::Deps;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::ClientId;
use crate::domain::subscription::Service;
use crate::external::containers::RuntimeStatus;
use crate::store::clients;

/// Looks again and again, and remembers what was not as it should be the last time.
///
/// A difference that is seen once may be work in hand: a restart, a removal. What is seen twice is
/// repaired.
#[derive(Debug, Default)]
pub struct Tender {
    /// Those that should run and did not, and those that ran and should not.
    seen: BTreeSet<(ClientId, Want)>,
}

/// What a bot should do and does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Want {
    Run,
    Stop,
}

impl Tender {
    /// Compares once. A bot that should run and does is looked at too: a container that somebody has
    /// changed is put right.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be seen what runs; one bot that cannot be repaired is told and left.
    pub async fn look(&mut self, deps: &Deps) -> Result<(), DeployError> {
        let all = deps.store.read(|snap| clients::list(snap, None, usize::MAX))?;
        let mut now = BTreeSet::new();
        for id in deps.runtime.list().await? {
            let known = all.iter().find(|client| client.id == id);
            if known.is_none_or(shall_rest) && is_up(deps, id).await? {
                now.insert((id, Want::Stop));
            }
        }
        for client in all.iter().filter(|client| shall_be_up(client)) {
            match deps.runtime.inspect(client.id).await? {
                RuntimeStatus::Absent | RuntimeStatus::Stopped => {
                    now.insert((client.id, Want::Run));
                }
                RuntimeStatus::Running { .. } => keep(deps, client.id).await,
                RuntimeStatus::Restarting { .. } => {} // It is being seen to.
            }
        }
        for (id, want) in now.intersection(&self.seen) {
            repair(deps, *id, *want).await;
        }
        self.seen = now;
        Ok(())
    }
}

fn shall_be_up(client: &Client) -> bool {
    client.runtime == RuntimeState::Running && client.subscription.service() != Service::None
}

fn shall_rest(client: &Client) -> bool {
    client.subscription.service() == Service::None
}

async fn is_up(deps: &Deps, id: ClientId) -> Result<bool, DeployError> {
    let status = deps.runtime.inspect(id).await?;
    Ok(matches!(status, RuntimeStatus::Running { .. } | RuntimeStatus::Restarting { .. }))
}

/// Has the runtime look whether what runs is as it was made.
async fn keep(deps: &Deps, id: ClientId) {
    if let Err(err) = deps.runtime.ensure_running(id).await {
        tracing::error!(event = "runtime.not_repaired", client = %id, error = %err,
            "a client's bot is not as it should be, and cannot be put right");
    }
}

async fn repair(deps: &Deps, id: ClientId, want: Want) {
    match want {
        Want::Run => {
            tracing::warn!(event = "runtime.repaired", client = %id, reason = "it should run and did not",
                "a client's bot was not running; it is started");
            let started = async {
                if shall_run(deps, id)? {
                    deps.gateways.open(id).await?;
                    deps.runtime.ensure_running(id).await?;
                }
                Ok::<(), DeployError>(())
            };
            if let Err(err) = started.await {
                tracing::error!(event = "runtime.not_repaired", client = %id, error = %err,
                    "a client's bot should run, and cannot be started");
            }
        }
        Want::Stop => {
            tracing::warn!(event = "runtime.repaired", client = %id, reason = "it ran and should not",
                "a bot was running for nobody; it is stopped");
            stop(deps, id).await;
        }
    }
}
