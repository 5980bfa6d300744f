//! What `serve` may ask of the deployer and how it is answered: a closed list of verbs about one
//! client each, written in postcard.
//!
//! A connection begins with the deployer's [`Greeting`]. Each [`Request`] repeats its session and
//! bears the next number, from 0, so that bytes that were heard once are worth nothing a second
//! time. Whatever does not fit ends the connection.

use serde::{Deserialize, Serialize};

use crate::domain::ids::ClientId;

/// The version of all that stands here; both sides must be of one.
pub const VERSION: u16 = 2;
/// The most lines of a log that can be asked for.
pub const MOST_LINES: u16 = 1000;
/// The most clients in one answer.
pub const MOST_CLIENTS: usize = 1000;

/// The first frame on a connection, from the deployer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    /// The deployer's [`VERSION`].
    pub version: u16,
    /// Sixteen random bytes, of this connection alone.
    pub session: [u8; 16],
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The asker's [`VERSION`].
    pub version: u16,
    /// The session that the greeting named.
    pub session: [u8; 16],
    /// How many requests came before on this connection.
    pub number: u32,
    /// What to do.
    pub verb: Verb,
}

/// A client's id on the wire; any number is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name(u128);

impl From<ClientId> for Name {
    fn from(client: ClientId) -> Self {
        Self(client.bits())
    }
}

impl From<Name> for ClientId {
    fn from(name: Name) -> Self {
        Self::from_bits(name.0)
    }
}

/// What can be done. No verb names an image, a mount, a command, a user or a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verb {
    /// Makes the image of this release, unless it is there, and removes old ones that nothing uses.
    EnsureImage,
    /// Makes the client's volume and container, unless they are there, as the template says.
    Ensure(Name),
    /// Has the client's container run from this release's image; starts it if it was made anew. The
    /// image that it had is kept for [`Verb::Restore`].
    Renew(Name),
    /// Makes the client's container from the image that it had before it was renewed, and starts it.
    Restore(Name),
    /// Starts the client's container, unless it runs.
    Start(Name),
    /// Stops the client's container, gently at first.
    Stop(Name),
    /// Stops the client's container and starts it again.
    Restart(Name),
    /// Removes the client's container, and what is left in its volume if told so.
    Remove(Name, Data),
    /// Tells how the client's container is.
    Inspect(Name),
    /// Tells which clients have a container or a volume and whether it runs, in the order of their
    /// ids, after the one given.
    List(Option<Name>),
    /// Tells the last lines that the client's bot wrote, at most [`MOST_LINES`].
    Log(Name, u16),
    /// Tells what the client's container uses.
    Stats(Name),
}

impl Verb {
    /// Returns the verb's word, for the log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::EnsureImage => "ensure image",
            Self::Ensure(_) => "ensure",
            Self::Renew(_) => "renew",
            Self::Restore(_) => "restore",
            Self::Start(_) => "start",
            Self::Stop(_) => "stop",
            Self::Restart(_) => "restart",
            Self::Remove(..) => "remove",
            Self::Inspect(_) => "inspect",
            Self::List(_) => "list",
            Self::Log(..) => "log",
            Self::Stats(_) => "stats",
        }
    }

    /// Returns the client that it is about, if it is about one.
    pub fn client(self) -> Option<ClientId> {
        match self {
            Self::EnsureImage | Self::List(_) => None,
            Self::Ensure(name)
            | Self::Renew(name)
            | Self::Restore(name)
            | Self::Start(name)
            | Self::Stop(name)
            | Self::Restart(name)
            | Self::Remove(name, _)
            | Self::Inspect(name)
            | Self::Log(name, _)
            | Self::Stats(name) => Some(name.into()),
        }
    }
}

/// What becomes of a client's volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Data {
    /// It stays, and the next container finds it.
    Keep,
    /// It is deleted for ever.
    Delete,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// The image that clients run from, by its digest.
    Image(String),
    /// The container is as the template says; how it came to be so.
    Ensured(Change),
    /// It is done.
    Done,
    /// How the container is.
    Status(Status),
    /// Clients, and whether there are more after the last.
    Clients(Clients),
    /// The last lines, the oldest first. The oldest are left out if all do not fit a frame.
    Log(Vec<String>),
    /// What the container uses; nothing runs if there is none.
    Stats(Option<Stats>),
    /// It was not done.
    Refused(Refusal),
}

/// What was done so that a container is as the template says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Nothing: it was so already.
    Kept,
    /// There was none, and it was made.
    Made,
    /// Nothing: it runs from the image of another release, and is as the template says.
    Outdated,
    /// It ran from the image of another release, and was made anew.
    Renewed,
    /// Somebody had changed it, and it was made anew; these settings were not the template's.
    Repaired(Vec<String>),
}

/// How a client's container is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// There is neither a container nor a volume.
    Absent,
    /// It does not run; its data is there.
    Stopped,
    /// It runs.
    Running {
        /// Its first process, as the host numbers it.
        pid: u32,
        /// For how long, in milliseconds.
        up_ms: u64,
        /// What its own check says.
        health: Health,
    },
    /// It has ended by itself, and the engine starts it again.
    Restarting {
        /// How many times the engine has started it again.
        attempt: u32,
    },
}

/// What a container's own check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Health {
    /// It has not been checked yet.
    Starting,
    /// It is well.
    Healthy,
    /// It is not.
    Unhealthy,
}

/// Whether anything runs of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Nothing; its data is there.
    Stopped,
    /// It runs, or stands still and has not ended.
    Running,
    /// It has ended by itself, and is started again.
    Restarting,
}

/// A part of the list of clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clients {
    /// In the order of their ids.
    pub clients: Vec<(Name, Standing)>,
    /// Whether there are more.
    pub more: bool,
    /// Containers and volumes that bear our labels and are not ours; they are left alone.
    pub foreign: Vec<String>,
}

/// What a container uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Memory, without what the system may take back at once.
    pub memory_bytes: u64,
    /// The most memory that it may use.
    pub memory_limit_bytes: u64,
    /// Processor time since its start.
    pub cpu_ms: u64,
    /// Processes and threads.
    pub pids: u64,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// The engine made something else than it was asked for; it was removed at once.
    #[error("the engine made a container with other settings, which was removed: {}", .0.join(", "))]
    Mismatch(Vec<String>),
    /// Something of this name is there that the deployer has not made; it was left alone.
    #[error("{0} is there and is not ours: it was left alone")]
    Foreign(String),
    /// There is no image before this one that the container could go back to.
    #[error("there is no image before this one to go back to")]
    NoWayBack,
    /// The client has no container.
    #[error("the client has no container")]
    NoContainer,
    /// The client's gateway directory is not what it must be.
    #[error("the client's gateway directory cannot be mounted: {0}")]
    Gateway(String),
    /// No image can be made.
    #[error("no image can be made of the client's program: {0}")]
    Image(String),
    /// The engine does not answer, or does not do it.
    #[error("the container engine: {0}")]
    Engine(String),
}
