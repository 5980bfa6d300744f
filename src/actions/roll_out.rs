//! Move the clients' bots to the program of this release, a few at a time, and stop at the first that
//! does not get well.

use super::deploy::{DeployError, shall_run, wait_until_healthy};
use super::{home, operators};
use crate::deps::Deps;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::ClientId;
use crate::domain::job::Notice;
use crate::domain::subscription::Service;
use crate::external::containers::Renewal;
use crate::store::{StoreError, clients};

/// How many bots move at the same time.
const AT_ONCE: usize = 2;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollOut {
    /// All bots run this release; so many had to move.
    Done(usize),
    /// This bot did not get well and runs the release before again; those not yet moved stay.
    Stopped(ClientId),
}

/// Moves every bot that runs to the program of this release.
///
/// Safe to repeat: a bot that runs it already is left alone. At the first that does not become
/// healthy, that bot goes back to the program before, the operators are told, and the others stay.
///
/// # Errors
///
/// Returns [`StoreError`] if the clients cannot be read or the operators cannot be told.
pub async fn roll_out(deps: &Deps) -> Result<RollOut, StoreError> {
    let all = deps.store.read(|snap| clients::list(snap, None, usize::MAX))?;
    let ids: Vec<_> = all.iter().filter(|client| runs(client)).map(|client| client.id).collect();
    let mut moved = 0;
    for some in ids.chunks(AT_ONCE) {
        let all = some.iter().map(|id| move_one(deps, *id));
        let ended = futures::future::join_all(all).await;
        let mut lost = None;
        for (id, ended) in some.iter().zip(ended) {
            match ended {
                Ok(renewal) => moved += usize::from(renewal == Renewal::Renewed),
                Err(err) => {
                    tracing::error!(event = "rollout.stopped", client = %id, error = %err,
                        "a client's bot did not work in this release; those not yet moved stay");
                    tell_operators(deps, *id).await?;
                    lost = Some(*id);
                }
            }
        }
        if let Some(id) = lost {
            return Ok(RollOut::Stopped(id));
        }
    }
    if moved > 0 {
        tracing::info!(
            event = "rollout.finished",
            clients = moved,
            "all clients' bots run this release"
        );
    }
    Ok(RollOut::Done(moved))
}

fn runs(client: &Client) -> bool {
    client.runtime == RuntimeState::Running && client.subscription.service() != Service::None
}

/// Moves one bot, and moves it back if it does not become healthy.
async fn move_one(deps: &Deps, id: ClientId) -> Result<Renewal, DeployError> {
    if !shall_run(deps, id)? || !home::is_settled(deps, id)? {
        return Ok(Renewal::UpToDate);
    }
    let renewal = deps.runtime.renew(id).await?;
    if renewal == Renewal::UpToDate {
        return Ok(renewal);
    }
    tracing::info!(event = "rollout.moved", client = %id, "the client's bot runs this release");
    let healthy = wait_until_healthy(deps, id).await;
    if let Err(err) = healthy {
        if let Err(lost) = deps.runtime.restore(id).await {
            tracing::error!(event = "rollout.not_restored", client = %id, error = %lost,
                "the client's bot cannot go back to the release before");
        }
        return Err(err);
    }
    Ok(renewal)
}

async fn tell_operators(deps: &Deps, id: ClientId) -> Result<(), StoreError> {
    let (now, config) = (deps.clock.now(), deps.config.clone());
    let write = deps.store.write::<_, StoreError>(move |txn| {
        operators::tell(txn, now, &config, &Notice::RollOutStopped(id))
    });
    write.await
}
