//! Drop a job that was given up, or try all such jobs again.

use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::ids::JobId;
use crate::store::queue::{self, JobState};
use crate::store::{StoreError, audit};

/// How many jobs are taken up again at once.
const AT_ONCE: usize = 1000;

/// Forgets a job that was given up; tells whether there was one.
///
/// # Errors
///
/// Returns [`StoreError`], and nothing is changed.
pub async fn drop_task(deps: &Deps, id: JobId, by: Actor) -> Result<bool, StoreError> {
    let now = deps.clock.now();
    let write = deps.store.write(move |txn| {
        let Some(job) = queue::get(txn, id, now)? else { return Ok(false) };
        if !queue::drop_dead(txn, id)? {
            return Ok(false);
        }
        let (actor, action) = (by.to_string(), "task.dropped".to_owned());
        let detail = format!("{id} {}", job.kind);
        audit::append(txn, &audit::Entry { at: now, actor, action, client: job.client, detail })?;
        Ok::<_, StoreError>(true)
    });
    let dropped = write.await?;
    if dropped {
        tracing::info!(event = "job.dropped", job = %id, "a dead job was dropped by an operator");
    }
    Ok(dropped)
}

/// Puts all jobs that were given up back in line, up to a thousand, and returns how many.
///
/// # Errors
///
/// Returns [`StoreError`], and nothing is changed.
pub async fn retry_all_tasks(deps: &Deps, by: Actor) -> Result<u64, StoreError> {
    let now = deps.clock.now();
    let write = deps.store.write(move |txn| {
        let dead = queue::in_state(txn, JobState::Dead, AT_ONCE, now)?;
        for job in &dead {
            queue::retry(txn, job.id, now)?;
            let (actor, action) = (by.to_string(), "task.retried".to_owned());
            let detail = format!("{} {}", job.id, job.kind);
            let entry = audit::Entry { at: now, actor, action, client: job.client, detail };
            audit::append(txn, &entry)?;
        }
        Ok::<_, StoreError>(dead.len() as u64)
    });
    let count = write.await?;
    tracing::info!(event = "job.retried", count, "all dead jobs are tried again");
    Ok(count)
}
