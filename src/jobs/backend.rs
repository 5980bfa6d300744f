//! The apalis backend over the store's queue.
//!
//! It never polls: it looks at the queue when jobs were pushed, when a job ended, and when the
//! first of those that wait comes due. Each look is one cycle, and at most one commit.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use apalis_core::backend::codec::Codec;
use apalis_core::backend::finalize::Durable;
use apalis_core::backend::{Backend, BackendConfig, WireFormatBackend};
use apalis_core::task::Task;
use apalis_core::task::builder::TaskBuilder;
use apalis_core::worker::context::WorkerContext;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use super::acks::{AckLayer, Desk, Ticket};
use super::worker::Attempt;
use crate::clock::Clock;
use crate::domain::ids::JobId;
use crate::store::queue::cycle::{Claimed, Cycle, Cycled, Outcome};
use crate::store::{Store, StoreError};

/// A cycle on its way to the disk; comes back with what it was asked to do.
type Running = BoxFuture<'static, (Arc<Cycle>, Result<Cycled, StoreError>)>;

/// Hands out the jobs of a store's queue, at most `concurrency` at a time.
pub(super) struct JobBackend<J> {
    store: Store,
    clock: Clock,
    concurrency: usize,
    desk: Arc<Desk>,
    codec: Postcard<J>,
    pushes: watch::Receiver<u64>,
    /// Claimed, but not handed out yet.
    ready: VecDeque<Claimed>,
    /// Handed out, and not given to a cycle as ended.
    in_flight: usize,
    /// Whether no cycle has been run yet: then all that is running was left by another worker.
    fresh: bool,
    /// Whether there may be something to claim.
    due: bool,
    cycle: Option<Running>,
    /// Ends when there may be something to claim.
    news: BoxFuture<'static, ()>,
}

impl<J: DeserializeOwned> JobBackend<J> {
    pub(super) fn new(store: Store, clock: Clock, concurrency: usize, desk: Arc<Desk>) -> Self {
        Self {
            pushes: store.pushed_jobs(),
            store,
            clock,
            concurrency,
            desk,
            codec: Postcard(PhantomData),
            ready: VecDeque::new(),
            in_flight: 0,
            fresh: true,
            due: true,
            cycle: None,
            news: Box::pin(std::future::pending()),
        }
    }

    /// Begins a cycle for the jobs that ended, which takes up others while fewer than
    /// `concurrency` run. What is pushed from now on is news.
    fn begin_cycle(&mut self, concurrency: usize) {
        self.pushes.mark_unchanged();
        self.due = false;
        let ended = self.desk.take();
        self.in_flight = self.in_flight.saturating_sub(ended.len());
        let cycle = Arc::new(Cycle {
            ended,
            room: concurrency.saturating_sub(self.in_flight),
            orphans: std::mem::take(&mut self.fresh),
            check: check::<J>,
            now: self.clock.now(),
        });
        let store = self.store.clone();
        self.cycle = Some(Box::pin(async move {
            let work = Arc::clone(&cycle);
            let result = store.write(move |txn| work.run(txn)).await;
            (cycle, result)
        }));
    }

