//! How it becomes known what became of a job: a layer around the worker's service.
//!
//! The layer only leaves a note; the backend's next cycle commits the notes of all jobs that ended
//! meanwhile together with the next claims.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use apalis_core::error::BoxDynError;
use apalis_core::task::Task;
use futures::task::AtomicWaker;
use tower::{Layer, Service};

use super::worker::{Attempt, JobError, Retry, backoff};
use crate::clock::Clock;
use crate::domain::ids::JobId;
use crate::store::queue::cycle::Outcome;

/// Where jobs that ended are noted until a cycle takes them along. Outlives a failed worker.
#[derive(Debug, Default)]
pub(super) struct Desk {
    ended: Mutex<Vec<(JobId, Outcome)>>,
    /// Wakes the backend.
    pub(super) waker: AtomicWaker,
}

impl Desk {
    fn ended(&self) -> MutexGuard<'_, Vec<(JobId, Outcome)>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, id: JobId, outcome: Outcome) {
        self.ended().push((id, outcome));
        self.waker.wake();
    }

    pub(super) fn take(&self) -> Vec<(JobId, Outcome)> {
        std::mem::take(&mut *self.ended())
    }

    /// Takes notes back that were not committed.
    pub(super) fn give_back(&self, notes: &[(JobId, Outcome)]) {
        self.ended().extend_from_slice(notes);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ended().is_empty()
    }
}

/// What goes with a job through the worker.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    pub(super) id: JobId,
    pub(super) kind: Arc<str>,
    pub(super) attempt: Attempt,
}

/// Notes how each job ended.
#[derive(Clone, Debug)]
pub(super) struct AckLayer {
    pub(super) desk: Arc<Desk>,
    pub(super) clock: Clock,
}

impl<S> Layer<S> for AckLayer {
    type Service = AckService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AckService { inner, acks: self.clone() }
    }
}

/// The service that [`AckLayer`] makes.
#[derive(Clone, Debug)]
pub(super) struct AckService<S> {
    inner: S,
    acks: AckLayer,
}

impl<S, J> Service<Task<J>> for AckService<S>
where
    S: Service<Task<J>, Response = ()>,
    S::Error: Into<BoxDynError>,
    S::Future: Send + 'static,
{
    type Response = ();
    type Error = BoxDynError;
    type Future = Pin<Box<dyn Future<Output = Result<(), BoxDynError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, task: Task<J>) -> Self::Future {
        let ticket = task.data().get::<Ticket>().cloned();
        let running = self.inner.call(task);
        let acks = self.acks.clone();
        Box::pin(async move {
            let result = running.await.map_err(Into::into);
            if let Some(ticket) = ticket {
                acks.note(&ticket, result.as_ref().err());
            }
            result
        })
    }
}

impl AckLayer {
    fn note(&self, ticket: &Ticket, error: Option<&BoxDynError>) {
        let outcome = error.map_or(Outcome::Done, |error| self.failed(ticket, error));
        self.desk.note(ticket.id, outcome);
    }

    fn failed(&self, ticket: &Ticket, error: &BoxDynError) -> Outcome {
        let retry = error.downcast_ref::<JobError>().map_or(Retry::Backoff, |err| err.retry);
        let wait = match retry {
            Retry::Backoff => Some(backoff(ticket.attempt)),
            Retry::After(wait) => Some(wait),
            Retry::Never => None,
        };
        tracing::warn!(
            event = "job.failed",
            job = %ticket.id,
            kind = &*ticket.kind,
            attempt = ticket.attempt.current,
            error = error.to_string(),
            "a job failed"
        );
        let retry_at = wait.map(|wait| {
            let now = self.clock.now();
            now.checked_add(wait).unwrap_or(now)
        });
        Outcome::Failed { error: error.to_string(), retry_at }
    }
}
