//! The apalis backend over the store's queue.
//!
//! It never polls: the [`Desk`] hears of jobs when they are pushed, of others when they end, and of
//! those that wait when the first of them comes due. The backend hands out what the desk has, and
//! asks for a batch if there is something to do and none comes along.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use apalis_core::backend::codec::Codec;
use apalis_core::backend::finalize::Durable;
use apalis_core::backend::{Backend, BackendConfig, WireFormatBackend};
use apalis_core::task::Task;
use apalis_core::task::builder::TaskBuilder;
use apalis_core::worker::context::WorkerContext;
use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use tokio::time::Sleep;

use super::acks::{AckLayer, Ticket};
use super::desk::{Desk, Next, ask};
use super::worker::Attempt;
use crate::clock::Clock;
use crate::domain::ids::JobId;
use crate::store::queue::cycle::Claimed;
use crate::store::{Rider, Store, StoreError};

/// How long the results of jobs wait for a batch to join, if nothing waits for their room. So much
/// later a crash may still have a job repeated.
const LINGER: Duration = Duration::from_millis(5);

/// Something that the store was asked for.
type Request = BoxFuture<'static, Result<(), StoreError>>;

/// Hands out the jobs of a store's queue.
pub(super) struct JobBackend<J> {
    store: Store,
    clock: Clock,
    desk: Arc<Desk>,
    codec: Postcard<J>,
    /// A batch that was asked for.
    asked: Option<Request>,
    /// The end of the work, once it has begun.
    closing: Option<Request>,
    /// Ends when jobs that ended have waited long enough for a batch.
    linger: Option<Pin<Box<Sleep>>>,
    /// Ends when the next of the jobs that wait can run, and when that is.
    alarm: Option<(Timestamp, BoxFuture<'static, ()>)>,
}

impl<J> JobBackend<J> {
    /// Opens `desk` and has it ride in the batches of `store`.
    pub(super) fn new(store: Store, clock: Clock, desk: Arc<Desk>) -> Self {
        desk.open();
        let rider: Arc<dyn Rider> = desk.clone();
        store.take_along(Arc::downgrade(&rider));
        let codec = Postcard(PhantomData);
        Self { store, clock, desk, codec, asked: None, closing: None, linger: None, alarm: None }
    }

    fn ask(&mut self) {
        self.linger = None;
        let store = self.store.clone();
        self.asked = Some(async move { ask(&store).await }.boxed());
    }

    /// Waits for the batch that was asked for, if there is one.
    fn poll_asked(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StoreError>> {
        let Some(asked) = &mut self.asked else { return Poll::Ready(Ok(())) };
        let answer = ready!(asked.poll_unpin(cx));
        self.asked = None;
        Poll::Ready(answer)
    }

    /// Waits until results have waited long enough.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.linger.get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER))).poll_unpin(cx)
    }

    /// Waits until it is `at`.
    fn poll_alarm(&mut self, at: Option<Timestamp>, cx: &mut Context<'_>) -> Poll<()> {
        if self.alarm.as_ref().map(|(at, _)| *at) != at {
            let clock = self.clock.clone();
            self.alarm = at.map(|at| (at, async move { clock.sleep_until(at).await }.boxed()));
        }
        let Some((_, alarm)) = &mut self.alarm else { return Poll::Pending };
        ready!(alarm.poll_unpin(cx));
        self.alarm = None;
        Poll::Ready(())
    }
}

impl<J> Drop for JobBackend<J> {
    fn drop(&mut self) {
        self.desk.leave();
    }
}

impl<J> Backend for JobBackend<J> {
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
        loop {
            let next = self.desk.next(cx.waker());
            let (batch, next_at) = match next {
                Next::Begin(job) => return Poll::Ready(Some(Ok(task(job)))),
                Next::Fail(err) => return Poll::Ready(Some(Err(err))),
                Next::Batch => (Poll::Ready(()), None),
                Next::BatchSoon { next_at } => (self.poll_linger(cx), next_at),
                Next::Wait { next_at } => {
                    self.linger = None;
                    (Poll::Pending, next_at)
                }
            };
            if self.asked.is_some() {
                if let Err(err) = ready!(self.poll_asked(cx)) {
                    return Poll::Ready(Some(Err(err)));
                }
            } else if batch.is_ready() {
                self.ask();
            } else {
                ready!(self.poll_alarm(next_at, cx));
                self.desk.look();
            }
        }
    }

    /// Puts down what ended, and gives back what was taken up and not begun.
    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        _worker: &WorkerContext,
    ) -> Poll<Result<(), Self::Error>> {
        let closing = self.closing.get_or_insert_with(|| {
            let (store, desk) = (self.store.clone(), Arc::clone(&self.desk));
            async move { desk.close(&store).await }.boxed()
        });
        closing.poll_unpin(cx)
    }
}

impl<J> BackendConfig for JobBackend<J> {
    type Args = J;
    type Id = JobId;
    type Kind = Durable;
    type Config = usize;
    type Layer = AckLayer;

    fn config(&self) -> &usize {
        self.desk.concurrency()
    }

    fn middleware(&mut self, _worker: &mut WorkerContext) -> AckLayer {
        AckLayer { desk: Arc::clone(&self.desk), store: self.store.clone() }
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
pub(super) fn check<J: DeserializeOwned>(payload: &[u8]) -> Result<(), String> {
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
        client: job.client,
    };
    TaskBuilder::new(job.payload)
        .data(ticket)
        .attempt(begun_before)
        .max_attempts(usize::from(job.max_attempts))
        .build()
}
