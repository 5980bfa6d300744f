//! `slotbox serve`: the role that faces the outside.

use std::path::PathBuf;

use clap::Args;

use super::runtime::clock;
use crate::clock::Clock;

/// Runs the business: bots, API, webhook, jobs, clients.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Serve {
    /// Be ahead of the system's clock by the milliseconds in this file, for tests and the demo
    #[arg(long, hide = true, value_name = "FILE")]
    clock_file: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  slotbox serve
  slotbox serve --config ./slotbox.toml
  SLOTBOX__TLS__MODE=off SLOTBOX__RUNTIME__KIND=process slotbox serve";

impl Serve {
    /// Returns the clock that the role goes by; must be called within the runtime.
    pub fn clock(&self) -> Clock {
        clock(self.clock_file.as_ref())
    }
}
