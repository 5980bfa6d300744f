//! `slotbox tls`: the certificate of the public listener.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Deserialize;

use super::host::Way;
use super::{Host, answer, print};
use crate::external::control::Ask;

/// What to do with the certificate.
#[derive(Debug, Subcommand)]
pub enum TlsCommand {
    /// Tell who speaks HTTPS
    #[command(after_help = EXAMPLES)]
    Status(Status),
}

const EXAMPLES: &str = "\
Examples:
  slotbox tls status
  slotbox tls status --json";

/// Tells who speaks HTTPS.
#[derive(Clone, Copy, Debug, Args)]
pub struct Status {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct View {
    mode: String,
    domain: Option<String>,
}

impl TlsCommand {
    /// Does it.
    pub fn run(&self, way: &Way) -> ExitCode {
        let Self::Status(status) = self;
        way.run(async |host| status.run(&host).await)
    }
}

impl Status {
    async fn run(self, host: &Host) -> anyhow::Result<ExitCode> {
        let raw = host.control.raw(Ask::get("/control/tls")).await?;
        if self.json {
            return Ok(answer(&raw));
        }
        let view: View = serde_json::from_str(raw.get())?;
        let name = view.domain.as_deref().unwrap_or("no public name is set");
        let told = match view.mode.as_str() {
            "off" => "HTTPS is off (tls.mode = \"off\"): a server in front has to speak it",
            mode => &format!("HTTPS is on: tls.mode = {mode:?}"),
        };
        Ok(print(&format!("{told}\npublic name: {name}\n")))
    }
}
