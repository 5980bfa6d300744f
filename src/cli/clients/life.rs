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
    /// Print JSON, as the API gives it
    #[arg(long)]
    json: bool,
}

/// Restarts a client's bot.
#[derive(Clone, Debug, Args)]
pub struct Restart {
    #[command(flatten)]
    life: Life,
    /// Wait until the bot is up again; fails if it does not come up
    #[arg(long)]
    wait: bool,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Suspend,
    Resume,
}

/// The job that follows.
#[derive(Deserialize)]
pub(super) struct Begun {
    pub(super) task_id: String,
}

impl Life {
    pub(super) async fn run(&self, host: &Host, verb: Verb) -> anyhow::Result<ExitCode> {
        let client = find(host, &self.which.client).await?;
        let (word, told) = match verb {
            Verb::Suspend => ("suspend", "is suspended: it answers that it is paused"),
            Verb::Resume => ("resume", "is resumed"),
        };
        let path = format!("/api/clients/{}/{word}", client.client_id);
        let raw = host.control.raw(Ask::post(&path)).await?;
        if self.json {
            return Ok(answer(&raw));
        }
        Ok(print(&format!("@{} {told}\n", client.bot_username)))
    }
}

impl Restart {
    pub(super) async fn run(&self, host: &Host) -> anyhow::Result<ExitCode> {
        let client = find(host, &self.life.which.client).await?;
        let (bot, path) =
            (&client.bot_username, format!("/api/clients/{}/restart", client.client_id));
        let raw = host.control.raw(Ask::post(&path)).await?;
        let begun: Begun = serde_json::from_str(raw.get())?;
        if self.wait {
            tasks::follow(host, &begun.task_id, &format!("waiting for @{bot}")).await?;
        }
        if self.life.json {
            return Ok(answer(&raw));
        }
        let told = if self.wait {
            format!("@{bot} has been restarted")
        } else {
            format!("@{bot} is being restarted by {}", begun.task_id)
        };
        Ok(print(&format!("{told}\n")))
    }
}
