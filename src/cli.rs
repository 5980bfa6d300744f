//! The command line: arguments in, words and an exit code out.
//!
//! Commands about a running host talk to `serve` over its control socket; the database is opened
//! by `serve` alone.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, Sources};

mod ask;
pub mod audit;
pub mod backup;
pub mod client;
pub mod clients;
pub mod completions;
mod config;
pub mod database;
pub mod demo;
pub mod deployer;
pub mod doctor;
mod host;
mod list;
mod look;
pub mod operators;
pub mod payments;
pub mod queue;
mod refusal;
pub mod runtime;
pub mod serve;
pub mod setup;
mod shape;
mod spinner;
pub mod status;
mod table;
mod tasks;
pub mod tls;
mod version;

pub use config::ConfigCommand;
pub use host::Way;
pub use version::Version;

use host::Host;

/// The exit code of a command that failed.
pub const FAILED: u8 = 1;
/// The exit code of a command that was used in a wrong way.
pub const WRONG_USAGE: u8 = 2;
/// The exit code of a start that wrong settings or another release's data prevent, as systemd knows
/// it (`EX_CONFIG`): the same start would end so again.
pub const WRONG_CONFIGURATION: u8 = 78;

/// A booking-bot business in one binary: sells, deploys and runs Telegram booking bots.
#[derive(Debug, Parser)]
#[command(
    name = "slotbox",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = MORE
)]
pub struct Cli {
    /// The main file of settings, with conf.d/*.toml beside it [usual: /etc/slotbox/slotbox.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The control socket of the running serve [usual: where the settings say]
    #[arg(long, global = true, value_name = "SOCKET")]
    pub socket: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const MORE: &str = "\
Examples:
  slotbox config check
  slotbox status --watch
  slotbox clients list --state grace
  slotbox queue list --state dead

Exit codes: 0 fine, 1 failed, 2 wrong usage, 78 wrong configuration.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set this host up: ask, check, write, start; may be run again
    Setup(Box<setup::Setup>),
    /// Run the business: bots, API, payments, jobs, clients' bots
    Serve(serve::Serve),
    /// Run everything on this machine, with a simulated Telegram and shop
    Demo(demo::Demo),
    /// Run one client's bot; `serve` starts it
    #[command(hide = true)]
    Client(client::Client),
    /// Tell whether a client's process in a container is well; the container's check asks it
    #[command(hide = true)]
    ClientCheck(client::ClientCheck),
    /// Make the clients' containers; the only role that talks to the container engine
    Deployer(deployer::Deployer),
    /// Show how the running business stands; exits 1 if something needs a person
    Status(status::Status),
    /// Check this host, and say how to mend what is wrong; exits 1 if a check fails
    Doctor(doctor::Doctor),
    /// Add, show and change clients
    #[command(subcommand, after_help = CLIENTS_EXAMPLES)]
    Clients(clients::ClientsCommand),
    /// Look at the jobs, and try again what was given up
    #[command(subcommand, after_help = QUEUE_EXAMPLES)]
    Queue(queue::QueueCommand),
    /// Look at the payments, and give money back
    #[command(subcommand, after_help = PAYMENTS_EXAMPLES)]
    Payments(payments::PaymentsCommand),
    /// Look at the orders
    #[command(subcommand, after_help = ORDERS_EXAMPLES)]
    Orders(payments::OrdersCommand),
    /// Make backups of the whole host, look at them, and bring one back
    #[command(subcommand, after_help = BACKUP_EXAMPLES)]
    Backup(backup::BackupCommand),
    /// Look at the database file, also while no serve runs
    #[command(subcommand, after_help = DATABASE_EXAMPLES)]
    Database(database::DatabaseCommand),
    /// Read who did what
    #[command(subcommand, after_help = AUDIT_EXAMPLES)]
    Audit(audit::AuditCommand),
    /// See who may use the Master Bot, and let others in
    #[command(subcommand, after_help = OPERATORS_EXAMPLES)]
    Operators(operators::OperatorsCommand),
    /// Look at the certificate of the public listener
    #[command(subcommand, after_help = TLS_EXAMPLES)]
    Tls(tls::TlsCommand),
    /// Check the settings, or show those in force
    #[command(subcommand, after_help = CONFIG_EXAMPLES)]
    Config(ConfigCommand),
    /// Print the completions for a shell
    Completions(completions::Completions),
    /// Print the version
    Version(Version),
}