    /// Waits for the cycle that is under way, if there is one, and takes in what it brought.
    fn poll_cycle(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StoreError>> {
        let Some(running) = &mut self.cycle else { return Poll::Ready(Ok(())) };
        let (cycle, result) = ready!(running.as_mut().poll(cx));
        self.cycle = None;
        match result {
            Ok(cycled) => {
                self.due |= cycled.more || cycled.claimed.len() >= cycle.room;
                self.take_in(cycled);
                Poll::Ready(Ok(()))
            }
            Err(err) => {
                self.desk.give_back(&cycle.ended);
                Poll::Ready(Err(err))
            }
        }
    }

    fn take_in(&mut self, cycled: Cycled) {
        for (id, kind) in &cycled.buried {
            tracing::error!(event = "job.dead", job = %id, kind, "gave a job up");
        }
        self.ready.extend(cycled.claimed);
        let (mut pushes, clock) = (self.pushes.clone(), self.clock.clone());
        self.news = Box::pin(async move {
            let time_has_come = async {
                match cycled.next_at {
                    Some(at) => clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let told = async {
                if pushes.changed().await.is_err() {
                    std::future::pending::<()>().await; // The store is gone; a cycle will say so.
                }
            };
            tokio::select! {
                () = time_has_come => {}
                () = told => {}
            }
        });
    }
}

impl<J: DeserializeOwned> Backend for JobBackend<J> {
    type Task = Task<Vec<u8>>;
    type Error = StoreError;

    fn poll_ready(
        &mut self,
        _cx: &mut Context<'_>,
        _worker: &WorkerContext,
    ) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _worker: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Self::Error>>> {
        self.desk.waker.register(cx.waker()); // Before looking, so that no note is missed.
        loop {
            if let Some(job) = self.ready.pop_front() {
                self.in_flight += 1;
                return Poll::Ready(Some(Ok(task(job))));
            }
            if self.cycle.is_some() {
                if let Err(err) = ready!(self.poll_cycle(cx)) {
                    return Poll::Ready(Some(Err(err)));
                }
                continue;
            }
            if !self.desk.is_empty() || (self.due && self.in_flight < self.concurrency) {
                self.begin_cycle(self.concurrency);
                continue;
            }
            if self.due {
                return Poll::Pending; // The next job that ends makes room.
            }
            ready!(self.news.as_mut().poll(cx));
            self.due = true;
        }
    }

    /// Commits what ended, and puts back what was claimed and not begun.
    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        _worker: &WorkerContext,
    ) -> Poll<Result<(), Self::Error>> {
        loop {
            ready!(self.poll_cycle(cx))?;
            for job in self.ready.drain(..) {
                self.desk.note(job.id, Outcome::Returned);
            }
            if self.desk.is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.begin_cycle(0);
        }
    }
}

impl<J> BackendConfig for JobBackend<J> {
    type Args = J;
    type Id = JobId;
    type Kind = Durable;
    type Config = usize;
    type Layer = AckLayer;

    fn config(&self) -> &usize {
        &self.concurrency
    }

    fn middleware(&mut self, _worker: &mut WorkerContext) -> AckLayer {
        AckLayer { desk: Arc::clone(&self.desk), clock: self.clock.clone() }
    }
}

impl<J: Send + 'static> WireFormatBackend for JobBackend<J> {
    type Codec = Postcard<J>;
    type Compact = Vec<u8>;

    fn codec(&self) -> &Postcard<J> {
        &self.codec
    }
}

/// Payloads are postcard.
pub(super) struct Postcard<J>(PhantomData<fn() -> J>);

impl<J: serde::Serialize + DeserializeOwned> Codec<J> for Postcard<J> {
    type Error = postcard::Error;
    type Compact = Vec<u8>;

    fn encode(&self, job: &J) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(job)
    }

    fn decode(&self, payload: &Vec<u8>) -> Result<J, postcard::Error> {
        postcard::from_bytes(payload)
    }
}

/// Says why a payload is no job. It is asked when a job is claimed, since a payload that fails to
/// decode later would end the worker.
fn check<J: DeserializeOwned>(payload: &[u8]) -> Result<(), String> {
    match postcard::from_bytes::<J>(payload) {
        Ok(_) => Ok(()),
        Err(err) => Err(format!("the payload cannot be read: {err}")),
    }
}

fn task(job: Claimed) -> Task<Vec<u8>> {
    let begun_before = usize::from(job.attempt.saturating_sub(1)); // apalis counts this one itself.
    let ticket = Ticket {
        id: job.id,
        kind: job.kind.into(),
        attempt: Attempt { current: job.attempt, max: job.max_attempts },
    };
    TaskBuilder::new(job.payload)
        .data(ticket)
        .attempt(begun_before)
        .max_attempts(usize::from(job.max_attempts))
        .build()
}
