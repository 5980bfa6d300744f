//! The worker: performs jobs, a few at a time, until it is told to stop.

use std::any::Any;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use apalis::layers::WorkerBuilderExt;
use apalis::layers::catch_panic::CatchPanicLayer;
use apalis_core::error::{BoxDynError, WorkerError};
use apalis_core::task::Task;
use apalis_core::worker::builder::WorkerBuilder;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;
use tower::Service;

use super::acks::Ticket;
use super::backend::{JobBackend, check};
use super::desk::{Desk, Terms};
use crate::clock::Clock;
use crate::domain::ids::JobId;
use crate::store::Store;
use crate::store::queue::LANES;

/// The longest wait after the first failure; it doubles with each one.
const BACKOFF_BASE: Duration = Duration::from_secs(1);
/// The longest wait after any failure.
const BACKOFF_CAP: Duration = Duration::from_hours(1);
/// The wait before a worker is started again after the database failed, doubling to [`RESTART_CAP`].
const RESTART_BASE: Duration = Duration::from_millis(100);
const RESTART_CAP: Duration = Duration::from_secs(30);

/// Which try this is, and of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// From 1.
    pub current: u16,
    /// The last one.
    pub max: u16,
}

impl Attempt {
    /// Tells whether the job is given up if this try fails.
    pub const fn is_last(self) -> bool {
        self.current >= self.max
    }
}

/// When a job that failed is tried again, if it has attempts left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// After a random time that grows with each attempt, up to an hour.
    Backoff,
    /// After this long: somebody said so.
    After(Duration),
    /// Not at all: another try would fail as this one did.
    Never,
}

/// Why a job was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JobError {
    /// When to try again.
    pub retry: Retry,
    /// Why, for operators; kept with the job, and never a secret.
    pub message: String,
}

/// How a worker works.
#[derive(Clone, Copy, Debug)]
pub struct WorkerOptions {
    /// The most jobs that run at the same time.
    pub concurrency: usize,
    /// The most of each priority, from 0 to the last one; what goes beyond waits, and leaves its
    /// places to the others.
    pub lanes: [usize; LANES],
    /// How long one may take before it counts as failed.
    pub timeout: Duration,
    /// How long the jobs that run may go on once a stop is asked for.
    pub drain_within: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            concurrency: 16,
            lanes: [usize::MAX; LANES],
            timeout: Duration::from_mins(5),
            drain_within: Duration::from_secs(20),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the job panicked")]
struct JobPanicked;

/// Makes the error of a panic. What it said is in the log; it may say too much for the database.
type OnPanic = fn(&Box<dyn Any + Send>) -> JobPanicked;

impl JobPanicked {
    fn of(_: &Box<dyn Any + Send>) -> Self {
        Self
    }
}

/// Performs the jobs of `store`'s queue until `stop`; payloads that are no `J` are given up.
///
/// One worker at a time may work on a store: it takes up again whatever another one left. Jobs
/// that are still running when the drain is over are left so for the next worker.
pub async fn run_worker<J, F, Fut>(
    store: Store,
    clock: Clock,
    options: WorkerOptions,
    stop: CancellationToken,
    perform: F,
) where
    J: Serialize + DeserializeOwned + Send + Sync + Unpin + 'static,
    F: Fn(J, Attempt, JobId) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<(), JobError>> + Send + 'static,
{
    let terms =
        Terms { concurrency: options.concurrency.max(1), lanes: options.lanes, check: check::<J> };
    let desk = Arc::new(Desk::new(terms, clock.clone(), stop.clone()));
    let mut pause = RESTART_BASE;
    while !stop.is_cancelled() {
        let backend = JobBackend::<J>::new(store.clone(), clock.clone(), desk.clone());
        let began = tokio::time::Instant::now();
        let run = run_once(backend, options, stop.clone(), perform.clone());
        let result = tokio::select! {
            result = run => result,
            () = drained(&stop, options.drain_within) => {
                tracing::warn!(event = "jobs.left", "jobs still ran at the stop; they are repeated");
                if let Err(err) = desk.close(&store).await {
                    tracing::error!(event = "jobs.failed", error = %err, "results were not kept");
                }
                return;
            }
        };
        let Err(err) = result else { continue };
        if began.elapsed() > RESTART_CAP {
            pause = RESTART_BASE;
        }
        let error = err.to_string();
        tracing::error!(event = "jobs.failed", error, "the worker failed and starts again");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => {}
        }
        pause = RESTART_CAP.min(pause * 2);
    }
}

fn run_once<J, F, Fut>(
    backend: JobBackend<J>,
    options: WorkerOptions,
    stop: CancellationToken,
    perform: F,
) -> BoxFuture<'static, Result<(), WorkerError>>
where
    J: Serialize + DeserializeOwned + Send + Sync + Unpin + 'static,
    F: Fn(J, Attempt, JobId) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<(), JobError>> + Send + 'static,
{
    WorkerBuilder::new("jobs")
        .backend(backend)
        .layer(CatchPanicLayer::with_panic_handler(JobPanicked::of as OnPanic))
        .timeout(options.timeout)
        .build(Performer { perform, job: PhantomData::<fn(J)> })
        .run_until(stop.cancelled_owned().map(Ok::<(), io::Error>))
        .boxed()
}

async fn drained(stop: &CancellationToken, within: Duration) {
    stop.cancelled().await;
    tokio::time::sleep(within).await;
}

/// Calls `perform` for each job.
#[derive(Clone)]
struct Performer<J, F> {
    perform: F,
    job: PhantomData<fn(J)>,
}

impl<J, F, Fut> Service<Task<J>> for Performer<J, F>
where
    J: Send + Sync + 'static,
    F: Fn(J, Attempt, JobId) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<(), JobError>> + Send + 'static,
{
    type Response = ();
    type Error = BoxDynError;
    type Future = Pin<Box<dyn Future<Output = Result<(), BoxDynError>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, task: Task<J>) -> Self::Future {
        let Some(Ticket { id, attempt, .. }) = task.data().get::<Ticket>().cloned() else {
            return Box::pin(async { Err("the job came without its ticket".into()) });
        };
        let perform = self.perform.clone();
        // Called within the future, where a panic is caught.
        Box::pin(async move { Ok(perform(task.args, attempt, id).await?) })
    }
}

/// Returns how long to wait after the failure of `attempt`: a random part of a time that doubles,
/// so that jobs which failed together do not come back together.
pub(super) fn backoff(attempt: Attempt) -> Duration {
    let doubled = 1_u32.checked_shl(u32::from(attempt.current.saturating_sub(1)));
    let longest = BACKOFF_BASE.saturating_mul(doubled.unwrap_or(u32::MAX)).min(BACKOFF_CAP);
    let longest_ms = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    let random = RandomState::new().build_hasher().finish();
    Duration::from_millis(random % (longest_ms + 1))
}
