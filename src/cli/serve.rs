//! `slotbox serve`: the role that faces the outside.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::runtime::{clock, many_threads};
use super::{WRONG_CONFIGURATION, complain, failed, settings};
use crate::actions::alarms::{Alarm, Alarms};
use crate::app::refused::Refused;
use crate::app::serve::{self, ServeOptions};
use crate::app::sockets::Handed;
use crate::config::{Config, Sources};
use crate::external::acme::Vantage;
use crate::store::OpenError;
use crate::telemetry::{self, Warning};

/// Runs the business: bots, API, webhook, jobs, clients.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Serve {
    /// Be ahead of the system's clock by the milliseconds in this file, for tests and the demo
    #[arg(long, hide = true, value_name = "FILE")]
    clock_file: Option<PathBuf>,
    /// Take from this file where the ports of the public name are found, for tests
    #[arg(long, hide = true, value_name = "FILE")]
    seen_at: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  slotbox serve
  slotbox serve --config ./slotbox.toml
  SLOTBOX__TLS__MODE=off SLOTBOX__RUNTIME__KIND=process slotbox serve";

impl Serve {
    /// Runs until SIGTERM or Ctrl-C and returns the exit code.
    pub fn run(&self, sources: Sources) -> ExitCode {
        let config = match settings(&sources) {
            Ok(config) => config,
            Err(code) => return code,
        };
        match self.start(config, sources) {
            Ok(()) => ExitCode::SUCCESS,
            Err(err) => {
                if let Some(refused) = err.downcast_ref::<OpenError>().and_then(Refused::of) {
                    return refuse(&refused);
                }
                tracing::error!(
                    event = "serve.failed",
                    error = format!("{err:#}"),
                    "slotbox has failed"
                );
                failed(&err)
            }
        }
    }

    fn start(&self, config: Config, sources: Sources) -> anyhow::Result<()> {
        let alarms = Alarms::default();
        let heard = alarms.clone();
        telemetry::init_heard(&config.log, "serve", move |warning| heard.raise(alarm(warning)))?;
        let handed = Handed::take()?;
        let executable = std::env::current_exe().context("cannot tell where this program is")?;
        let options = ServeOptions {
            sources,
            executable,
            clock_file: self.clock_file.clone(),
            alarms,
            handed,
            vantage: self.seen_at.clone().map_or(Vantage::Here, Vantage::Lines),
        };
        many_threads()?.block_on(async {
            let stop = CancellationToken::new();
            cancel_on_signal(stop.clone())?;
            serve::run(config, options, clock(self.clock_file.as_ref()), stop).await
        })
    }
}

/// Tells that another release has to be installed; starting this one again would be in vain.
fn refuse(Refused { why, cure }: &Refused) -> ExitCode {
    tracing::error!(
        event = "serve.refused",
        error = why,
        cure,
        "the database is not for this release, and is as it was"
    );
    complain(&format_args!("slotbox: {why}\nnothing was changed in it; {cure}"));
    ExitCode::from(WRONG_CONFIGURATION)
}

fn alarm(warning: &Warning<'_>) -> Alarm {
    Alarm {
        at: warning.time,
        is_error: warning.is_error,
        event: warning.event.to_owned(),
        message: warning.message.to_owned(),
        client: warning.client.map(str::to_owned),
        times: 1,
    }
}

/// Has SIGTERM and Ctrl-C cancel `stop`; a second one does no more than the first.
///
/// # Errors
///
/// Returns the system's error if signals cannot be received.
pub(super) fn cancel_on_signal(stop: CancellationToken) -> std::io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
        stop.cancel();
    });
    Ok(())
}
