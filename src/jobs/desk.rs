//! The desk between the worker and the writer's thread: what ended goes out, what is next comes in.
//!
//! The desk rides along in every batch of the store. In the transaction that pushes jobs it takes
//! them up while there is room, and it puts down what became of those that ended meanwhile: so a job
//! costs no commit of its own between the one that causes it and its beginning. Only what finds no
//! batch to join has the worker ask for one.
//!
//! Jobs are claimed by the writer's thread alone, one batch after the other. Room can therefore only
//! grow between a claim and its arrival, and the bound holds without being reserved.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use futures::task::AtomicWaker;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::domain::ids::JobId;
use crate::store::queue::LANES;
use crate::store::queue::cycle::{Buried, Claimed, Cycle, Cycled, Outcome, Room};
use crate::store::{Rider, Store, StoreError, Txn};

/// What a worker wants of its desk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// The most jobs that are taken up at the same time.
    pub(super) concurrency: usize,
    /// The most of each lane.
    pub(super) lanes: [usize; LANES],
    /// Says why a payload is no job.
    pub(super) check: fn(&[u8]) -> Result<(), String>,
}

/// Where jobs lie between the store and the worker. Outlives a failed worker.
#[derive(Debug)]
pub(super) struct Desk {
    terms: Terms,
    clock: Clock,
    /// Once it is cancelled, nothing more is taken up.
    stop: CancellationToken,
    state: Mutex<State>,
    /// Wakes the backend.
    waker: AtomicWaker,
}

#[derive(Debug, Default)]
struct State {
    /// Whether a worker is there to take jobs up.
    open: bool,
    /// Jobs that ended, to be put down by the next batch.
    ended: Vec<(JobId, Outcome)>,
    /// Jobs that were taken up, on disk, and not begun.
    ready: VecDeque<Claimed>,
    /// The jobs that are taken up and have not ended, and their lanes.
    taken: HashMap<JobId, usize>,
    /// Whether all other jobs that are taken up were left by a worker that is gone.
    orphans: bool,
    /// The lanes in which there may be jobs to take up.
    look: [bool; LANES],
    /// When the next of those that wait can run.
    next_at: Option<Timestamp>,
    /// The cycle that rides in the present batch.
    trip: Option<Trip>,
    /// Why a trip failed.
    failed: Option<StoreError>,
}

#[derive(Debug)]
struct Trip {
    cycle: Arc<Cycle>,
    /// What came of it, should the batch reach the disk.
    cycled: Option<Cycled>,
}

/// What the backend is to do next.
#[derive(Debug)]
pub(super) enum Next {
    /// Begin this job.
    Begin(Claimed),
    /// Give up: the queue failed.
    Fail(StoreError),
    /// Ask for a batch.
    Batch,
    /// Ask for a batch unless one comes along: jobs have ended, and nothing waits for their room.
    BatchSoon { next_at: Option<Timestamp> },
    /// Wait for news.
    Wait { next_at: Option<Timestamp> },
}

