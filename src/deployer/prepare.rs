//! What only root may do for the deployer, before it starts as a user of its own: the ceiling of all
//! clients together.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::engine::{Engine, EngineError};
use super::group::{self, CgroupDriver, Group};

/// How long systemd may take to change a slice.
const WITHIN: Duration = Duration::from_secs(20);
/// Where systemd keeps what it was told to change until the machine starts again.
const CHANGED: &str = "/run/systemd/system.control";

/// Why all clients together have no ceiling.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The engine does not answer.
    #[error("the container engine: {0}")]
    Engine(#[from] EngineError),
    /// The kernel refused it.
    #[error("cannot give the group {group} a ceiling")]
    Group {
        /// The group's name.
        group: String,
        /// What the kernel said.
        source: io::Error,
    },
    /// The engine does not tell how much memory its machine has, and no ceiling is set.
    #[error("the engine does not tell how much memory there is: set runtime.memory_total_mib")]
    Unknown,
    /// The service manager refused it.
    #[error("cannot change the slice {0}: {1}")]
    Slice(String, String),
}

/// Gives all clients of the instance together a ceiling of memory: `set` bytes, or three quarters of
/// what the machine has. A slice has the latter in its unit.
///
/// # Errors
///
/// Returns [`PrepareError`]; it may be done again.
pub async fn prepare(
    engine: &Path,
    instance: &str,
    set: Option<u64>,
) -> Result<Group, PrepareError> {
    let info = Engine::new(engine)?.info().await?;
    let driver = group::driver(&info);
    let group = Group::new(driver, instance);
    match driver {
        CgroupDriver::Systemd => change_slice(&group.name(), set).await?,
        CgroupDriver::Cgroupfs => {
            let bytes = group::wanted(set, &info).ok_or(PrepareError::Unknown)?;
            let held = group.hold(bytes);
            held.map_err(|source| PrepareError::Group { group: group.name(), source })?;
        }
    }
    Ok(group)
}

/// Has the slice's ceiling be what is set, and that of its unit if nothing is.
async fn change_slice(slice: &str, set: Option<u64>) -> Result<(), PrepareError> {
    let failed = |why: &dyn ToString| PrepareError::Slice(slice.to_owned(), why.to_string());
    let memory = set.map(|bytes| format!("MemoryMax={bytes}"));
    let arguments = if let Some(memory) = &memory {
        vec!["set-property", "--runtime", slice, memory]
    } else {
        let changed = format!("{CHANGED}/{slice}.d/50-MemoryMax.conf");
        match tokio::fs::remove_file(changed).await {
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(()),
            removed => removed.map_err(|err| failed(&err))?,
        }
        vec!["daemon-reload"]
    };
    let mut systemctl = Command::new("systemctl");
    systemctl.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(WITHIN, systemctl.output()).await;
    let output =
        output.map_err(|_| failed(&"systemctl does not end"))?.map_err(|err| failed(&err))?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(&String::from_utf8_lossy(&output.stderr).trim()))
}
