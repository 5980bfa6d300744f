//! `slotbox clients logs`.

use std::process::ExitCode;

use clap::Args;
use serde::Deserialize;

use super::{Which, find};
use crate::cli::look::one_line;
use crate::cli::{Host, answer, print};
use crate::external::control::Ask;

/// Shows what a client's bot has last written.
#[derive(Clone, Debug, Args)]
pub struct Logs {
    #[command(flatten)]
    which: Which,
    /// How many lines, at most 1000
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    lines: u16,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Told {
    lines: Vec<String>,
}

impl Logs {
    pub(super) async fn run(&self, host: &Host) -> anyhow::Result<ExitCode> {
        let client = find(host, &self.which.client).await?;
        let path = format!("/control/clients/{}/logs?lines={}", client.client_id, self.lines);
        let raw = host.control.raw(Ask::get(&path)).await?;
        if self.json {
            return Ok(answer(&raw));
        }
        let told: Told = serde_json::from_str(raw.get())?;
        if told.lines.is_empty() {
            return Ok(print(&format!("@{} has written nothing\n", client.bot_username)));
        }
        let lines: String = told.lines.iter().map(|line| one_line(line) + "\n").collect();
        Ok(print(&lines))
    }
}
