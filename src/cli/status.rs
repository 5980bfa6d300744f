//! `slotbox status`: the whole on one screen.

mod cures;
mod screen;

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::host::Way;
use super::shape::Status as Facts;
use super::{FAILED, Host, Printed, answer, complain, try_print};
use crate::external::control::{Ask, ControlError};

/// How often the screen is drawn again.
const DRAW_EVERY: Duration = Duration::from_secs(2);

/// Shows how the business stands.
#[derive(Clone, Copy, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Status {
    /// Draw it again every 2 seconds, until Ctrl-C
    #[arg(long, short)]
    watch: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Exits 0 if all is well and 1 if something needs a person, which is then named.

Examples:
  slotbox status
  slotbox status --watch
  slotbox status --json | jq '.problems[].what'";

impl Status {
    /// Does it.
    pub fn run(self, way: &Way) -> ExitCode {
        way.run(
            async |host| if self.watch { self.watch(&host).await } else { self.once(&host).await },
        )
    }

    async fn once(self, host: &Host) -> anyhow::Result<ExitCode> {
        let raw = host.control.raw(Ask::get("/control/status")).await?;
        let facts: Facts = serde_json::from_str(raw.get())?;
        let printed =
            if self.json { answer(&raw) } else { super::print(&screen::draw(&host.look, &facts)) };
        Ok(if facts.healthy { printed } else { ExitCode::from(FAILED) })
    }

    /// Draws until nobody looks. A `serve` that restarts is waited for.
    async fn watch(self, host: &Host) -> anyhow::Result<ExitCode> {
        let home = if io::stdout().is_terminal() && !self.json { "\x1b[H\x1b[2J" } else { "" };
        loop {
            let drawn = match host.control.raw(Ask::get("/control/status")).await {
                Ok(raw) if self.json => format!("{raw}\n"),
                Ok(raw) => screen::draw(&host.look, &serde_json::from_str(raw.get())?),
                Err(err @ (ControlError::NotRunning(_) | ControlError::Broken { .. })) => {
                    complain(&format_args!("{home}slotbox: {err}"));
                    tokio::time::sleep(DRAW_EVERY).await;
                    continue;
                }
                Err(err) => return Err(err.into()),
            };
            if try_print(&format!("{home}{drawn}"))? == Printed::NobodyReads {
                return Ok(ExitCode::SUCCESS);
            }
            tokio::time::sleep(DRAW_EVERY).await;
        }
    }
}
