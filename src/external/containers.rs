//! Whatever runs the clients' bots: one trait, so that nobody else knows what it is.

pub mod docker;
mod layout;
pub mod process;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use futures::future::BoxFuture;

use self::docker::Docker;
use crate::deployer::protocol::Refusal;
use crate::domain::home::Place;
use crate::domain::ids::ClientId;

pub use crate::deployer::protocol::{MOST_LINES, Standing};
pub use layout::{DATABASE, Layout, SocketAccess};

/// What runs of a client at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuntimeStatus {
    /// Nothing is there, not even data.
    Absent,
    /// The bot's process is up; whether it is healthy, its own reports tell.
    Running {
        /// The process as this host numbers it, where that is known.
        pid: Option<u32>,
        /// How long this process has been up.
        up_for: Duration,
    },
    /// The process has ended by itself and will be started again.
    Restarting {
        /// How many times in a row it has ended early.
        attempt: u32,
        /// How long until the next start.
        next_in: Duration,
    },
    /// The data is there and nothing runs.
    Stopped,
}

/// Why a client's bot could not be started, stopped or looked at.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The system refused.
    #[error("cannot {action}")]
    Io {
        /// What was being done, in words that follow "cannot".
        action: &'static str,
        /// Why it could not be done.
        source: io::Error,
    },
    /// There is no deployer that can be asked.
    #[error(
        "no deployer answers on {socket}: {source}; is the service running? \
         systemctl status slotbox-deployer"
    )]
    NoDeployer {
        /// Where it should listen.
        socket: PathBuf,
        /// Why it cannot be asked.
        source: io::Error,
    },
    /// The deployer speaks another version of the protocol.
    #[error("the deployer is of another release; restart slotbox-deployer")]
    OtherRelease,
    /// The deployer did not do it.
    #[error("the deployer refused: {0}")]
    Refused(#[from] Refusal),
    /// [`Runtime::shutdown`] was called.
    #[error("no client is started or stopped any more: the program is closing")]
    Closed,
}

/// What was done so that a client's bot runs the program of this release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// Nothing: it runs it already.
    UpToDate,
    /// It was started anew with it, and can go back to the program before.
    Renewed,
}

/// Runs one isolated bot for each client.
///
/// Every verb is safe to repeat, and verbs for one client happen one after the other.
pub trait Runtime: Send + Sync + 'static {
    /// Starts the client's bot unless it runs, and keeps it running until it is stopped. Its data
    /// comes back from the archive if it is there.
    fn ensure_running(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>>;

    /// Stops the client's bot, gently at first, and returns when nothing of it runs.
    fn stop(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>>;

    /// Stops the client's bot and starts it again.
    fn restart(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>>;

    /// Stops the client's bot and puts its data away. The next start of the bot has it again.
    ///
    /// A process's data moves to the archive's directory. A container is removed, and its volume
    /// stays as it is: an engine cannot rename one, and a copy could be half of it.
    fn archive(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>>;

    /// Stops the client's bot and deletes its data for ever, also what is archived, and its seed.
    fn remove(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>>;

    /// Has the client's bot run the program of this release, and starts it if it does not run.
    fn renew(&self, client: ClientId) -> BoxFuture<'_, Result<Renewal, RuntimeError>>;

    /// Has the client's bot run the program that it ran before it was renewed.
    fn restore(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>>;

    /// Tells what runs of the client.
    fn inspect(&self, client: ClientId) -> BoxFuture<'_, Result<RuntimeStatus, RuntimeError>>;

    /// Returns the last lines that the client's bot wrote, the oldest first, at most `lines` and at
    /// most [`MOST_LINES`]. A bot that has written nothing, or is not there, has none.
    fn log(&self, client: ClientId, lines: u16)
    -> BoxFuture<'_, Result<Vec<String>, RuntimeError>>;

    /// Returns every client of which there is at least data, and whether it runs: one question,
    /// however many there are.
    fn list(&self) -> BoxFuture<'_, Result<BTreeMap<ClientId, Standing>, RuntimeError>>;

    /// Tells where bots that run here have their data.
    fn place(&self) -> Place;

    /// Returns the way to the containers that clients may still have, where bots run as processes
    /// and there is one.
    fn other(&self) -> Option<&Docker> {
        None
    }

    /// Lets go of all clients because the program ends; where bots live and die with the
    /// program, stops them and waits for it. No verb starts anything afterwards.
    fn shutdown(&self) -> BoxFuture<'_, ()>;
}
