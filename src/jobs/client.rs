//! The worker of a client's bot: reminders, and notices to the owner.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Attempt, JobError, Retry, WorkerOptions, run_worker};
use crate::actions::client_deps::ClientDeps;
use crate::actions::remind::{self, TellError};
use crate::external::telegram::TelegramError;
use crate::store::client_jobs::Payload;
use crate::store::queue::LANES;

const OPTIONS: WorkerOptions = WorkerOptions {
    concurrency: 4,
    lanes: [4; LANES],
    timeout: Duration::from_mins(1),
    drain_within: Duration::from_secs(10),
};
/// The longest wait before another try: a reminder is for a certain hour.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// Performs the jobs of the bot until `stop`.
pub async fn run(deps: ClientDeps, stop: CancellationToken) {
    let (store, clock) = (deps.store.clone(), deps.clock.clone());
    run_worker(store, clock, OPTIONS, stop, move |payload: Payload, attempt, _| {
        perform(deps.clone(), payload, attempt)
    })
    .await;
}

async fn perform(deps: ClientDeps, payload: Payload, attempt: Attempt) -> Result<(), JobError> {
    let job = payload.job().map_err(|err| failed(Retry::Never, &err))?;
    remind::perform(&deps, job).await.map_err(|err| {
        let retry = match &err {
            TellError::Telegram(TelegramError::RetryAfter(wait)) => Retry::After(*wait),
            TellError::Telegram(TelegramError::Refused(_)) => Retry::Never,
            TellError::Telegram(_) | TellError::Store(_) => Retry::After(wait(attempt)),
        };
        failed(retry, &err)
    })
}

fn failed(retry: Retry, err: &dyn std::error::Error) -> JobError {
    JobError { retry, message: err.to_string() }
}

/// Doubles from a second up to [`LONGEST_WAIT`].
fn wait(attempt: Attempt) -> Duration {
    let doubled = 1_u64.checked_shl(u32::from(attempt.current.saturating_sub(1)));
    Duration::from_secs(doubled.unwrap_or(u64::MAX)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_grow_and_end_growing() {
        let waits = [1, 2, 5, 9, 10, 500].map(|current| wait(Attempt { current, max: 500 }));
        assert_eq!(waits.map(|wait| wait.as_secs()), [1, 2, 16, 256, 300, 300]);
    }
}
