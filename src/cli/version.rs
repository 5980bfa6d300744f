//! `slotbox version`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::answer;

/// Prints the version.
#[derive(Clone, Copy, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Version {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  slotbox version
  slotbox version --json";

impl Version {
    /// Does it.
    pub fn run(self) -> ExitCode {
        let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        if self.json {
            answer(&json!({ "name": name, "version": version }))
        } else {
            answer(&format_args!("{name} {version}"))
        }
    }
}
