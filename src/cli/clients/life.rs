//! `slotbox clients suspend`, `resume` and `restart`.

use std::process::ExitCode;

use clap::Args;
use serde::Deserialize;

use super::{Which, find};
use crate::cli::{Host, answer, print, tasks};
use crate::external::control::Ask;

/// Changes how a client's bot runs.
#[derive(Clone, Debug, Args)]
pub struct Life {
    #[command(flatten)]
    which: Which,
    /// Wait until what has to be done is done
    #[arg(long)]
    wait: bool,
    /// Print JSON, as the API gives it
    #[arg(long)]
    json: bool,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Suspend,
    Resume,
    Restart,
}

/// The job that follows, if one does.
#[derive(Deserialize)]
pub(super) struct Done {
    pub(super) task_id: Option<String>,
}

impl Life {
    pub(super) async fn run(&self, host: &Host, verb: Verb) -> anyhow::Result<ExitCode> {
        let client = find(host, &self.which.client).await?;
        let word = match verb {
            Verb::Suspend => "suspend",
            Verb::Resume => "resume",
            Verb::Restart => "restart",
        };
        let path = format!("/api/clients/{}/{word}", client.client_id);
        let raw = host.control.raw(Ask::post(&path)).await?;
        let task = serde_json::from_str::<Done>(raw.get()).ok().and_then(|done| done.task_id);
        if let (Some(task), true) = (&task, self.wait) {
            tasks::follow(host, task, &format!("waiting for @{}", client.bot_username)).await?;
        }
        if self.json {
            return Ok(answer(&raw));
        }
        let bot = &client.bot_username;
        let told = match (verb, self.wait) {
            (Verb::Suspend, _) => "is suspended: it answers that it is paused",
            (Verb::Resume, _) => "is resumed",
            (Verb::Restart, true) => "has been restarted",
            (Verb::Restart, false) => "is being restarted",
        };
        Ok(print(&format!("@{bot} {told}\n")))
    }
}
