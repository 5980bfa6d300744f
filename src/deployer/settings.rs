//! What the host's administrator decides about containers; nobody else can.

use std::path::PathBuf;

/// How the deployer works.
#[derive(Clone, Debug)]
pub struct DeployerSettings {
    /// Begins the names of all that is made in the engine, so that several hosts can share one.
    pub instance: String,
    /// Holds each client's gateway directory, under the client's id.
    pub gateways: PathBuf,
    /// The program that clients run, plain or compressed with Zstandard; it must be linked statically.
    pub program: PathBuf,
    /// The engine's socket.
    pub engine: PathBuf,
    /// The user whose directories are mounted, and who alone may speak, beside root.
    pub user: super::peer::User,
    /// What one client may use, and all of them together.
    pub ceilings: Ceilings,
    /// Where containers' output goes.
    pub log: LogDriver,
    /// A directory whose file `ahead` moves the clients' clocks: in the demo, and nowhere else.
    pub clock_dir: Option<PathBuf>,
}

/// What one client may use, and all of them together.
#[derive(Clone, Copy, Debug)]
pub struct Ceilings {
    /// Memory; there is no swap on top of it.
    pub memory_bytes: i64,
    /// Processor time, in billionths of a processor.
    pub nano_cpus: i64,
    /// Processes and threads.
    pub pids: i64,
    /// Memory of all clients together; none stands for three quarters of what the machine has.
    pub together_bytes: Option<u64>,
}

/// Where containers' output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogDriver {
    /// To the host's journal.
    Journald,
    /// To files of the engine, three of 10 MB for each client.
    JsonFile,
}

impl LogDriver {
    /// Returns the journal where this host has one.
    pub fn of_this_host() -> Self {
        let there = std::path::Path::new("/run/systemd/journal/socket").exists();
        if there { Self::Journald } else { Self::JsonFile }
    }
}
