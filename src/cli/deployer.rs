//! `slotbox deployer`: the role that makes containers.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::runtime::many_threads;
use super::serve::cancel_on_signal;
use super::{WRONG_CONFIGURATION, answer, complain, failed};
use crate::app::deployer::{self, DeployerOptions};
use crate::app::manager;
use crate::app::sockets::Handed;
use crate::config::{Config, ForDeployer, Sources};
use crate::telemetry;

/// The program that a package brings for clients.
const CLIENT_PROGRAM: &str = "/usr/lib/slotbox/slotbox-client.zst";

/// Makes the clients' containers for `serve`, and does nothing else for anybody.
///
/// It needs the engine's socket and a unix socket of its own, and no network. Limits and places come
/// from the settings; no secret is read.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Deployer {
    /// The user of serve, by name or number; nobody else but root may speak here
    #[arg(long, value_name = "USER", default_value = "slotbox")]
    user: String,
    /// Begins the names of containers, volumes and images, so that several hosts can share an engine
    #[arg(long, value_name = "NAME", default_value = "slotbox", value_parser = instance)]
    instance: String,
    /// The static program that clients run, plain or as .zst [usual: the package's, else this one]
    #[arg(long, value_name = "FILE")]
    client_program: Option<PathBuf>,
    /// The engine's socket
    #[arg(long, value_name = "SOCKET", default_value = "/run/docker.sock")]
    engine: PathBuf,
    /// Give all clients together their ceiling of memory, and end; root alone may
    #[arg(long)]
    prepare: bool,
    /// Stop all clients' containers, and end; their data stay
    #[arg(long, conflicts_with = "prepare")]
    stop_clients: bool,
}

const EXAMPLES: &str = "\
Examples:
  slotbox deployer
  slotbox deployer --user www-data --engine /run/podman/podman.sock
  sudo slotbox deployer --stop-clients";

/// What engines take as the beginning of every name.
fn instance(name: &str) -> Result<String, &'static str> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if begins && !name.ends_with('-') && name.len() <= 40 && name.chars().all(fits) {
        return Ok(name.to_owned());
    }
    Err("expected at most 40 lower-case letters, digits and dashes, from a letter to no dash")
}

impl Deployer {
    /// Runs until SIGTERM or Ctrl-C and returns the exit code.
    pub fn run(&self, sources: &Sources) -> ExitCode {
        if self.stop_clients {
            return self.stop_all().unwrap_or_else(|err| failed(&err));
        }
        let config = match Config::for_deployer(sources) {
            Ok(config) => config,
            Err(problems) => {
                complain(&problems);
                return ExitCode::from(WRONG_CONFIGURATION);
            }
        };
        match self.start(config) {
            Ok(()) => ExitCode::SUCCESS,
            Err(err) => {
                tracing::error!(
                    event = "deployer.ended",
                    error = format!("{err:#}"),
                    "the deployer has failed"
                );
                failed(&err)
            }
        }
    }

    /// Needs no settings: who removes the package may have broken them.
    fn stop_all(&self) -> anyhow::Result<ExitCode> {
        let stopped = crate::deployer::stop_all(&self.engine, &self.instance);
        let count = many_threads()?.block_on(stopped)?;
        Ok(answer(&format_args!("{count} containers of clients are stopped")))
    }

    fn start(&self, config: ForDeployer) -> anyhow::Result<()> {
        telemetry::init(&config.log, "deployer")?;
        if self.prepare {
            let prepared = deployer::prepare(config, &self.engine, &self.instance);
            return many_threads()?.block_on(prepared);
        }
        let options = DeployerOptions {
            user: self.user.clone(),
            instance: self.instance.clone(),
            program: client_program(self.client_program.as_ref())?,
            engine: self.engine.clone(),
            handed: Handed::take()?,
        };
        many_threads()?.block_on(async {
            let stop = CancellationToken::new();
            cancel_on_signal(stop.clone())?;
            deployer::run(config, options, manager::tell_ready, stop).await
        })
    }
}

/// Returns the program that clients run: the one that was named, that of the package, or this one.
///
/// # Errors
///
/// Returns why this program cannot tell where it lies.
pub(super) fn client_program(named: Option<&PathBuf>) -> anyhow::Result<PathBuf> {
    if let Some(program) = named {
        return Ok(program.clone());
    }
    if Path::new(CLIENT_PROGRAM).exists() {
        return Ok(CLIENT_PROGRAM.into());
    }
    std::env::current_exe().context("cannot tell where this program is")
}
