//! Try a job again that was given up.

use super::cause::{Cause, KeyReused};
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::ids::JobId;
use crate::store::queue::{self, JobRecord};
use crate::store::{StoreError, audit};

/// Why a job was not queued again.
#[derive(Debug, thiserror::Error)]
pub enum RetryTaskError {
    /// There is no such job, or it ended too long ago.
    #[error("there is no such task")]
    UnknownTask,
    /// It waits, runs or is done.
    #[error("only a task that was given up can be tried again")]
    NotDead,
    /// The idempotency key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Puts a job that was given up back in line, with all its attempts, and returns how it stands.
///
/// Of two people who press at the same time, one does it and the other is told that it was done;
/// the same `cause` does it once.
///
/// # Errors
///
/// Returns [`RetryTaskError`], and nothing is changed.
pub async fn retry_task(
    deps: &Deps,
    cause: Cause,
    id: JobId,
    by: Actor,
) -> Result<JobRecord, RetryTaskError> {
    let now = deps.clock.now();
    let write = deps.store.write(move |txn| {
        let find = || queue::get(txn, id, now)?.ok_or(RetryTaskError::UnknownTask);
        if cause.effect::<RetryTaskError>(txn, now)?.is_some() {
            return find();
        }
        let dead = find()?;
        if !queue::retry(txn, id, now)? {
            return Err(RetryTaskError::NotDead);
        }
        let entry = audit::Entry {
            at: now,
            actor: by.to_string(),
            action: "task.retried".to_owned(),
            client: dead.client,
            detail: format!("{id} {}", dead.kind),
        };
        audit::append(txn, &entry)?;
        cause.remember(txn, now, &[])?;
        find()
    });
    let task = write.await?;
    tracing::info!(event = "job.retried", job = %id, kind = task.kind, "a dead job is tried again");
    Ok(task)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::domain::job::Job;
    use crate::store::jobs;
    use crate::store::queue::JobState;
    use crate::testing::{Host, give_up};

    fn cause(key: &str) -> Cause {
        Cause::new(key.to_owned())
    }

    fn audited(deps: &Deps) -> Vec<String> {
        let lines = deps.store.read(|snap| audit::list(snap, None, 9)).unwrap();
        lines
            .into_iter()
            .map(|(_, it)| format!("{} {} {}", it.actor, it.action, it.detail))
            .collect()
    }

    #[tokio::test]
    async fn a_dead_job_is_tried_again_once() {
        let host = Host::new("http://127.0.0.1:1", Path::new("/bin/false"), Duration::ZERO);
        let deps = &host.deps;
        let id = give_up(deps, Job::Reconcile).await;
        let (one, other) = (cause("one"), cause("other"));
        let (done, refused) = tokio::join!(
            retry_task(deps, one.clone(), id, Actor::Api),
            retry_task(deps, other, id, Actor::Api),
        );
        let task = done.unwrap();
        assert_eq!((task.state, task.attempts), (JobState::Queued, 0));
        assert!(matches!(refused, Err(RetryTaskError::NotDead)), "{refused:?}");
        assert_eq!(retry_task(deps, one, id, Actor::Api).await.unwrap(), task);
        assert_eq!(audited(deps), [format!("api task.retried {id} reconcile")]);
    }

    #[tokio::test]
    async fn what_is_not_dead_or_unknown_is_left_alone() {
        let host = Host::new("http://127.0.0.1:1", Path::new("/bin/false"), Duration::ZERO);
        let deps = &host.deps;
        let now = deps.clock.now();
        let push = deps.store.write(move |txn| jobs::push(txn, now, &Job::Lifecycle));
        let id = push.await.unwrap();
        let refused = retry_task(deps, cause("a"), id, Actor::Api).await;
        assert!(matches!(refused, Err(RetryTaskError::NotDead)), "{refused:?}");
        let refused = retry_task(deps, cause("b"), JobId(77), Actor::Api).await;
        assert!(matches!(refused, Err(RetryTaskError::UnknownTask)), "{refused:?}");
        assert!(audited(deps).is_empty());
    }
}