const CLIENTS_EXAMPLES: &str = "\
Examples:
  slotbox clients list
  slotbox clients add --name Salon --owner 222222222 --wait
  slotbox clients extend @salon_bot --days 30";

const QUEUE_EXAMPLES: &str = "\
Examples:
  slotbox queue list
  slotbox queue retry --all";

const PAYMENTS_EXAMPLES: &str = "\
Examples:
  slotbox payments list --state attention
  slotbox payments refund 2f1c3e5a-000f-5000-8000-1bd1d3d0d4b6";

const ORDERS_EXAMPLES: &str = "\
Examples:
  slotbox orders list --state open";

const BACKUP_EXAMPLES: &str = "\
Examples:
  slotbox backup create
  slotbox backup list
  slotbox backup verify";

const DATABASE_EXAMPLES: &str = "\
Examples:
  sudo slotbox database show";

const AUDIT_EXAMPLES: &str = "\
Examples:
  slotbox audit tail --follow";

const OPERATORS_EXAMPLES: &str = "\
Examples:
  slotbox operators list
  slotbox operators link";

const TLS_EXAMPLES: &str = "\
Examples:
  slotbox tls status";

const CONFIG_EXAMPLES: &str = "\
Examples:
  slotbox config check
  slotbox config show";

/// Reads the arguments of this process, does what they say, and returns the exit code.
pub fn main() -> ExitCode {
    Cli::parse().run()
}

impl Cli {
    /// Does what was asked for, and returns the exit code.
    pub fn run(&self) -> ExitCode {
        let way = Way { sources: self.sources(), socket: self.socket.clone() };
        match &self.command {
            Command::Setup(command) => command.run(&way),
            Command::Serve(command) => command.run(way.sources),
            Command::Client(command) => command.run(),
            Command::ClientCheck(command) => command.run(),
            Command::Deployer(command) => command.run(&way.sources),
            Command::Demo(command) => command.run(),
            Command::Doctor(command) => command.run(&way),
            Command::Status(command) => command.run(&way),
            Command::Clients(command) => command.run(&way),
            Command::Queue(command) => command.run(&way),
            Command::Payments(command) => command.run(&way),
            Command::Orders(command) => command.run(&way),
            Command::Backup(command) => command.run(&way),
            Command::Database(command) => command.run(&way),
            Command::Audit(command) => command.run(&way),
            Command::Operators(command) => command.run(&way),
            Command::Tls(command) => command.run(&way),
            Command::Config(command) => command.run(&way.sources),
            Command::Completions(command) => command.run(),
            Command::Version(command) => command.run(),
        }
    }

    /// Returns where the settings are read from.
    pub fn sources(&self) -> Sources {
        Sources::of_process(self.config.clone())
    }
}

/// A command that was used in a wrong way.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

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
    complain(&format_args!("slotbox: {}", refusal::told(err)));
    ExitCode::from(if err.is::<Usage>() { WRONG_USAGE } else { FAILED })
}

/// Prints `text` and the end of a line as a command's answer.
fn answer(text: &impl Display) -> ExitCode {
    print(&format!("{text}\n"))
}

/// Prints `text` as a command's answer.
fn print(text: &str) -> ExitCode {
    match try_print(text) {
        Ok(Printed::All | Printed::NobodyReads) => ExitCode::SUCCESS,
        Err(err) => failed(&err),
    }
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Printed {
    /// It was printed.
    All,
    /// The reader has seen enough: `slotbox config show | head -1`.
    NobodyReads,
}

/// Prints `text` now.
fn try_print(text: &str) -> anyhow::Result<Printed> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Ok(Printed::NobodyReads),
        Err(err) => Err(anyhow::Error::new(err).context("cannot print")),
        Ok(()) => Ok(Printed::All),
    }
}

/// Prints `text` on the standard error; there is nowhere left to tell of a failure.
fn complain(text: &impl Display) {
    writeln!(io::stderr().lock(), "{text}").ok();
}
