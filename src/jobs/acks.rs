//! How it becomes known what became of a job: a layer around the worker's service.
//!
//! The layer only leaves a note on the [`Desk`]; the next batch of the store puts it down together
//! with those of all other jobs that ended meanwhile. Only a worker that is stopping commits each
//! one by itself, so that nothing done is left to chance while others are waited for.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use apalis_core::error::BoxDynError;
use apalis_core::task::Task;
use tower::{Layer, Service};

use super::desk::{Desk, ask};
use super::worker::{Attempt, JobError, Retry, backoff};
use crate::domain::ids::{ClientId, JobId};
use crate::store::Store;
use crate::store::queue::cycle::Outcome;

/// What goes with a job through the worker.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    pub(super) id: JobId,
    pub(super) kind: Arc<str>,
    pub(super) attempt: Attempt,
    pub(super) client: Option<ClientId>,
}

/// Notes how each job ended.
#[derive(Clone)]
pub(super) struct AckLayer {
    pub(super) desk: Arc<Desk>,
    pub(super) store: Store,
}

impl<S> Layer<S> for AckLayer {
    type Service = AckService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AckService { inner, acks: self.clone() }
    }
}

/// The service that [`AckLayer`] makes.
#[derive(Clone)]
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
                acks.note(&ticket, result.as_ref().err()).await;
            }
            result
        })
    }
}

impl AckLayer {
    async fn note(&self, ticket: &Ticket, error: Option<&BoxDynError>) {
        let outcome = error.map_or(Outcome::Done, |error| self.failed(ticket, error));
        self.desk.note(ticket.id, outcome);
        if self.desk.stopping()
            && let Err(err) = ask(&self.store).await
        {
            tracing::debug!(event = "job.not_put_down", error = %err, "the worker tries it again");
        }
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
            client = ticket.client.map(tracing::field::display),
            kind = &*ticket.kind,
            attempt = ticket.attempt.current,
            error = error.to_string(),
            "a job failed"
        );
        let retry_at = wait.map(|wait| {
            let now = self.desk.now();
            now.checked_add(wait).unwrap_or(now)
        });
        Outcome::Failed { error: error.to_string(), retry_at }
    }
}
