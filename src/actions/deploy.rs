//! Deploy a client's bot: start it, wait until it is healthy, and tell whom it concerns.

use std::io;
use std::time::Duration;

use tokio::time::Instant;

use super::archive::{take_back, tidy};
use super::follow;
use super::gateways::GatewayError;
use super::home::{self, HomeError};
use super::operators;
use super::part;
use crate::deps::Deps;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::ClientId;
use crate::domain::job::{Job, Notice};
use crate::domain::subscription::{Service, Subscription};
use crate::external::containers::{RuntimeError, RuntimeStatus};
use crate::store::{StoreError, Txn, clients, jobs};

/// Whether a failure is the end of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chance {
    /// It will be tried again.
    More,
    /// It is given up, and people must hear of it.
    Last,
}

/// Why a bot does not run.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// Its data is not where it is to run.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The process could not be started.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The client's socket could not be opened.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The process has not reported that it is healthy.
    #[error("the bot did not become healthy within {} s", .0.as_secs())]
    NotHealthy(Duration),
    /// The client's archive could not be read or written.
    #[error("cannot use the client's archive")]
    Archive(#[source] io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Starts the client's bot, waits until it is healthy, records that and tells the operators and
/// the owner, once. The bot of a client that is gone or has given up is stopped instead.
///
/// Safe to repeat: a bot that runs is left alone, and nobody hears twice that it does.
///
/// # Errors
///
/// Returns [`DeployError`]; what was started is stopped again, and the client's data is kept. On
/// the last chance, the operators and the owner are told.
pub async fn deploy(deps: &Deps, id: ClientId, chance: Chance) -> Result<(), DeployError> {
    let _turn = deps.turns.turn(id).await;
    if !shall_run(deps, id)? {
        rest(deps, id).await;
        // Somebody may have paid while it was stopped.
        if !shall_run(deps, id)? {
            return Ok(());
        }
    }
    tracing::info!(event = "deploy.started", client = %id, "starting the client's bot");
    follow::touch(deps, id).await?;
    let begun = Instant::now();
    let brought_up = bring_up(deps, id).await;
    conclude(deps, id, chance, begun, brought_up).await
}

/// Tells whether anything is left to bring up.
pub(super) fn shall_run(deps: &Deps, id: ClientId) -> Result<bool, StoreError> {
    let client = deps.store.read(|snap| clients::get(snap, id))?;
    Ok(client.is_some_and(|client| client.subscription.service() != Service::None))
}

/// Opens the client's socket, starts its process, and waits for its report.
async fn bring_up(deps: &Deps, id: ClientId) -> Result<(), DeployError> {
    take_back(deps, id).await?;
    home::settle(deps, id).await?;
    deps.gateways.open(id).await?;
    home::renew(deps, id).await?;
    deps.runtime.ensure_running(id).await?;
    tidy(deps, id).await?;
    wait_until_healthy(deps, id).await?;
    Ok(home::finish(deps, id).await?)
}

/// Waits until the process that runs now has reported.
pub(super) async fn wait_until_healthy(deps: &Deps, id: ClientId) -> Result<(), DeployError> {
    let now = Instant::now();
    let since = match deps.runtime.inspect(id).await? {
        RuntimeStatus::Running { up_for, .. } => now.checked_sub(up_for).unwrap_or(now),
        RuntimeStatus::Absent | RuntimeStatus::Restarting { .. } | RuntimeStatus::Stopped => now,
    };
    if deps.health.wait(id, since).await {
        Ok(())
    } else {
        Err(DeployError::NotHealthy(deps.health.patience()))
    }
}

/// Records how it went; undoes what was begun if it failed.
pub(super) async fn conclude(
    deps: &Deps,
    id: ClientId,
    chance: Chance,
    begun: Instant,
    brought_up: Result<(), DeployError>,
) -> Result<(), DeployError> {
    let took = begun.elapsed();
    deps.metrics.deployed(brought_up.is_ok(), took);
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match brought_up {
        Ok(()) => {
            if record_running(deps, id).await? == StillWanted::No {
                rest(deps, id).await;
                return Ok(());
            }
            follow::touch(deps, id).await?;
            tracing::info!(
                event = "deploy.succeeded", client = %id, took_ms,
                "the client's bot is healthy"
            );
            Ok(())
        }
        Err(err) => {
            tracing::warn!(
                event = "deploy.failed", client = %id, took_ms, ?chance, error = %err,
                "the client's bot could not be started"
            );
            stop(deps, id).await;
            if chance == Chance::Last {
                record_failed(deps, id).await?;
            }
            follow::touch_later(deps, id).await?;
            Err(err)
        }
    }
}

/// Stops the bot of a client that is not served any more, once it has sent a last copy of its data
/// where that is needed.
pub(super) async fn rest(deps: &Deps, id: ClientId) {
    part::part(deps, id).await;
    stop(deps, id).await;
}

/// Stops whatever runs of the client; the data stays.
pub(super) async fn stop(deps: &Deps, id: ClientId) {
    if let Err(err) = deps.runtime.stop(id).await {
        tracing::error!(
            event = "client.not_stopped", client = %id, error = %err,
            "could not stop the client's bot"
        );
    }
    home::silence(deps, id).await;
    deps.health.forget(id);
    deps.gateways.close(id).await;
}

/// Whether a bot that has come up shall run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StillWanted {
    Yes,
    /// The client was given up while its bot was started.
    No,
}

async fn record_running(deps: &Deps, id: ClientId) -> Result<StillWanted, StoreError> {
    let (now, config) = (deps.clock.now(), deps.config.clone());
    let write = deps.store.write(move |txn| {
        let Some(mut client) = clients::get(txn, id)? else { return Ok(StillWanted::No) };
        if client.subscription.service() == Service::None {
            return Ok(StillWanted::No);
        }
        if client.runtime == RuntimeState::Running {
            return Ok(StillWanted::Yes);
        }
        client.runtime = RuntimeState::Running;
        clients::put(txn, &client)?;
        operators::tell(txn, now, &config, &Notice::DeployDone(id))?;
        jobs::push(txn, now, &Job::Notify(client.owner, Notice::BotReady(id)))?;
        Ok(StillWanted::Yes)
    });
    write.await
}

async fn record_failed(deps: &Deps, id: ClientId) -> Result<(), StoreError> {
    let (now, config) = (deps.clock.now(), deps.config.clone());
    let write = deps.store.write(move |txn: &Txn<'_>| {
        let Some(mut client) = clients::get(txn, id)? else { return Ok(()) };
        if client.runtime == RuntimeState::Failed {
            return Ok(());
        }
        client.runtime = RuntimeState::Failed;
        clients::put(txn, &client)?;
        operators::tell(txn, now, &config, &Notice::DeployFailed(id))?;
        if is_paid(&client) {
            operators::tell(txn, now, &config, &Notice::PaidNotDelivered(id))?;
        }
        jobs::push(txn, now, &Job::Notify(client.owner, Notice::BotDelayed(id)))?;
        Ok(())
    });
    write.await
}

const fn is_paid(client: &Client) -> bool {
    matches!(client.subscription, Subscription::Active { .. } | Subscription::Grace { .. })
}

#[cfg(test)]
mod tests;
