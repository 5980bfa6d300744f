//! `[runtime]`: what runs the clients' bots, and how much each may use.

/// What runs the clients' bots, and how much each may use.
#[derive(Clone, Debug)]
pub struct Runtime {
    /// What a client's bot runs in.
    pub kind: RuntimeKind,
    /// The most memory that one client may use, in MiB.
    pub memory_mib: u32,
    /// The most processor time that one client may use, in processors.
    pub cpus: f64,
    /// The most processes and threads that one client may have.
    pub pids: u32,
}

/// What a client's bot runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuntimeKind {
    /// A container, made by the deployer.
    Docker,
    /// A child process of `serve`.
    Process,
}
