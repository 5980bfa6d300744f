//! Restart a client's bot.

use tokio::time::Instant;

use super::archive::{take_back, tidy};
use super::cause::{Cause, job_of};
use super::deploy::{self, Chance, DeployError};
use super::home;
use super::life::{LifeError, entry};
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::ids::{ClientId, JobId};
use crate::domain::job::Job;
use crate::domain::subscription::Service;
use crate::store::{audit, clients, jobs};

/// Queues a restart, in one transaction with its line in the audit log.
///
/// Safe to repeat: the same `cause` queues one.
///
/// # Errors
///
/// Returns [`LifeError`], and nothing is changed.
pub async fn ask_restart(
    deps: &Deps,
    cause: Cause,
    id: ClientId,
    by: Actor,
) -> Result<JobId, LifeError> {
    let now = deps.clock.now();
    let write = deps.store.write(move |txn| {
        if let Some(known) = cause.effect::<LifeError>(txn, now)? {
            return Ok(job_of(&known)?);
        }
        let client = clients::get(txn, id)?.ok_or(LifeError::UnknownClient)?;
        if client.subscription.service() == Service::None {
            return Err(LifeError::NothingToRun);
        }
        audit::append(txn, &entry(now, id, by, "client.restarted", String::new()))?;
        let job = jobs::push(txn, now, &Job::Restart(id))?;
        cause.remember(txn, now, &job.0.to_be_bytes())?;
        Ok(job)
    });
    write.await
}

/// Stops the client's bot, starts it again and waits until it is healthy.
///
/// # Errors
///
/// As [`deploy::deploy`].
pub async fn restart(deps: &Deps, id: ClientId, chance: Chance) -> Result<(), DeployError> {
    let _turn = deps.turns.turn(id).await;
    if !deploy::shall_run(deps, id)? {
        deploy::rest(deps, id).await;
        return Ok(());
    }
    let begun = Instant::now();
    let brought_up = start_anew(deps, id).await;
    deploy::conclude(deps, id, chance, begun, brought_up).await
}

async fn start_anew(deps: &Deps, id: ClientId) -> Result<(), DeployError> {
    take_back(deps, id).await?;
    home::settle(deps, id).await?;
    deps.gateways.open(id).await?;
    home::renew(deps, id).await?;
    deps.runtime.restart(id).await?;
    tidy(deps, id).await?;
    deploy::wait_until_healthy(deps, id).await?;
    Ok(home::finish(deps, id).await?)
}
