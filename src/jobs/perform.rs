//! What is done for each job of `serve`.

use std::time::Duration;

use tracing::field::display;
use tracing::{Instrument, Span};

use super::worker::{Attempt, JobError, Retry};
use crate::actions::archive::archive;
use crate::actions::back_up::{BackUpHostError, back_up_host};
use crate::actions::back_up_client::{BackUpError, back_up};
use crate::actions::deploy::{Chance, DeployError, deploy};
use crate::actions::follow::show_progress;
use crate::actions::forget_token::forget_token;
use crate::actions::gateways::GatewayError;
use crate::actions::home::HomeError;
use crate::actions::lifecycle::lifecycle;
use crate::actions::notify::{self, NotifyError};
use crate::actions::reconcile::{reconcile, sweep_refunds};
use crate::actions::refund::carry_out;
use crate::actions::remove::remove;
use crate::actions::request_payment::{RequestError, request_late};
use crate::actions::restart::restart;
use crate::actions::settle::{Recorded, SettleError, settle};
use crate::actions::watch::{digest, watch};
use crate::deps::Deps;
use crate::domain::backup::pause_after;
use crate::domain::ids::{JobId, OrderId, PaymentId, RefundId};
use crate::domain::job::{Job, Topic};
use crate::external::telegram::TelegramError;
use crate::store::jobs::Payload;
use crate::store::{StoreError, queue};

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
    let span = span(&job, attempt, id);
    let timer = deps.metrics.begin_job(job.kind());
    let limit = limit(&job);
    let acted = tokio::time::timeout(limit, act(&deps, job, attempt, id).instrument(span)).await;
    // The timer that is dropped without an end counts the job as cut off.
    let result = acted.map_err(|_| took_too_long(limit))?;
    timer.end(match &result {
        Ok(()) => "done",
        Err(err) if attempt.is_last() || err.retry == Retry::Never => "given_up",
        Err(_) => "tried_again",
    });
    result
}

/// How long any job may take.
pub const LONGEST: Duration = Duration::from_hours(6);
/// How long a job may take that somebody waits for.
const USUAL: Duration = Duration::from_mins(5);

/// Returns how long a job may take. A backup of the host has as much to do as there are clients, in a
/// lane of its own.
const fn limit(job: &Job) -> Duration {
    match job {
        Job::BackUpHost(_) => LONGEST,
        _ => USUAL,
    }
}

fn took_too_long(limit: Duration) -> JobError {
    let message = format!("it was not done in {} min", limit.as_secs() / 60);
    JobError { retry: Retry::Backoff, message }
}

/// Returns the span of a job: all that is logged within it names what the job is about.
fn span(job: &Job, attempt: Attempt, id: JobId) -> Span {
    let topic = match job {
        Job::RequestPayment(order) => Topic::Order(*order),
        Job::Settle(payment) => Topic::Payment(payment),
        Job::Notify(_, notice) => notice.topic(),
        _ => job.client().map_or(Topic::Host, Topic::Client),
    };
    let (client, order, payment) = match topic {
        Topic::Client(client) => (Some(display(client)), None, None),
        Topic::Order(order) => (None, Some(display(order)), None),
        Topic::Payment(payment) => (None, None, Some(display(payment))),
        Topic::Host => (None, None, None),
    };
    tracing::info_span!(
        "job", job = %id, kind = job.kind(), attempt = attempt.current, client, order, payment,
    )
}

async fn act(deps: &Deps, job: Job, attempt: Attempt, id: JobId) -> Result<(), JobError> {
    match job {
        Job::Notify(person, notice) => notify::notify(deps, person, &notice).await?,
        Job::Settle(payment) => collect(deps, MoneyJob::Settle(payment, id)).await?,
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
        Job::BackUp(client) => drop(back_up(deps, client).await?),
        Job::BackUpHost(due) => {
            let made = Box::pin(back_up_host(deps, due, chance(attempt))).await;
            made.map_err(|err| not_backed_up(&err, attempt))?;
        }
        Job::Archive(client) => archive(deps, client).await?,
        Job::ShowProgress(client) => show_progress(deps, client).await?,
        Job::Digest(morning) => digest(deps, morning).await?,
        Job::Watch => watch(deps).await?,
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
        MoneyJob::Settle(payment, id) => {
            if let Recorded::Settled { .. } = settle(deps, till, &payment).await? {
                note_delay(deps, id)?;
            }
        }
        MoneyJob::Request(order) => request_late(deps, till, order).await?,
        MoneyJob::Refund(refund) => carry_out(deps, till, refund).await?,
    }
    Ok(())
}

/// Notes how long a payment waited since the notification that queued this job was kept.
fn note_delay(deps: &Deps, id: JobId) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let Some(job) = deps.store.read(|snap| queue::get(snap, id, now))? else { return Ok(()) };
    let delay = Duration::try_from(now.duration_since(job.created_at)).unwrap_or_default();
    deps.metrics.settled_after(delay);
    Ok(())
}

/// A job about one payment.
enum MoneyJob {
    Settle(PaymentId, JobId),
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
            | DeployError::Home(
                HomeError::Gateway(GatewayError::UnknownClient)
                | HomeError::Store(StoreError::Corrupt { .. }),
            )
            | DeployError::Store(StoreError::Corrupt { .. }) => Retry::Never,
            DeployError::Home(_)
            | DeployError::Runtime(_)
            | DeployError::Gateway(_)
            | DeployError::NotHealthy(_)
            | DeployError::Archive(_)
            | DeployError::Store(_) => Retry::Backoff,
        };
        Self { retry, message: with_cause(&err) }
    }
}

impl From<BackUpError> for JobError {
    fn from(err: BackUpError) -> Self {
        let retry = match &err {
            BackUpError::UnknownClient
            | BackUpError::NothingToRun
            | BackUpError::Store(StoreError::Corrupt { .. }) => Retry::Never,
            BackUpError::UnderWay
            | BackUpError::NoAnswer
            | BackUpError::NotWished
            | BackUpError::BrokeOff
            | BackUpError::Disk(_)
            | BackUpError::Unsound(_)
            | BackUpError::KeyReused(_)
            | BackUpError::Random(_)
            | BackUpError::Store(_) => Retry::Backoff,
        };
        Self { retry, message: with_cause(&err) }
    }
}

fn not_backed_up(err: &BackUpHostError, attempt: Attempt) -> JobError {
    let pause = Duration::try_from(pause_after(attempt.current)).unwrap_or_default();
    JobError { retry: Retry::After(pause), message: with_cause(err) }
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
