//! `slotbox deployer`: asks the engine what it is, opens its socket, and serves it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::sockets::Handed;
use crate::config::{ForDeployer, Runtime};
use crate::deployer::{self, Ceilings, Containers, DeployerSettings, Door, LogDriver};

/// What is not among the settings of `serve`, and so not in its hands.
#[derive(Clone, Debug)]
pub struct DeployerOptions {
    /// The user of `serve`, by name or number.
    pub user: String,
    /// Begins the names of all that is made in the engine.
    pub instance: String,
    /// The program that clients run.
    pub program: PathBuf,
    /// The engine's socket.
    pub engine: PathBuf,
    /// The sockets that the service manager has handed over.
    pub handed: Handed,
}

/// Serves until `stop`; `ready` is called when the socket is open.
///
/// # Errors
///
/// Returns what keeps it from starting.
pub async fn run(
    config: ForDeployer,
    options: DeployerOptions,
    ready: impl FnOnce(),
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let user = deployer::user(&options.user)?;
    let socket = config.runtime.deployer_socket.clone();
    let settings = DeployerSettings {
        instance: options.instance,
        gateways: config.runtime_dir.join("clients"),
        program: options.program,
        engine: options.engine,
        user,
        ceilings: ceilings(&config.runtime),
        log: LogDriver::of_this_host(),
        clock_dir: None,
    };
    let containers = Containers::open(settings).await?;
    let door = match options.handed.unix("deployer")? {
        Some(listener) => Door::handed_over(listener, user),
        None => Door::bind(&socket, user)
            .with_context(|| format!("cannot listen on {}", socket.display()))?,
    };
    tracing::info!(
        event = "deployer.started",
        version = env!("CARGO_PKG_VERSION"),
        "the deployer is up"
    );
    ready();
    deployer::serve(door, Arc::new(containers), stop).await;
    tracing::info!(event = "deployer.stopped", "the deployer has stopped");
    Ok(())
}

/// Gives all clients together their ceiling: what root alone may do, before the deployer starts as a
/// user of its own.
///
/// # Errors
///
/// Returns why there is none now.
pub async fn prepare(config: ForDeployer, engine: &Path, instance: &str) -> anyhow::Result<()> {
    let set = ceilings(&config.runtime).together_bytes;
    let group = deployer::prepare(engine, instance, set).await?;
    tracing::info!(
        event = "deployer.ceiling",
        group = group.name(),
        seen = ?group.seen(),
        "all clients together have a ceiling of memory"
    );
    Ok(())
}

/// Returns what one client may use and all of them together, as an engine counts it.
pub fn ceilings(runtime: &Runtime) -> Ceilings {
    /// Billionths of a processor in a thousandth.
    const NANO: i64 = 1_000_000;
    Ceilings {
        memory_bytes: i64::from(runtime.memory_mib) << 20,
        nano_cpus: i64::from(runtime.milli_cpus()) * NANO,
        pids: i64::from(runtime.pids),
        together_bytes: runtime.memory_total_mib.map(|mib| u64::from(mib) << 20),
    }
}
