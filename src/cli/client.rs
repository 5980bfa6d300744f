//! `slotbox client`: one client's bot, behind the gateway.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::failed;
use super::runtime::{clock, one_thread};
use crate::app::client::{self, ClientOptions};
use crate::config::{Log, LogFormat, LogLevel};
use crate::telemetry;

/// Runs one client's bot; started by the runtime, not by people.
#[derive(Debug, Args)]
pub struct Client {
    /// The socket of the client's gateway
    #[arg(long, value_name = "SOCKET")]
    pub socket: PathBuf,
    /// The directory that holds the client's database
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Touch this file while the process is well
    #[arg(long, hide = true, value_name = "FILE")]
    alive_file: Option<PathBuf>,
    /// Be ahead of the system's clock by the milliseconds in this file, for tests and the demo
    #[arg(long, hide = true, value_name = "FILE")]
    clock_file: Option<PathBuf>,
    /// The least important records that are kept, as `log.level` of the host
    #[arg(long, hide = true, value_name = "LEVEL", default_value = "info", value_parser = level)]
    log_level: LogLevel,
}

fn level(name: &str) -> Result<LogLevel, &'static str> {
    LogLevel::of_name(name).ok_or("not a level")
}

impl Client {
    /// Runs until `serve` is gone or says so, and returns the exit code.
    pub fn run(&self) -> ExitCode {
        match self.start() {
            Ok(()) => ExitCode::SUCCESS,
            Err(err) => failed(&err),
        }
    }

    fn start(&self) -> anyhow::Result<()> {
        telemetry::init(&Log { format: LogFormat::Json, level: self.log_level }, "client")?;
        let options = ClientOptions {
            socket: self.socket.clone(),
            data: self.data.clone(),
            alive_file: self.alive_file.clone(),
        };
        one_thread()?.block_on(async {
            let stop = CancellationToken::new();
            let told = stop.clone();
            tokio::spawn(async move {
                if let Err(err) = client::told_to_stop().await {
                    tracing::error!(event = "client.deaf", error = %err, "signals cannot be received");
                }
                told.cancel();
            });
            client::run(options, clock(self.clock_file.as_ref()), stop).await
        })
    }
}

/// Tells by its exit code whether the client's process in this container is well.
#[derive(Debug, Args)]
pub struct ClientCheck {
    /// The file that the process touches
    #[arg(long, value_name = "FILE")]
    alive_file: PathBuf,
}

impl ClientCheck {
    /// Looks at the file, and returns the exit code.
    pub fn run(&self) -> ExitCode {
        if client::is_alive(&self.alive_file) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
