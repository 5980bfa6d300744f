//! `slotbox client`: one client's bot, behind the gateway.

use std::path::PathBuf;

use clap::Args;

use super::runtime::clock;
use crate::clock::Clock;

/// Runs one client's bot; started by the runtime, not by people.
#[derive(Debug, Args)]
pub struct Client {
    /// The socket of the client's gateway
    #[arg(long, value_name = "SOCKET")]
    pub socket: PathBuf,
    /// The directory that holds the client's database
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Be ahead of the system's clock by the milliseconds in this file, for tests and the demo
    #[arg(long, hide = true, value_name = "FILE")]
    clock_file: Option<PathBuf>,
}

impl Client {
    /// Returns the clock that the role goes by; must be called within the runtime.
    pub fn clock(&self) -> Clock {
        clock(self.clock_file.as_ref())
    }
}
