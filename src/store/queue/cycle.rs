//! What a worker does with the queue: one cycle, in one commit, puts down what became of the jobs
//! that ended and takes up the next ones.

use jiff::{SignedDuration, Timestamp};

use super::row::{Job, Row, State};
use super::{LANES, lane, line_up, place, time};
use crate::domain::ids::{ClientId, JobId};
use crate::store::{StoreError, Txn};

/// How long the results of jobs that are done are kept.
const DONE_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long jobs that were given up are kept for a person to look at.
const DEAD_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How often the process may end under a job beyond its attempts: it is rarely the job's fault, and
/// only a job that fails by itself can tell anybody that it is given up.
pub const ENDS_FORGIVEN: u16 = 20;
/// The most jobs that one cycle forgets.
const FORGET_AT_ONCE: usize = 100;
/// The most jobs whose time has come that one cycle puts in line.
const PROMOTE_AT_ONCE: usize = 1000;
/// The most characters of an error that are kept.
const ERROR_CHARS: usize = 500;

/// A job that a worker has taken up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Its id.
    pub id: JobId,
    /// What is to be done.
    pub kind: String,
    /// What it needs to know.
    pub payload: Vec<u8>,
    /// Which lane it stood in.
    pub lane: usize,
    /// Which try this is, from 1.
    pub attempt: u16,
    /// How often it is tried.
    pub max_attempts: u16,
    /// The client that it is done for.
    pub client: Option<ClientId>,
}

/// A job that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buried {
    /// Its id.
    pub id: JobId,
    /// What was to be done.
    pub kind: String,
    /// The client that it was to be done for.
    pub client: Option<ClientId>,
    /// Why the last try failed.
    pub error: Option<String>,
}

/// What became of a job that was taken up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// It failed.
    Failed {
        /// Why, for people; never a secret.
        error: String,
        /// When to try again, if there are attempts left; None gives it up.
        retry_at: Option<Timestamp>,
    },
    /// It was never begun: it goes back in line, and the attempt does not count.
    Returned,
}

/// How many jobs may be taken up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// In all.
    pub total: usize,
    /// Of each lane.
    pub lanes: [usize; LANES],
}

impl Room {
    /// Room for this many jobs, of whatever lane.
    pub const fn of(total: usize) -> Self {
        Self { total, lanes: [total; LANES] }
    }

    /// Tells whether a job of this lane finds room.
    pub fn is_in(&self, lane: usize) -> bool {
        self.total > 0 && self.lanes.get(lane).is_some_and(|room| *room > 0)
    }

    fn take(&mut self, lane: usize) {
        self.total = self.total.saturating_sub(1);
        if let Some(room) = self.lanes.get_mut(lane) {
            *room = room.saturating_sub(1);
        }
    }
}

/// What one cycle is to do.
#[derive(Clone, Debug)]
pub struct Cycle {
    /// The jobs that ended.
    pub ended: Vec<(JobId, Outcome)>,
    /// How many to take up at most.
    pub room: Room,
    /// Whether all jobs that are taken up, but not in `ended`, were left by a worker that is gone.
    pub orphans: bool,
    /// Says why a payload cannot be decoded; such a job is given up at once.
    pub check: fn(&[u8]) -> Result<(), String>,
    /// The present time.
    pub now: Timestamp,
}

/// What came of a cycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycled {
    /// The jobs that were taken up.
    pub claimed: Vec<Claimed>,
    /// When the next of those that wait can run.
    pub next_at: Option<Timestamp>,
    /// The jobs that were given up.
    pub buried: Vec<Buried>,
    /// Whether there was more to do than one cycle takes on.
    pub more: bool,
    /// The lanes in which jobs are left that found no room.
    pub left: [bool; LANES],
}

impl Cycle {
    /// Does the cycle; writes nothing if there is nothing to do.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`], and nothing is changed.
    pub fn run(&self, txn: &Txn<'_>) -> Result<Cycled, StoreError> {
        Pass { cycle: self, txn, buried: Vec::new() }.run()
    }
}

