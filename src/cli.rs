//! The command line: arguments in, words and an exit code out.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, Sources};

pub mod client;
mod config;
pub mod demo;
pub mod runtime;
pub mod serve;
mod version;

pub use config::ConfigCommand;
pub use version::Version;

/// The exit code of a command that failed.
pub const FAILED: u8 = 1;
/// The exit code of a start that wrong settings prevent, as systemd knows it (`EX_CONFIG`).
pub const WRONG_CONFIGURATION: u8 = 78;

/// A booking-bot business in one binary: sells, deploys and runs Telegram booking bots.
#[derive(Debug, Parser)]
#[command(name = "slotbox", version, arg_required_else_help = true, after_help = MORE)]
pub struct Cli {
    /// The main file of settings, with conf.d/*.toml beside it [usual: /etc/slotbox/slotbox.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const MORE: &str = "\
Examples:
  slotbox config check
  slotbox config show --config ./slotbox.toml

Exit codes: 0 fine, 1 failed, 2 wrong usage, 78 wrong configuration.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the business: bots, API, payments, jobs, clients' bots
    Serve(serve::Serve),
    /// Run everything on this machine, with a simulated Telegram and shop
    Demo(demo::Demo),
    /// Run one client's bot; `serve` starts it
    #[command(hide = true)]
    Client(client::Client),
    /// Check the settings, or show those in force
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the version
    Version(Version),
}

impl Cli {
    /// Returns where the settings are read from.
    pub fn sources(&self) -> Sources {
        Sources::of_process(self.config.clone())
    }
}

/// Reads the settings of a role that is about to start.
///
/// # Errors
///
/// Returns the exit code; the problems have been told on the standard error.
pub fn settings(sources: &Sources) -> Result<Config, ExitCode> {
    Config::load(sources).map_err(|problems| {
        complain(&problems);
        ExitCode::from(WRONG_CONFIGURATION)
    })
}

/// Tells what ended a command, with all its causes, and returns the exit code.
pub fn failed(err: &anyhow::Error) -> ExitCode {
    complain(&format_args!("slotbox: {err:#}"));
    ExitCode::from(FAILED)
}

/// Prints `text` as a command's answer.
fn answer(text: &impl Display) -> ExitCode {
    match writeln!(io::stdout().lock(), "{text}") {
        // The reader has seen enough: `slotbox config show | head -1`.
        Err(err) if err.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(FAILED),
        Ok(()) => ExitCode::SUCCESS,
    }
}

/// Prints `text` on the standard error; there is nowhere left to tell of a failure.
fn complain(text: &impl Display) {
    writeln!(io::stderr().lock(), "{text}").ok();
}
