//! `slotbox demo`: the whole business on one machine, with simulated Telegram and YooKassa.

use std::process::ExitCode;

use clap::Args;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::failed;
use super::runtime::many_threads;
use super::serve::cancel_on_signal;
use crate::app::demo::{self, Narrator};

/// Runs the whole business on this machine with a simulated Telegram and a simulated shop.
#[derive(Clone, Copy, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Demo {
    /// Play the whole story without anyone's help, print it and exit
    #[arg(long)]
    pub play: bool,
    /// The port on 127.0.0.1 on which the business listens; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
}

const EXAMPLES: &str = "\
Examples:
  slotbox demo
  slotbox demo --port 9000
  slotbox demo --play";

impl Demo {
    /// Runs until the story is over or Ctrl-C, and returns the exit code.
    pub fn run(self) -> ExitCode {
        match self.start() {
            Ok(()) => ExitCode::SUCCESS,
            Err(err) => failed(&err),
        }
    }

    fn start(self) -> anyhow::Result<()> {
        let (narrator, journal) = Narrator::new();
        tracing_subscriber::registry().with(narrator).try_init()?;
        many_threads()?.block_on(async {
            let stop = CancellationToken::new();
            cancel_on_signal(stop.clone())?;
            let told = demo::Telling { journal, stop };
            if self.play {
                demo::play_once(self.port, told).await
            } else {
                demo::talk(self.port, told).await
            }
        })
    }
}