impl Desk {
    pub(super) fn new(terms: Terms, clock: Clock, stop: CancellationToken) -> Self {
        Self { terms, clock, stop, state: Mutex::default(), waker: AtomicWaker::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn concurrency(&self) -> &usize {
        &self.terms.concurrency
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Begins with a new worker: whatever else is taken up belonged to one that is gone.
    pub(super) fn open(&self) {
        let mut state = self.state();
        let ended = std::mem::take(&mut state.ended);
        *state =
            State { open: true, ended, orphans: true, look: [true; LANES], ..State::default() };
    }

    /// Takes nothing more up for the present worker, and gives back what it has not begun.
    pub(super) fn leave(&self) {
        let mut state = self.state();
        state.open = false;
        let unbegun = std::mem::take(&mut state.ready);
        state.give_back(unbegun);
    }

    /// Notes how a job ended.
    pub(super) fn note(&self, id: JobId, outcome: Outcome) {
        self.state().end(id, outcome);
        self.waker.wake();
    }

    /// Says what is to be done; from then on `waker` hears of news.
    pub(super) fn next(&self, waker: &Waker) -> Next {
        self.waker.register(waker); // Before looking, so that nothing is missed.
        let mut state = self.state();
        if let Some(err) = state.failed.take() {
            return Next::Fail(err);
        }
        if self.stopping() {
            return Next::Wait { next_at: None };
        }
        if let Some(job) = state.ready.pop_front() {
            return Next::Begin(job);
        }
        if state.open && state.may_find(&state.room(self.terms)) {
            return Next::Batch;
        }
        // With a look already due, the next job that ends makes room for it.
        let next_at = state.next_at.filter(|_| state.look == [false; LANES]);
        if state.ended.is_empty() { Next::Wait { next_at } } else { Next::BatchSoon { next_at } }
    }

    /// Has the next batch look for jobs to take up, since the time of one has come.
    pub(super) fn look(&self) {
        self.state().look = [true; LANES];
    }

    /// Puts down all that ended, once the last job has.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if that cannot be written.
    pub(super) async fn close(&self, store: &Store) -> Result<(), StoreError> {
        self.leave();
        while !self.state().is_settled() {
            ask(store).await?;
            if let Some(err) = self.state().failed.take() {
                return Err(err);
            }
        }
        Ok(())
    }
}

/// Has the store make a batch, in which the desk rides.
pub(super) async fn ask(store: &Store) -> Result<(), StoreError> {
    store.write(|_| Ok(())).await
}

impl Rider for Desk {
    fn ride(&self, txn: &Txn<'_>) -> Result<(), StoreError> {
        let Some(cycle) = self.board(txn.pushed_jobs()) else { return Ok(()) };
        let cycled = cycle.run(txn)?;
        if let Some(trip) = &mut self.state().trip {
            trip.cycled = Some(cycled);
        }
        Ok(())
    }

    fn arrived(&self, committed: Result<(), StoreError>) {
        let mut state = self.state();
        let Some(Trip { cycle, cycled }) = state.trip.take() else { return };
        let mut buried = Vec::new();
        match committed.map(|()| cycled) {
            Ok(Some(cycled)) => buried = state.take_in(cycled, self.stopping()),
            Ok(None) => {}
            Err(err) => {
                state.ended.extend_from_slice(&cycle.ended);
                state.open = false;
                state.failed = Some(err);
            }
        }
        drop(state);
        self.waker.wake();
        for Buried { id, kind, client, error } in buried {
            let client = client.map(tracing::field::display);
            tracing::error!(event = "job.dead", job = %id, client, kind, error, "gave a job up");
        }
    }
}

impl Desk {
    /// Makes the cycle that rides in the present batch, if there is something to do.
    fn board(&self, pushed: bool) -> Option<Arc<Cycle>> {
        let mut state = self.state();
        if pushed {
            state.look = [true; LANES];
        }
        let room = state.room(self.terms);
        let claims = state.open && !self.stopping() && state.may_find(&room);
        if !claims && state.ended.is_empty() {
            return None;
        }
        let room = if claims { room } else { Room::default() };
        if claims {
            state.look = [false; LANES];
        }
        let cycle = Arc::new(Cycle {
            ended: std::mem::take(&mut state.ended),
            room,
            orphans: claims && std::mem::take(&mut state.orphans),
            check: self.terms.check,
            now: self.clock.now(),
        });
        state.trip = Some(Trip { cycle: Arc::clone(&cycle), cycled: None });
        Some(cycle)
    }
}

impl State {
    /// How many jobs the next batch may take up.
    fn room(&self, terms: Terms) -> Room {
        let mut lanes = terms.lanes;
        for lane in self.taken.values() {
            if let Some(room) = lanes.get_mut(*lane) {
                *room = room.saturating_sub(1);
            }
        }
        Room { total: terms.concurrency.saturating_sub(self.taken.len()), lanes }
    }

    /// Tells whether there may be jobs for this room.
    fn may_find(&self, room: &Room) -> bool {
        self.look.iter().enumerate().any(|(lane, look)| *look && room.is_in(lane))
    }

    /// Notes how a job ended, which makes room.
    fn end(&mut self, id: JobId, outcome: Outcome) {
        self.taken.remove(&id);
        self.ended.push((id, outcome));
    }

    /// Takes in what a cycle brought that is on disk; returns the jobs that were given up.
    fn take_in(&mut self, cycled: Cycled, stopping: bool) -> Vec<Buried> {
        self.taken.extend(cycled.claimed.iter().map(|job| (job.id, job.lane)));
        self.next_at = cycled.next_at;
        for (look, left) in self.look.iter_mut().zip(cycled.left) {
            *look |= left || cycled.more;
        }
        if self.open && !stopping {
            self.ready.extend(cycled.claimed);
        } else {
            self.give_back(cycled.claimed);
        }
        cycled.buried
    }

    /// Has jobs put back in line that were taken up and not begun.
    fn give_back(&mut self, jobs: impl IntoIterator<Item = Claimed>) {
        for job in jobs {
            self.end(job.id, Outcome::Returned);
        }
    }

    fn is_settled(&self) -> bool {
        self.ended.is_empty() && self.trip.is_none()
    }
}