/// A cycle in its transaction.
struct Pass<'a, 't> {
    cycle: &'a Cycle,
    txn: &'a Txn<'t>,
    buried: Vec<Buried>,
}

impl Pass<'_, '_> {
    fn run(mut self) -> Result<Cycled, StoreError> {
        for (id, outcome) in &self.cycle.ended {
            self.put_down(id.0, outcome)?;
        }
        if self.cycle.orphans {
            self.take_back()?;
        }
        let promoted = self.promote()?;
        let (claimed, left) = self.claim()?;
        let forgotten = self.forget()?;
        let next_at = match self.txn.jobs_waiting().first()? {
            Some(((at_ms, _), ())) => Some(time(at_ms)?),
            None => None,
        };
        let more = promoted == PROMOTE_AT_ONCE || forgotten >= FORGET_AT_ONCE;
        Ok(Cycled { claimed, next_at, buried: self.buried, more, left })
    }

    /// Records how a job ended. One that is not running has been recorded before.
    fn put_down(&mut self, id: u64, outcome: &Outcome) -> Result<(), StoreError> {
        if !self.txn.jobs_running().contains(id)? {
            return Ok(());
        }
        let Some(Row::V1(mut job)) = self.txn.jobs().get_row(id)? else { return Ok(()) };
        self.txn.jobs_running().remove(id)?;
        match outcome {
            Outcome::Done => {
                let ended_ms = self.cycle.now.as_millisecond();
                job.state = State::Done { ended_ms };
                job.payload = Vec::new();
                job.error = None;
                self.txn.jobs_done().insert((ended_ms, id), ())?;
            }
            Outcome::Failed { error, retry_at } => {
                job.error = Some(error.chars().take(ERROR_CHARS).collect());
                match retry_at.filter(|_| job.attempts < job.max_attempts) {
                    Some(at) => {
                        job.run_at_ms = at.as_millisecond();
                        self.line_up_again(id, &mut job)?;
                    }
                    None => self.bury(id, &mut job)?,
                }
            }
            Outcome::Returned => {
                job.attempts = job.attempts.saturating_sub(1);
                self.line_up_again(id, &mut job)?;
            }
        }
        self.txn.jobs().insert_row(id, &Row::V1(job))?;
        Ok(())
    }

    /// Takes jobs back that a worker left behind. The attempt counts: a job that brings the
    /// process down is given up in the end.
    fn take_back(&mut self) -> Result<(), StoreError> {
        for entry in self.txn.jobs_running().range(..) {
            let (id, ()) = entry?;
            self.txn.jobs_running().remove(id)?;
            let Some(Row::V1(mut job)) = self.txn.jobs().get_row(id)? else { continue };
            job.error = Some("the process ended while it ran".to_owned());
            if job.attempts < job.max_attempts.saturating_add(ENDS_FORGIVEN) {
                job.run_at_ms = self.cycle.now.as_millisecond();
                self.line_up_again(id, &mut job)?;
            } else {
                self.bury(id, &mut job)?;
            }
            self.txn.jobs().insert_row(id, &Row::V1(job))?;
        }
        Ok(())
    }

    /// Puts the jobs whose time has come in line.
    fn promote(&self) -> Result<usize, StoreError> {
        let later = (self.cycle.now.as_millisecond().saturating_add(1), 0);
        let mut promoted = 0;
        for entry in self.txn.jobs_waiting().range(..later).take(PROMOTE_AT_ONCE) {
            let ((at_ms, id), ()) = entry?;
            self.txn.jobs_waiting().remove((at_ms, id))?;
            if let Some(Row::V1(job)) = self.txn.jobs().get_row(id)? {
                self.txn.jobs_ready().insert(place(id, &job), ())?;
            }
            promoted += 1;
        }
        Ok(promoted)
    }

