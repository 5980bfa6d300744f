//! A client's right to run, as one state machine.
//!
//! The states are here, what brings one to another is [`turn`], and what the owner hears in time is
//! [`Told`]'s to remember. `docs/subscription.md` shows the machine as a picture and a table, and a
//! test holds it to this code.

mod granted;
mod machine;
#[cfg(test)]
mod tests;
mod told;

use jiff::{SignedDuration, Timestamp};

use super::plan::Days;

pub use self::machine::{Effect, Event, Force, Refusal, Turn, turn};
pub use self::told::{Mark, Stage, Told};

/// A client's right to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subscription {
    /// Runs without payment, once per owner and once per bot.
    Trial {
        /// When the gift ends.
        until: Timestamp,
    },
    /// Runs and is paid for.
    Active {
        /// When the paid time ends.
        paid_until: Timestamp,
    },
    /// The paid time is over; the bot still runs and its owner is warned.
    Grace {
        /// When the paid time ended.
        paid_until: Timestamp,
    },
    /// The bot answers that it is paused; the data is kept.
    Suspended {
        /// The time that was granted last.
        granted: Granted,
        /// Since when the bot is paused.
        since: Timestamp,
        /// Who paused it.
        by: SuspendedBy,
    },
    /// Given up by the owner or an operator: nothing runs.
    Cancelled {
        /// The time that was granted last; it is there again if the cancellation is undone.
        granted: Granted,
        /// When it was given up.
        since: Timestamp,
        /// Whether an operator had paused it before.
        before: Before,
        /// What becomes of the data.
        data: Fate,
    },
    /// Nothing runs, and the data has left its place for the archive.
    Archived {
        /// The time that was granted last.
        granted: Granted,
        /// When retention ended.
        since: Timestamp,
        /// Whose doing it was.
        by: ArchivedBy,
    },
}

/// Time that was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// When it ends or ended.
    pub until: Timestamp,
    /// What it was granted for.
    pub kind: GrantKind,
}

/// What time was granted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantKind {
    /// To try the bot out. No grace follows.
    Trial,
    /// Money, or an operator's word. Grace follows.
    Paid,
}

/// Who paused a bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspendedBy {
    /// The end of the granted time; the next payment brings the bot back.
    Expiry,
    /// An operator. Time alone does not lift it; an operator or a payment does.
    Operator,
}

/// What a cancelled client was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// In nobody's hand: its own time decided.
    Free,
    /// Paused by an operator at this time; it is paused again if the cancellation is undone.
    PausedSince(Timestamp),
}

/// What becomes of a cancelled client's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is kept until retention ends, and then archived.
    Kept,
    /// It is about to be deleted for ever, because an operator said so.
    Doomed,
}

/// How a client came to be archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchivedBy {
    /// Nobody paid for too long. Should the clock have been wrong, and time be left, it comes back.
    Time,
    /// It had been paused or cancelled by a person; only a person or a payment brings it back.
    Person,
}

/// The lengths that drive a subscription's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long a bot runs on after the paid time.
    pub grace: SignedDuration,
    /// How long the data of a paused or cancelled bot is kept in place.
    pub retention: SignedDuration,
    /// How many days before the end its owner is warned.
    pub warn_days: Vec<Days>,
}

/// What a customer of the client's bot gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The whole bot.
    Full,
    /// The answer that the bot is paused.
    Paused,
    /// Nothing: no process runs.
    None,
}

impl Subscription {
    /// Begins a trial of this length.
    pub fn trial(length: SignedDuration, now: Timestamp) -> Self {
        Self::Trial { until: add(now, length) }
    }

    /// Begins with time that is paid for.
    pub fn paid(length: SignedDuration, now: Timestamp) -> Self {
        Self::Active { paid_until: add(now, length) }
    }

    /// Returns what a payment for `paid` makes of it: the time comes after what was granted before,
    /// or from `now` on if that is over.
    #[must_use]
    pub fn extend(self, paid: SignedDuration, now: Timestamp) -> Self {
        Self::Active { paid_until: add(self.granted().until.max(now), paid) }
    }

    /// Returns the time that was granted last.
    pub const fn granted(self) -> Granted {
        match self {
            Self::Trial { until } => Granted { until, kind: GrantKind::Trial },
            Self::Active { paid_until } | Self::Grace { paid_until } => {
                Granted { until: paid_until, kind: GrantKind::Paid }
            }
            Self::Suspended { granted, .. }
            | Self::Cancelled { granted, .. }
            | Self::Archived { granted, .. } => granted,
        }
    }

    /// Returns the end of the time granted, where it still means something.
    pub const fn granted_until(self) -> Option<Timestamp> {
        match self {
            Self::Cancelled { data: Fate::Doomed, .. } => None,
            Self::Trial { .. }
            | Self::Active { .. }
            | Self::Grace { .. }
            | Self::Suspended { .. }
            | Self::Cancelled { data: Fate::Kept, .. }
            | Self::Archived { .. } => Some(self.granted().until),
        }
    }

    /// Returns when the data leaves its place for the archive, if nothing happens before. Paid time
    /// that is left is waited for, except after a cancellation.
    pub fn archived_at(self, terms: &Terms) -> Option<Timestamp> {
        match self {
            Self::Suspended { granted, since, .. } => {
                Some(add(since.max(granted.until), terms.retention))
            }
            Self::Cancelled { since, data: Fate::Kept, .. } => Some(add(since, terms.retention)),
            Self::Archived { since, .. } => Some(since),
            Self::Trial { .. }
            | Self::Active { .. }
            | Self::Grace { .. }
            | Self::Cancelled { data: Fate::Doomed, .. } => None,
        }
    }

    /// Returns what the client's customers get in this state.
    pub const fn service(self) -> Service {
        match self {
            Self::Trial { .. } | Self::Active { .. } | Self::Grace { .. } => Service::Full,
            Self::Suspended { .. } => Service::Paused,
            Self::Cancelled { .. } | Self::Archived { .. } => Service::None,
        }
    }

    /// Names the state for programs: `trial`, `active`, `grace`, `suspended`, `cancelled`,
    /// `archived`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trial { .. } => "trial",
            Self::Active { .. } => "active",
            Self::Grace { .. } => "grace",
            Self::Suspended { .. } => "suspended",
            Self::Cancelled { .. } => "cancelled",
            Self::Archived { .. } => "archived",
        }
    }
}

/// Adds without leaving the range of time.
fn add(at: Timestamp, length: SignedDuration) -> Timestamp {
    at.saturating_add(length).unwrap_or(at)
}
