//! `slotbox backup create`: makes a backup of the whole host now.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cli::look::{length, one_line, size};
use crate::cli::shape::Task;
use crate::cli::spinner::Spinner;
use crate::cli::{Host, answer, print};
use crate::external::control::Ask;

const LOOK_EVERY: Duration = Duration::from_millis(250);
const PATH: &str = "/control/backup";

/// Makes a backup of the whole host now, and waits until it is made and verified.
#[derive(Clone, Copy, Debug, Args)]
pub struct Create {
    /// Do not wait until it is made
    #[arg(long)]
    no_wait: bool,
    /// Wait no longer than this, such as 90m; the backup goes on all the same
    #[arg(long, value_name = "DURATION", default_value = "6h", value_parser = patience)]
    timeout: Duration,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Begun {
    task_id: String,
}

#[derive(Deserialize)]
struct Shown<'a> {
    #[serde(borrow)]
    last: Option<&'a RawValue>,
    failure: Option<Failure>,
    destination: String,
}

#[derive(Deserialize)]
struct Failure {
    why: String,
    cure: String,
}

#[derive(Deserialize)]
struct Made {
    id: String,
    began_at: Timestamp,
    ended_at: Timestamp,
    files: u64,
    bytes: u64,
    kept_bytes: u64,
    stored_bytes: u64,
    clients: u64,
    clients_carried: u64,
    oldest_copy_at: Option<Timestamp>,
    clients_missing: u64,
}

impl Create {
    pub(super) async fn run(self, host: &Host) -> anyhow::Result<ExitCode> {
        let raw = host.control.raw(Ask::post(PATH)).await?;
        let begun: Begun = serde_json::from_str(raw.get())?;
        if self.no_wait {
            let told = format!("{} makes a backup; see: slotbox status\n", begun.task_id);
            return Ok(if self.json { answer(&raw) } else { print(&told) });
        }
        match tokio::time::timeout(self.timeout, follow(host, &begun.task_id)).await {
            Ok(followed) => followed?,
            Err(_) => bail!(
                "the backup is not made within {}, and goes on; see: slotbox status; slotbox backup list",
                length(self.timeout.as_secs())
            ),
        }
        let raw = host.control.raw(Ask::get(PATH)).await?;
        let shown: Shown<'_> = serde_json::from_str(raw.get())?;
        let last = shown.last.context("the backup is not on record")?;
        if self.json {
            return Ok(answer(&last));
        }
        Ok(print(&told(&serde_json::from_str(last.get())?, &shown.destination)))
    }
}

fn patience(text: &str) -> Result<Duration, String> {
    let length = text.parse::<SignedDuration>().ok().filter(SignedDuration::is_positive);
    let length = length.and_then(|it| Duration::try_from(it).ok());
    length.ok_or_else(|| "expected a length of time, such as 90m or 6h".to_owned())
}

/// Waits until the job is done. Its first failure is told at once: whoever waits can mend it, and the
/// job is tried again by itself.
async fn follow(host: &Host, task: &str) -> anyhow::Result<()> {
    let spinner = Spinner::start("making a backup");
    let path = format!("/api/tasks/{task}");
    loop {
        let now: Task = host.control.ask(Ask::get(&path)).await?;
        match now.state.as_str() {
            "done" => return Ok(()),
            "dead" | "waiting" if now.attempts > 0 => {
                drop(spinner);
                return fail(host, now.error.as_deref().unwrap_or("no reason is known")).await;
            }
            "queued" => spinner.say("waiting for another backup to end"),
            _ => spinner.say("making a backup"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn fail(host: &Host, error: &str) -> anyhow::Result<()> {
    let raw = host.control.raw(Ask::get(PATH)).await?;
    let shown: Shown<'_> = serde_json::from_str(raw.get())?;
    match shown.failure {
        Some(it) => bail!("{}\nwhat helps: {}", one_line(&it.why), one_line(&it.cure)),
        None => bail!("{}", one_line(error)),
    }
}

fn told(made: &Made, destination: &str) -> String {
    let took = made.ended_at.duration_since(made.began_at).max(SignedDuration::ZERO).as_secs();
    let mut text = format!(
        "{} is made and verified, in {}: {} files of {}; {} stored, {} kept for it in {destination}\n",
        made.id,
        length(took.unsigned_abs()),
        made.files,
        size(made.bytes),
        size(made.stored_bytes),
        size(made.kept_bytes),
    );
    let (all, carried, missing) = (made.clients, made.clients_carried, made.clients_missing);
    text.push_str(&format!("{all} clients"));
    if let Some(oldest) = made.oldest_copy_at {
        text.push_str(&format!("; of {carried} an earlier copy, the oldest of {oldest}"));
    }
    if missing > 0 {
        text.push_str(&format!("; of {missing} no copy: see slotbox status"));
    }
    text.push('\n');
    text
}
