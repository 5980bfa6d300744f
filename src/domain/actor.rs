//! Who does something, for the audit log.

use std::fmt;

use super::ids::UserId;

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// An operator, in the Master Bot.
    Operator(UserId),
    /// An owner, in the Sales Bot.
    Owner(UserId),
    /// A program, through the HTTP API.
    Api,
    /// A user of this host, at the command line.
    Cli(u32),
    /// Slotbox itself.
    Slotbox,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(id) => write!(f, "operator:{id}"),
            Self::Owner(id) => write!(f, "owner:{id}"),
            Self::Api => f.write_str("api"),
            Self::Cli(uid) => write!(f, "cli:{uid}"),
            Self::Slotbox => f.write_str("slotbox"),
        }
    }
}
