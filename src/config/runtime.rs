//! `[runtime]`: what runs the clients' bots, and how much they may use.

use std::path::PathBuf;

use super::raw::Raw;
use super::reader::Reader;
use super::setting::{Setting, choice};

/// Where the deployer listens: in a directory that its own user makes.
const DEPLOYER_SOCKET: &str = "/run/slotbox-deployer/deployer.sock";

/// What runs the clients' bots, and how much they may use.
#[derive(Clone, Debug)]
pub struct Runtime {
    /// What a client's bot runs in.
    pub kind: RuntimeKind,
    /// The most memory that one client may use, in MiB.
    pub memory_mib: u32,
    /// The most memory that all clients together may use, in MiB; three quarters of the machine's if
    /// it is not set.
    pub memory_total_mib: Option<u32>,
    /// The most processor time that one client may use, in processors.
    pub cpus: f64,
    /// The most processes and threads that one client may have.
    pub pids: u32,
    /// Where the deployer listens, if containers are what clients run in.
    pub deployer_socket: PathBuf,
}

/// What a client's bot runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuntimeKind {
    /// A container, made by the deployer.
    Docker,
    /// A child process of `serve`.
    Process,
}

choice!(RuntimeKind { "docker" => Docker, "process" => Process });

impl Runtime {
    /// Returns the most processor time of one client in thousandths of a processor.
    pub fn milli_cpus(&self) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0.01 to 64 processors are 10 to 64,000 thousandths"
        )]
        let milli = (self.cpus * 1000.0).round() as u32;
        milli
    }

    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            kind: reader.value("runtime.kind", RuntimeKind::Docker),
            memory_mib: reader.number("runtime.memory_mib", 64, 16..=65_536),
            memory_total_mib: reader.optional_with("runtime.memory_total_mib", total),
            cpus: reader.value_with("runtime.cpus", 0.25, cpus),
            pids: reader.number("runtime.pids", 64, 8..=4096),
            deployer_socket: reader.value("runtime.deployer_socket", DEPLOYER_SOCKET.into()),
        }
    }
}

fn total(raw: &Raw) -> Result<u32, String> {
    let total = u32::read(raw).ok().filter(|mib| (64..=16_777_216).contains(mib));
    total.ok_or_else(|| "expected a whole number from 64 to 16777216".to_owned())
}

fn cpus(raw: &Raw) -> Result<f64, String> {
    let cpus = f64::read(raw).ok().filter(|cpus| (0.01..=64.0).contains(cpus));
    cpus.ok_or_else(|| "expected a number from 0.01 to 64".to_owned())
}
