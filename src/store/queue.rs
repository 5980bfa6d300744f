//! The job queue as it lies in the database: pushing, looking at it, and trying again by hand.
//!
//! A job is queued in the transaction that causes it, so neither happens without the other. What
//! a worker does with the queue is in [`cycle`].

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use self::row::{Job, Row, State};
use super::{Read, StoreError, Txn};
use crate::domain::ids::{ClientId, JobId};

pub mod cycle;
mod dead;
mod row;

pub use self::dead::{dead_since, drop_dead, retry};

/// Where the number of the next job lies in [`Read::meta`].
const NEXT_ID: &str = "jobs_next";

/// What one step of priority is worth in line: a job that has waited this much longer goes first
/// all the same, so no kind waits for ever behind another.
const PRIORITY_STEP: SignedDuration = SignedDuration::from_secs(30);

/// How many lanes there are. Each priority has its own, with a bound of its own for the jobs that
/// run at the same time: so jobs that wait for somebody slow never hold all places.
pub const LANES: usize = 5;
/// What the lanes are called in counts.
pub const LANE_NAMES: [&str; LANES] = ["money", "bots", "notices", "timetable", "backups"];
/// Jobs of a priority that has no lane of its own share this one.
const SHARED_LANE: u8 = 3;
/// Backups: what takes minutes, and holds nobody up.
pub const BACKUPS: u8 = 5;
const BACKUP_LANE: u8 = 4;

/// A job to queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// What is to be done; for people and counts.
    pub kind: &'static str,
    /// Its place among others: a smaller number goes first.
    pub priority: u8,
    /// What it needs to know, in postcard. Never a secret.
    pub payload: Vec<u8>,
    /// When it may run at the earliest; at once if not given.
    pub run_at: Option<Timestamp>,
    /// How often it is tried before it is given up; at least once.
    pub max_attempts: u16,
    /// Keeps it from being queued twice for as long as the first is known.
    pub key: Option<String>,
    /// The client that it is done for.
    pub client: Option<ClientId>,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobState {
    /// It can run now.
    Queued,
    /// It runs later, for the first time or again.
    Waiting,
    /// A worker has it.
    Running,
    /// It is done.
    Done,
    /// It was given up; a person may have it tried again.
    Dead,
}

/// A job, to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// Its id.
    pub id: JobId,
    /// What is done.
    pub kind: String,
    /// The client that it is done for.
    pub client: Option<ClientId>,
    /// Where it stands.
    pub state: JobState,
    /// How often it was begun.
    pub attempts: u16,
    /// How often it is tried before it is given up.
    pub max_attempts: u16,
    /// When it may run, or could have.
    pub run_at: Timestamp,
    /// When it was queued.
    pub created_at: Timestamp,
    /// Why the last try failed.
    pub error: Option<String>,
}

/// How many jobs there are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Can run now.
    pub queued: u64,
    /// Run later.
    pub waiting: u64,
    /// Are with a worker.
    pub running: u64,
    /// Were given up.
    pub dead: u64,
}

/// One lane at a glance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaneView {
    /// Its jobs that are not done.
    pub counts: Counts,
    /// How long the first in line has waited.
    pub oldest_ready: SignedDuration,
}

/// The queue at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// All jobs.
    pub total: Counts,
    /// Jobs of each kind.
    pub by_kind: BTreeMap<String, Counts>,
    /// How long the job that could have run for the longest time has waited.
    pub oldest_ready: SignedDuration,
}

/// Queues `job`, unless one with its key is known: then that one's id is returned.
///
/// # Errors
///
/// Returns [`StoreError`] if the database cannot be written.
pub fn push_in(txn: &Txn<'_>, job: &NewJob, now: Timestamp) -> Result<JobId, StoreError> {
    if let Some(key) = &job.key
        && let Some(known) = txn.jobs_keys().get(key)?
    {
        return Ok(JobId(known));
    }
    let id = txn.meta().get(NEXT_ID)?.unwrap_or(1);
    txn.meta().insert(NEXT_ID, id + 1)?;
    if let Some(key) = &job.key {
        txn.jobs_keys().insert(key, id)?;
    }
    let row = Job {
        kind: job.kind.to_owned(),
        priority: job.priority,
        payload: job.payload.clone(),
        state: State::Pending,
        attempts: 0,
        max_attempts: job.max_attempts.max(1),
        run_at_ms: job.run_at.unwrap_or(now).as_millisecond(),
        created_ms: now.as_millisecond(),
        key: job.key.clone(),
        client: job.client.map(ClientId::bits),
        error: None,
    };
    txn.jobs().insert_row(id, &Row::V1(row.clone()))?;
    line_up(txn, id, &row, now)?;
    txn.wake_workers();
    Ok(JobId(id))
}

