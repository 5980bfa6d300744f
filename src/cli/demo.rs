//! `slotbox demo`: the whole business on one machine, with simulated Telegram and YooKassa.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::deployer::client_program;
use super::failed;
use super::runtime::many_threads;
use super::serve::cancel_on_signal;
use crate::app::demo::{self, ContainerOptions, Narrator, PageOptions, WorldOptions};
use crate::domain::locale::Locale;

/// Runs the whole business on this machine with a simulated Telegram and a simulated shop, and
/// shows it on a page in the browser.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Demo {
    /// Play the whole story without anyone's help, print it and exit
    #[arg(long, conflicts_with_all = ["console", "listen", "open"])]
    pub play: bool,
    /// Talk in this terminal, line by line, instead of on the page
    #[arg(long, conflicts_with_all = ["listen", "open"])]
    pub console: bool,
    /// Where the page listens, on this machine; port 0 takes a free one [default: 127.0.0.1:4780]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Open the page in the browser
    #[arg(long)]
    pub open: bool,
    /// The language of the page and of the bots
    #[arg(long, value_enum, default_value_t = Language::Ru, conflicts_with_all = ["play", "console"])]
    pub locale: Language,
    /// The port on 127.0.0.1 on which the business listens; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// What the clients' bots run in
    #[arg(long, value_enum, default_value_t = Runtime::Process)]
    pub runtime: Runtime,
    /// With --runtime docker: the static program that clients run [usual: as for slotbox deployer]
    #[arg(long, value_name = "FILE")]
    pub client_program: Option<PathBuf>,
    /// With --runtime docker: the engine's socket
    #[arg(long, value_name = "SOCKET", default_value = "/run/docker.sock")]
    pub engine: PathBuf,
}

/// What the clients' bots run in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Runtime {
    /// Processes of this machine.
    Process,
    /// Sealed containers of its engine, made by a deployer.
    Docker,
}

/// A language of the page and of the bots.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Language {
    /// Russian.
    Ru,
    /// English.
    En,
}

impl From<Language> for Locale {
    fn from(language: Language) -> Self {
        match language {
            Language::Ru => Self::Ru,
            Language::En => Self::En,
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  slotbox demo
  slotbox demo --open --locale en
  slotbox demo --listen 127.0.0.1:9000
  slotbox demo --console
  slotbox demo --play
  slotbox demo --play --runtime docker";

impl Demo {
    /// Runs until the story is over or Ctrl-C, and returns the exit code.
    pub fn run(&self) -> ExitCode {
        match self.start() {
            Ok(()) => ExitCode::SUCCESS,
            Err(err) => failed(&err),
        }
    }

    fn start(&self) -> anyhow::Result<()> {
        let (narrator, journal) = Narrator::new();
        tracing_subscriber::registry().with(narrator).try_init()?;
        many_threads()?.block_on(async {
            let stop = CancellationToken::new();
            cancel_on_signal(stop.clone())?;
            let told = demo::Telling { journal, stop };
            let world = self.world()?;
            if self.play {
                return demo::play_once(&world, told).await;
            }
            if self.console {
                return demo::talk(&world, told).await;
            }
            let options = PageOptions { listen: self.listen, open: self.open, world };
            demo::show(options, told).await
        })
    }
    fn world(&self) -> anyhow::Result<WorldOptions> {
        let containers = match self.runtime {
            Runtime::Process => None,
            Runtime::Docker => Some(ContainerOptions {
                program: client_program(self.client_program.as_ref())?,
                engine: self.engine.clone(),
            }),
        };
        Ok(WorldOptions { port: self.port, locale: self.locale.into(), containers })
    }
}
