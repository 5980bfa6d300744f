//! What is done for each job of `serve`.

use tracing::Instrument;

use super::worker::{Attempt, JobError, Retry};
use crate::actions::deploy::{Chance, DeployError, deploy};
use crate::actions::forget_token::forget_token;
use crate::actions::gateways::GatewayError;
use crate::actions::lifecycle::lifecycle;
use crate::actions::notify::{self, NotifyError};
use crate::actions::reconcile::{reconcile, sweep_refunds};
use crate::actions::refund::carry_out;
use crate::actions::remove::remove;
use crate::actions::request_payment::{RequestError, request_late};
use crate::actions::restart::restart;
use crate::actions::settle::{SettleError, settle};
use crate::deps::Deps;
use crate::domain::ids::{JobId, OrderId, PaymentId, RefundId};
use crate::domain::job::Job;
use crate::external::telegram::TelegramError;
use crate::store::StoreError;
use crate::store::jobs::Payload;

/// Performs one job. It may have been performed before, wholly or in part, so each action first
/// looks at what is left to do.
///
/// # Errors
///
/// Returns [`JobError`], which says when the job is tried again.
pub async fn perform(
    deps: Deps,
    payload: Payload,
    attempt: Attempt,
    id: JobId,
) -> Result<(), JobError> {
    let job = payload.parse()?;
    let span = tracing::info_span!(
        "job", job = %id, kind = job.kind(), attempt = attempt.current,
        client = tracing::field::Empty
    );
    if let Some(client) = job.client() {
        span.record("client", tracing::field::display(client));
    }
    act(&deps, job, attempt).instrument(span).await
}

async fn act(deps: &Deps, job: Job, attempt: Attempt) -> Result<(), JobError> {
    match job {
        Job::Notify(person, notice) => notify::notify(deps, person, &notice).await?,
        Job::Settle(payment) => collect(deps, MoneyJob::Settle(payment)).await?,
        Job::RequestPayment(order) => collect(deps, MoneyJob::Request(order)).await?,
        Job::Refund(refund) => collect(deps, MoneyJob::Refund(refund)).await?,
        // Without a shop there is nothing to look after.
        Job::Reconcile => {
            if let Some(till) = &deps.till {
                reconcile(deps, till).await?;
            }
        }
        Job::SweepRefunds => {
            if let Some(till) = &deps.till {
                sweep_refunds(deps, till).await?;
            }
        }
        Job::Lifecycle => lifecycle(deps).await?,
        Job::Deploy(client) => deploy(deps, client, chance(attempt)).await?,
        Job::Restart(client) => restart(deps, client, chance(attempt)).await?,
        Job::Remove(client) => remove(deps, client).await?,
        Job::ForgetToken(client) => forget_token(deps, client).await?,
    }
    Ok(())
}

/// Tells an action whether a failure is the end.
const fn chance(attempt: Attempt) -> Chance {
    if attempt.is_last() { Chance::Last } else { Chance::More }
}

/// The jobs about one payment. They wait while no shop is set: what was promised is not dropped.
async fn collect(deps: &Deps, job: MoneyJob) -> Result<(), JobError> {
    let Some(till) = &deps.till else {
        let message = "no shop is set: yookassa.shop_id and yookassa.secret_key".to_owned();
        return Err(JobError { retry: Retry::Backoff, message });
    };
    match job {
        MoneyJob::Settle(payment) => settle(deps, till, &payment).await.map(drop)?,
        MoneyJob::Request(order) => request_late(deps, till, order).await?,
        MoneyJob::Refund(refund) => carry_out(deps, till, refund).await?,
    }
    Ok(())
}

/// A job about one payment.
enum MoneyJob {
    Settle(PaymentId),
    Request(OrderId),
    Refund(RefundId),
}

impl From<StoreError> for JobError {
    fn from(err: StoreError) -> Self {
        let retry = match err {
            StoreError::Corrupt { .. } => Retry::Never,
            StoreError::Database(_) | StoreError::Panicked | StoreError::Closed => Retry::Backoff,
        };
        Self { retry, message: err.to_string() }
    }
}

impl From<SettleError> for JobError {
    fn from(err: SettleError) -> Self {
        let retry = err.pause().map_or(Retry::Backoff, Retry::After);
        Self { retry, message: with_cause(&err) }
    }
}

impl From<RequestError> for JobError {
    fn from(err: RequestError) -> Self {
        let retry = match (&err, err.pause()) {
            (RequestError::UnknownOrder, _) => Retry::Never,
            (_, Some(pause)) => Retry::After(pause),
            (_, None) => Retry::Backoff,
        };
        Self { retry, message: with_cause(&err) }
    }
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
        Self { retry, message: with_cause(&err) }
    }
}

impl From<NotifyError> for JobError {
    fn from(err: NotifyError) -> Self {
        let retry = match &err {
            NotifyError::Telegram(TelegramError::RetryAfter(pause)) => Retry::After(*pause),
            NotifyError::Telegram(TelegramError::Refused(_)) => Retry::Never,
            NotifyError::Telegram(_) | NotifyError::Store(_) => Retry::Backoff,
        };
        Self { retry, message: err.to_string() }
    }
}

/// Writes an error with what caused it.
fn with_cause(err: &dyn std::error::Error) -> String {
    match err.source() {
        Some(cause) => format!("{err}: {cause}"),
        None => err.to_string(),
    }
}