/// Puts a pending job in line, or among those that wait for their time.
fn line_up(txn: &Txn<'_>, id: u64, job: &Job, now: Timestamp) -> Result<(), StoreError> {
    if job.run_at_ms > now.as_millisecond() {
        txn.jobs_waiting().insert((job.run_at_ms, id), ())?;
    } else {
        txn.jobs_ready().insert(place(id, job), ())?;
    }
    Ok(())
}

/// Where a job stands: its lane, and its place there, as if it had been ready later by its
/// priority.
fn place(id: u64, job: &Job) -> (u8, i64, u64) {
    let step = i64::try_from(PRIORITY_STEP.as_millis()).unwrap_or(i64::MAX);
    let at = job.run_at_ms.saturating_add(i64::from(job.priority) * step);
    (lane(job.priority), at, id)
}

/// The lane of a priority.
fn lane(priority: u8) -> u8 {
    if priority == BACKUPS { BACKUP_LANE } else { priority.min(SHARED_LANE) }
}

/// Returns the job `id`, if it is still known.
///
/// # Errors
///
/// Returns [`StoreError`] if the database cannot be read; so does every function here.
pub fn get(txn: &impl Read, id: JobId, now: Timestamp) -> Result<Option<JobRecord>, StoreError> {
    let row = txn.jobs().get_row::<Row>(id.0)?;
    row.map(|Row::V1(job)| record(id.0, job, now)).transpose()
}

/// Returns the job that was queued under `key`, if it is still known.
///
/// # Errors
///
/// As [`get`].
pub fn find(txn: &impl Read, key: &str) -> Result<Option<JobId>, StoreError> {
    Ok(txn.jobs_keys().get(key)?.map(JobId))
}