    /// Takes up the first jobs of all lanes that have room, and tells which lanes have more.
    fn claim(&mut self) -> Result<(Vec<Claimed>, [bool; LANES]), StoreError> {
        let table = self.txn.jobs_ready();
        let mut lines: [_; LANES] = std::array::from_fn(|lane| {
            let lane = u8::try_from(lane).unwrap_or(u8::MAX);
            table.range((lane, i64::MIN, 0)..=(lane, i64::MAX, u64::MAX)).peekable()
        });
        let mut room = self.cycle.room;
        let mut claimed = Vec::new();
        loop {
            let mut first = None;
            for (lane, line) in lines.iter_mut().enumerate().filter(|(lane, _)| room.is_in(*lane)) {
                if let Some(entry) = line.peek() {
                    let ((_, at, id), ()) = entry.clone()?;
                    let this = (at, id, lane);
                    first = Some(first.map_or(this, |first: (i64, u64, usize)| first.min(this)));
                }
            }
            let Some((_, _, lane)) = first else { break };
            let Some(((key, at, id), ())) = lines[lane].next().transpose()? else { continue };
            table.remove((key, at, id))?;
            if let Some(job) = self.take_up(id)? {
                room.take(lane);
                claimed.push(job);
            }
        }
        let left = lines.map(|mut line| line.peek().is_some());
        Ok((claimed, left))
    }

    /// Takes one job up, unless it cannot be read.
    fn take_up(&mut self, id: u64) -> Result<Option<Claimed>, StoreError> {
        let Some(Row::V1(mut job)) = self.txn.jobs().get_row(id)? else { return Ok(None) };
        if let Err(why) = (self.cycle.check)(&job.payload) {
            job.error = Some(why.chars().take(ERROR_CHARS).collect());
            self.bury(id, &mut job)?;
            self.txn.jobs().insert_row(id, &Row::V1(job))?;
            return Ok(None);
        }
        job.state = State::Running;
        job.attempts = job.attempts.saturating_add(1);
        self.txn.jobs_running().insert(id, ())?;
        self.txn.jobs().insert_row(id, &Row::V1(job.clone()))?;
        Ok(Some(Claimed {
            id: JobId(id),
            kind: job.kind,
            payload: job.payload,
            lane: usize::from(lane(job.priority)),
            // Ends of the process may have brought it beyond: this is its last one then.
            attempt: job.attempts.min(job.max_attempts),
            max_attempts: job.max_attempts,
            client: job.client.map(ClientId::from_bits),
        }))
    }

    /// Forgets the oldest jobs that ended long enough ago, and their keys.
    fn forget(&self) -> Result<usize, StoreError> {
        let until = |kept: SignedDuration| {
            let now_ms = i128::from(self.cycle.now.as_millisecond());
            (i64::try_from(now_ms - kept.as_millis()).unwrap_or(i64::MIN), 0)
        };
        let mut ids = Vec::new();
        for entry in self.txn.jobs_done().range(..until(DONE_KEPT)).take(FORGET_AT_ONCE) {
            let (key, ()) = entry?;
            self.txn.jobs_done().remove(key)?;
            ids.push(key.1);
        }
        for entry in self.txn.jobs_dead().range(..until(DEAD_KEPT)).take(FORGET_AT_ONCE) {
            let (key, ()) = entry?;
            self.txn.jobs_dead().remove(key)?;
            ids.push(key.1);
        }
        for id in &ids {
            let Some(Row::V1(job)) = self.txn.jobs().get_row(*id)? else { continue };
            self.txn.jobs().remove(*id)?;
            if let Some(key) = job.key {
                self.txn.jobs_keys().remove(&key)?;
            }
        }
        Ok(ids.len())
    }

    fn line_up_again(&self, id: u64, job: &mut Job) -> Result<(), StoreError> {
        job.state = State::Pending;
        line_up(self.txn, id, job, self.cycle.now)
    }

    fn bury(&mut self, id: u64, job: &mut Job) -> Result<(), StoreError> {
        let ended_ms = self.cycle.now.as_millisecond();
        job.state = State::Dead { ended_ms };
        self.txn.jobs_dead().insert((ended_ms, id), ())?;
        self.buried.push(Buried {
            id: JobId(id),
            kind: job.kind.clone(),
            client: job.client.map(ClientId::from_bits),
            error: job.error.clone(),
        });
        Ok(())
    }
}
