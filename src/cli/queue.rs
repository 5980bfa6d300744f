//! `slotbox queue`: the work that `serve` has to do.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::value::RawValue;

use super::clients::find;
use super::host::{Part, Way};
use super::list::ListArgs;
use super::shape::{Queue, Task, tone};
use super::table::Cell;
use super::{Host, Usage, answer, complain, print};
use crate::external::control::Ask;

/// What to do with the queue.
#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// List the jobs, newest first, without those that are done
    #[command(after_help = LIST_EXAMPLES)]
    List(List),
    /// Try jobs again that were given up
    #[command(after_help = RETRY_EXAMPLES)]
    Retry(Retry),
}

const LIST_EXAMPLES: &str = "\
Examples:
  slotbox queue list
  slotbox queue list --state dead
  slotbox queue list --client @salon_bot --all
  slotbox queue list --json | jq '.items[].kind'";

const RETRY_EXAMPLES: &str = "\
Examples:
  slotbox queue retry j_1207
  slotbox queue retry --all";

/// Lists jobs.
#[derive(Clone, Debug, Args)]
pub struct List {
    /// Only jobs in this state; may be given more than once
    #[arg(long, value_parser = ["queued", "waiting", "running", "done", "dead"])]
    state: Vec<String>,
    /// Only jobs of this kind, such as `deploy_client`
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Only jobs of this client
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    /// Also jobs that are done
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    lines: ListArgs,
}

/// Tries jobs again.
#[derive(Clone, Debug, Args)]
pub struct Retry {
    /// The jobs
    #[arg(value_name = "TASK", required_unless_present = "all")]
    tasks: Vec<String>,
    /// All that were given up
    #[arg(long, conflicts_with = "tasks")]
    all: bool,
    /// Print JSON, as the API gives it
    #[arg(long)]
    json: bool,
}

impl QueueCommand {
    /// Does it.
    pub fn run(&self, way: &Way) -> ExitCode {
        way.run(async |host| match self {
            Self::List(list) => list.run(&host).await,
            Self::Retry(retry) => retry.run(&host).await,
        })
    }
}

impl List {
    async fn run(&self, host: &Host) -> anyhow::Result<ExitCode> {
        let client = match &self.client {
            Some(text) => Some(find(host, text).await?.client_id),
            None => None,
        };
        let wanted = |task: &Task| {
            let state = if self.state.is_empty() {
                self.all || task.state != "done"
            } else {
                self.state.contains(&task.state)
            };
            state
                && self.kind.as_ref().is_none_or(|kind| *kind == task.kind)
                && client.as_ref().is_none_or(|client| task.client_id.as_ref() == Some(client))
        };
        let list = host.list("/control/tasks", &self.lines.part(), wanted).await?;
        let headings =
            vec!["TASK", "KIND", "CLIENT", "STATE", ">TRIES", "RUNS AT", "QUEUED AT", "ERROR"];
        let shown = self.lines.show(host, &list, headings, |task| {
            vec![
                (&task.task_id).into(),
                (&task.kind).into(),
                task.client_id.as_deref().unwrap_or_default().into(),
                Cell::toned(&task.state, tone(&task.state)),
                format!("{}/{}", task.attempts, task.max_attempts).into(),
                host.look.time(Some(task.run_at)).into(),
                host.look.time(Some(task.created_at)).into(),
                task.error.as_deref().unwrap_or_default().into(),
            ]
        });
        let queue: Queue = host.control.ask(Ask::get("/api/queue")).await?;
        if queue.dead > 0 && !self.state.iter().any(|state| state == "dead") {
            let dead = queue.dead;
            complain(&format_args!("{dead} given up in all: slotbox queue list --state dead"));
        }
        Ok(shown)
    }
}

impl Retry {
    async fn run(&self, host: &Host) -> anyhow::Result<ExitCode> {
        let tasks = if self.all { dead(host).await? } else { self.tasks.clone() };
        if let Some(odd) = tasks.iter().find(|task| !task.starts_with("j_")) {
            return Err(Usage(format!("{odd:?} is no task: they look like j_1207")).into());
        }
        let mut answers: Vec<Box<RawValue>> = Vec::new();
        for task in &tasks {
            let path = format!("/api/tasks/{task}/retry");
            let raw = host.control.raw(Ask::post(&path)).await;
            answers.push(raw.map_err(|err| anyhow::anyhow!("{task}: {err}"))?);
        }
        if self.json {
            return Ok(answer(&serde_json::to_string(&answers)?));
        }
        match tasks.as_slice() {
            [] => complain(&"no job was given up"),
            tasks => return Ok(print(&format!("queued again: {}\n", tasks.join(", ")))),
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn dead(host: &Host) -> anyhow::Result<Vec<String>> {
    let all = Part { limit: 0, cursor: None };
    let dead = host.list("/control/tasks", &all, |task: &Task| task.state == "dead").await?;
    Ok(dead.items.into_iter().map(|(_, task)| task.task_id).collect())
}
