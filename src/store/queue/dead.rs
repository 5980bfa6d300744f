//! Jobs that were given up: to look at, to try again by hand, or to drop.

use jiff::Timestamp;

use super::row::{Row, State};
use super::{JobRecord, get, line_up, time};
use crate::domain::ids::JobId;
use crate::store::{Read, StoreError, Txn};

/// Queues a dead job again, with all its attempts; tells whether there was one.
///
/// # Errors
///
/// Returns [`StoreError`] if the database cannot be written.
pub fn retry(txn: &Txn<'_>, id: JobId, now: Timestamp) -> Result<bool, StoreError> {
    let Some(Row::V1(mut job)) = txn.jobs().get_row(id.0)? else { return Ok(false) };
    let State::Dead { ended_ms } = job.state else { return Ok(false) };
    txn.jobs_dead().remove((ended_ms, id.0))?;
    job.state = State::Pending;
    job.attempts = 0;
    job.run_at_ms = now.as_millisecond();
    line_up(txn, id.0, &job, now)?;
    txn.wake_workers();
    txn.jobs().insert_row(id.0, &Row::V1(job))?;
    Ok(true)
}

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
