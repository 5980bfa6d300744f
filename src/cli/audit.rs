//! `slotbox audit`: who did what.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::clients::find;
use super::host::Way;
use super::look::{Tone, one_line};
use super::shape::Entry;
use super::{Host, Printed, try_print};
use crate::external::control::Ask;

/// How long one look waits for a new line.
const WAIT_S: u64 = 20;
/// How many lines are read at once.
const WINDOW: u64 = 200;

/// What to do with the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Print the last lines of the audit log, oldest first
    #[command(after_help = EXAMPLES)]
    Tail(Tail),
}

const EXAMPLES: &str = "\
Examples:
  slotbox audit tail
  slotbox audit tail -n 100 --client @salon_bot
  slotbox audit tail --follow --json | jq 'select(.actor != \"slotbox\")'";

/// Prints the end of the audit log.
#[derive(Clone, Debug, Args)]
pub struct Tail {
    /// How many lines
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20)]
    lines: usize,
    /// Go on as lines are added, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// Only what was done to this client
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    /// Print JSON: one line, one entry
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Since {
    items: Vec<Box<RawValue>>,
    from: u64,
}

impl AuditCommand {
    /// Does it.
    pub fn run(&self, way: &Way) -> ExitCode {
        let Self::Tail(tail) = self;
        way.run(async |host| tail.run(&host).await)
    }
}

impl Tail {
    async fn run(&self, host: &Host) -> anyhow::Result<ExitCode> {
        let client = match &self.client {
            Some(text) => Some(find(host, text).await?.client_id),
            None => None,
        };
        let of_client = |entry: &Entry| client.is_none() || entry.client_id == client;
        let mut from = host.control.ask::<Since>(Ask::get("/control/audit")).await?.from;
        for (raw, entry) in self.last(host, from, of_client).await? {
            if self.line(host, &raw, &entry)? == Printed::NobodyReads {
                return Ok(ExitCode::SUCCESS);
            }
        }
        if !self.follow {
            return Ok(ExitCode::SUCCESS);
        }
        loop {
            let ask = Ask::get("/control/audit").with("from", &from).with("wait", &WAIT_S);
            let since: Since = host.control.ask(ask).await?;
            from = since.from;
            for raw in &since.items {
                let entry: Entry = serde_json::from_str(raw.get())?;
                if of_client(&entry) && self.line(host, raw, &entry)? == Printed::NobodyReads {
                    return Ok(ExitCode::SUCCESS);
                }
            }
        }
    }

    /// Returns the last lines that are wanted before number `end`, oldest first.
    async fn last(
        &self,
        host: &Host,
        mut end: u64,
        wanted: impl Fn(&Entry) -> bool,
    ) -> anyhow::Result<Vec<(Box<RawValue>, Entry)>> {
        let mut found = Vec::new();
        while end > 0 && found.len() < self.lines {
            let start = end.saturating_sub(WINDOW);
            let ask = Ask::get("/control/audit").with("from", &start);
            let mut items = host.control.ask::<Since>(ask).await?.items;
            items.truncate(usize::try_from(end - start)?);
            for raw in items.into_iter().rev() {
                let entry: Entry = serde_json::from_str(raw.get())?;
                if wanted(&entry) {
                    found.push((raw, entry));
                }
            }
            end = start;
        }
        found.truncate(self.lines);
        found.reverse();
        Ok(found)
    }

    fn line(&self, host: &Host, raw: &RawValue, entry: &Entry) -> anyhow::Result<Printed> {
        if self.json {
            return try_print(&format!("{raw}\n"));
        }
        let look = &host.look;
        let at = look.paint(Tone::Faint, &look.second(entry.at));
        let action = look.paint(Tone::Strong, &entry.action);
        let client = entry.client_id.as_deref().unwrap_or_default();
        let line =
            format!("{at}  {}  {action}  {client}  {}", entry.actor, one_line(&entry.detail));
        try_print(&format!("{}\n", line.trim_end()))
    }
}
