//! `slotbox demo`: the whole business on one machine, with simulated Telegram and YooKassa.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::failed;
use super::runtime::many_threads;
use super::serve::cancel_on_signal;
use crate::app::demo::{self, Narrator, PageOptions};
use crate::domain::locale::Locale;

/// Runs the whole business on this machine with a simulated Telegram and a simulated shop, and
/// shows it on a page in the browser.
#[derive(Clone, Copy, Debug, Args)]
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
                return demo::play_once(self.port, told).await;
            }
            if self.console {
                return demo::talk(self.port, told).await;
            }
            let (listen, open) = (self.listen, self.open);
            let options = PageOptions { listen, locale: self.locale.into(), open };
            demo::show(self.port, options, told).await
        })
    }
}
