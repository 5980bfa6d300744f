//! The jobs that start and stop clients' bots.

use super::worker::{Attempt, JobError, Retry};
use crate::actions::deploy::{Chance, DeployError, deploy};
use crate::actions::gateways::GatewayError;
use crate::actions::remove::remove;
use crate::actions::restart::restart;
use crate::deps::Deps;
use crate::domain::job::Job;
use crate::store::StoreError;

/// Performs a job of this kind; others are not its business.
pub(super) async fn run(deps: &Deps, job: Job, attempt: Attempt) -> Result<(), JobError> {
    let chance = if attempt.is_last() { Chance::Last } else { Chance::More };
    match job {
        Job::Deploy(client) => deploy(deps, client, chance).await?,
        Job::Restart(client) => restart(deps, client, chance).await?,
        Job::Remove(client) => remove(deps, client).await?,
        Job::RequestPayment(_)
        | Job::Settle(_)
        | Job::Reconcile
        | Job::SweepRefunds
        | Job::Lifecycle
        | Job::Notify(..) => {}
    }
    Ok(())
}

impl From<DeployError> for JobError {
    fn from(err: DeployError) -> Self {
        let retry = match &err {
            DeployError::Gateway(GatewayError::UnknownClient)
            | DeployError::Store(StoreError::Corrupt { .. }) => Retry::Never,
            DeployError::Runtime(_)
            | DeployError::Gateway(_)
            | DeployError::NotHealthy(_)
            | DeployError::Store(_) => Retry::Backoff,
        };
        Self { retry, message: super::perform::with_cause(&err) }
    }
}
