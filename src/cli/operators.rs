//! `slotbox operators`: who may use the Master Bot.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Deserialize;

use super::host::Way;
use super::{Host, answer, print};
use crate::external::control::Ask;

/// What to do about operators.
#[derive(Debug, Subcommand)]
pub enum OperatorsCommand {
    /// List them
    #[command(after_help = LIST_EXAMPLES)]
    List(List),
    /// Make a one-time link that makes its first follower an operator
    #[command(after_help = LINK_EXAMPLES)]
    Link(Link),
    /// Remove one who came by a link
    #[command(after_help = REMOVE_EXAMPLES)]
    Remove(Remove),
}

const LIST_EXAMPLES: &str = "\
Examples:
  slotbox operators list
  slotbox operators list --json";

const LINK_EXAMPLES: &str = "\
The link lives for 15 minutes and works once; a new one makes the one before useless.

Examples:
  slotbox operators link";

const REMOVE_EXAMPLES: &str = "\
Those whom the settings name are removed there: telegram.operators.

Examples:
  slotbox operators remove 111111111";

/// Lists the operators.
#[derive(Clone, Copy, Debug, Args)]
pub struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Makes a link.
#[derive(Clone, Copy, Debug, Args)]
pub struct Link {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Removes an operator.
#[derive(Clone, Copy, Debug, Args)]
pub struct Remove {
    /// The person's number at Telegram
    #[arg(value_name = "ID")]
    id: i64,
}

#[derive(Deserialize)]
struct All {
    items: Vec<Operator>,
}

#[derive(Deserialize)]
struct Operator {
    telegram_id: i64,
    from: String,
    since: Option<Timestamp>,
}

/// A one-time link, as the control socket gives it.
#[derive(Deserialize)]
pub(super) struct LinkView {
    pub(super) url: String,
    pub(super) expires_at: Timestamp,
}

impl OperatorsCommand {
    /// Does it.
    pub fn run(&self, way: &Way) -> ExitCode {
        match self {
            Self::List(list) => way.run(async |host| list.run(&host).await),
            Self::Link(link) => way.run(async |host| link.run(&host).await),
            Self::Remove(remove) => way.run(async |host| remove.run(&host).await),
        }
    }
}

impl List {
    async fn run(self, host: &Host) -> anyhow::Result<ExitCode> {
        let raw = host.control.raw(Ask::get("/control/operators")).await?;
        if self.json {
            return Ok(answer(&raw));
        }
        let all: All = serde_json::from_str(raw.get())?;
        if all.items.is_empty() {
            return Ok(print("nobody; \"slotbox operators link\" makes the first\n"));
        }
        let mut text = String::new();
        for it in &all.items {
            let since = it.since.map_or_else(String::new, |at| host.look.time(Some(at)));
            text += &format!("{:<14} {:<9} {since}", it.telegram_id, it.from);
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        Ok(print(&text))
    }
}

impl Link {
    async fn run(self, host: &Host) -> anyhow::Result<ExitCode> {
        let raw = host.control.raw(Ask::post("/control/operators/link")).await?;
        if self.json {
            return Ok(answer(&raw));
        }
        let link: LinkView = serde_json::from_str(raw.get())?;
        let until = host.look.time(Some(link.expires_at));
        Ok(print(&format!("{}\nopens the Master Bot for one person, until {until}\n", link.url)))
    }
}

impl Remove {
    async fn run(self, host: &Host) -> anyhow::Result<ExitCode> {
        let path = format!("/control/operators/{}", self.id);
        host.control.raw(Ask::delete(&path)).await?;
        Ok(print(&format!("{} is no operator any more\n", self.id)))
    }
}
