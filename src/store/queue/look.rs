//! What a person sees of the queue: the jobs in one state, and those that were given up.

use jiff::Timestamp;

use super::row::{Row, State};
use super::{JobRecord, JobState, get, time};
use crate::domain::ids::JobId;
use crate::store::{Read, StoreError, Txn};

/// Drops a job that was given up: nobody will try it again. Tells whether there was one.
///
/// # Errors
///
/// Returns [`StoreError`] if the queue cannot be written.
pub fn drop_dead(txn: &Txn<'_>, id: JobId) -> Result<bool, StoreError> {
    let Some(Row::V1(job)) = txn.jobs().get_row(id.0)? else { return Ok(false) };
    let State::Dead { ended_ms } = job.state else { return Ok(false) };
    txn.jobs_dead().remove((ended_ms, id.0))?;
    txn.jobs().remove(id.0)?;
    if let Some(key) = job.key {
        txn.jobs_keys().remove(&key)?;
    }
    Ok(true)
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

/// Returns the jobs that were given up after `since`, oldest first.
///
/// # Errors
///
/// Returns [`StoreError`] if the queue cannot be read.
pub fn dead_since(
    txn: &impl Read,
    since: Timestamp,
    now: Timestamp,
) -> Result<Vec<(Timestamp, JobRecord)>, StoreError> {
    let mut found = Vec::new();
    for entry in txn.jobs_dead().range((since.as_millisecond().saturating_add(1), 0)..) {
        let ((ended_ms, id), ()) = entry?;
        let job = get(txn, JobId(id), now)?;
        if let Some(job) = job {
            found.push((time(ended_ms)?, job));
        }
    }
    Ok(found)
}