/// Returns up to `limit` jobs that arrived before `before`, newest first.
///
/// # Errors
///
/// As [`get`].
pub fn list(
    txn: &impl Read,
    before: Option<JobId>,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<JobRecord>, StoreError> {
    let end = before.map_or(u64::MAX, |id| id.0);
    let rows = txn.jobs().rows_back::<Row>(..end);
    rows.take(limit).map(|row| row.and_then(|(id, Row::V1(job))| record(id, job, now))).collect()
}

/// Counts the jobs that are not done. Reads each of them: for [`scan`](super::Store::scan).
///
/// # Errors
///
/// As [`get`].
pub fn overview(txn: &impl Read, now: Timestamp) -> Result<Overview, StoreError> {
    let second = |entry: Result<((i64, u64), ()), StoreError>| entry.map(|((_, id), ())| id);
    let ready = txn.jobs_ready().range(..).map(|entry| entry.map(|((_, _, id), ())| id));
    let waiting = txn.jobs_waiting().range(..).map(second);
    let running = txn.jobs_running().range(..).map(|entry| entry.map(|(id, ())| id));
    let dead = txn.jobs_dead().range(..).map(second);
    let mut overview = Overview::default();
    for id in ready.chain(waiting).chain(running).chain(dead) {
        if let Some(job) = get(txn, JobId(id?), now)? {
            overview.add(job, now);
        }
    }
    Ok(overview)
}

impl Overview {
    fn add(&mut self, job: JobRecord, now: Timestamp) {
        if job.state == JobState::Queued {
            self.oldest_ready = self.oldest_ready.max(now.duration_since(job.run_at));
        }
        self.total.add(job.state);
        self.by_kind.entry(job.kind).or_default().add(job.state);
    }
}

impl Counts {
    fn add(&mut self, state: JobState) {
        match state {
            JobState::Queued => self.queued += 1,
            JobState::Waiting => self.waiting += 1,
            JobState::Running => self.running += 1,
            JobState::Dead => self.dead += 1,
            JobState::Done => {}
        }
    }
}

/// Counts the jobs of each lane that are not done. Reads each of them that does not stand in line:
/// for [`scan`](super::Store::scan).
///
/// # Errors
///
/// As [`get`].
pub fn lanes(txn: &impl Read, now: Timestamp) -> Result<[LaneView; LANES], StoreError> {
    let mut views = [LaneView::default(); LANES];
    for entry in txn.jobs_ready().range(..) {
        let ((lane, _, _), ()) = entry?;
        if let Some(view) = views.get_mut(usize::from(lane)) {
            view.counts.queued += 1;
        }
    }
    let second = |entry: Result<((i64, u64), ()), StoreError>| entry.map(|((_, id), ())| id);
    let waiting = txn.jobs_waiting().range(..).map(second);
    let running = txn.jobs_running().range(..).map(|entry| entry.map(|(id, ())| id));
    let dead = txn.jobs_dead().range(..).map(second);
    for id in waiting.chain(running).chain(dead) {
        let Some(Row::V1(job)) = txn.jobs().get_row(id?)? else { continue };
        if let Some(view) = views.get_mut(usize::from(lane(job.priority))) {
            view.counts.add(state(&job, now));
        }
    }
    for (number, view) in views.iter_mut().enumerate() {
        let lane = u8::try_from(number).unwrap_or(SHARED_LANE);
        let mut ready = txn.jobs_ready().range((lane, i64::MIN, 0)..=(lane, i64::MAX, u64::MAX));
        let Some(entry) = ready.next() else { continue };
        let ((_, _, id), ()) = entry?;
        if let Some(job) = get(txn, JobId(id), now)? {
            view.oldest_ready = now.duration_since(job.run_at).max(SignedDuration::ZERO);
        }
    }
    Ok(views)
}

/// Returns up to `limit` of the jobs in `state`: the next ones first, of the dead the last ones.
/// Those that are done are not looked for.
///
/// # Errors
///
/// Returns [`StoreError`] if the queue cannot be read.
pub fn in_state(
    txn: &impl Read,
    state: JobState,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<JobRecord>, StoreError> {
    let second = |entry: Result<((i64, u64), ()), StoreError>| entry.map(|((_, id), ())| id);
    let ids: Result<Vec<u64>, _> = match state {
        JobState::Queued => {
            let ready = txn.jobs_ready().range(..);
            ready.map(|entry| entry.map(|((_, _, id), ())| id)).take(limit).collect()
        }
        JobState::Waiting => txn.jobs_waiting().range(..).map(second).take(limit).collect(),
        JobState::Running => {
            txn.jobs_running().range(..).map(|entry| entry.map(|(id, ())| id)).take(limit).collect()
        }
        JobState::Dead => txn.jobs_dead().range_back(..).map(second).take(limit).collect(),
        JobState::Done => Ok(Vec::new()),
    };
    let mut found = Vec::new();
    for id in ids? {
        found.extend(get(txn, JobId(id), now)?);
    }
    Ok(found)
}

fn state(job: &Job, now: Timestamp) -> JobState {
    match job.state {
        State::Pending if job.run_at_ms > now.as_millisecond() => JobState::Waiting,
        State::Pending => JobState::Queued,
        State::Running => JobState::Running,
        State::Done { .. } => JobState::Done,
        State::Dead { .. } => JobState::Dead,
    }
}

fn record(id: u64, job: Job, now: Timestamp) -> Result<JobRecord, StoreError> {
    Ok(JobRecord {
        id: JobId(id),
        state: state(&job, now),
        client: job.client.map(ClientId::from_bits),
        attempts: job.attempts,
        max_attempts: job.max_attempts,
        run_at: time(job.run_at_ms)?,
        created_at: time(job.created_ms)?,
        kind: job.kind,
        error: job.error,
    })
}

fn time(ms: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(ms)
        .map_err(|_| StoreError::Corrupt { table: "jobs", reason: "no such time".to_owned() })
}

#[cfg(test)]
mod tests;
