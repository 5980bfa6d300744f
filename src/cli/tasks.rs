//! Waiting for a job of `serve`.

use std::time::Duration;

use anyhow::bail;

use super::Host;
use super::look::one_line;
use super::shape::Task;
use super::spinner::Spinner;
use crate::external::control::Ask;

const LOOK_EVERY: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_mins(10);

/// Waits until a job is done.
///
/// # Errors
///
/// Returns why it was given up, or that it takes too long.
pub(super) async fn follow(host: &Host, task: &str, says: &str) -> anyhow::Result<()> {
    let spinner = Spinner::start(says);
    let path = format!("/api/tasks/{task}");
    let watch = async {
        loop {
            let now: Task = host.control.ask(Ask::get(&path)).await?;
            let error = one_line(now.error.as_deref().unwrap_or("no reason is known"));
            match now.state.as_str() {
                "done" => return Ok(()),
                "dead" => bail!(
                    "{task} was given up after {} attempts: {error}; once that is mended: slotbox \
                     queue retry {task}",
                    now.attempts
                ),
                "waiting" if now.attempts > 0 => {
                    let (made, all) = (now.attempts, now.max_attempts);
                    spinner.say(&format!("{says}: attempt {made} of {all} failed: {error}"));
                }
                _ => spinner.say(says),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let watched = tokio::time::timeout(LONGEST, watch).await;
    watched.unwrap_or_else(|_| bail!("{task} is still not done; look later: slotbox queue list"))
}
