//! What a backup is called.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, civil};

const FORM: &str = "%Y%m%dT%H%M%SZ";

/// A backup, by the second it was begun in: `20261130T080000Z`. A later one is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BackupId(Timestamp);

/// A text is no backup's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a backup as slotbox backup list names it, such as 20261130T080000Z, or latest")]
pub struct InvalidBackupId;

/// Which backup is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The newest.
    Latest,
    /// This one.
    Id(BackupId),
}

impl BackupId {
    /// Returns the id of a backup that is begun at `now`, after `newest`: even where the clock was
    /// set back, the newest has the greatest id.
    pub(super) fn after(newest: Option<Self>, now: Timestamp) -> Self {
        let second = now.as_second();
        let next = newest.map_or(second, |it| second.max(it.0.as_second() + 1));
        Self(Timestamp::from_second(next).unwrap_or(Timestamp::MAX))
    }

    /// Returns the second that it names.
    pub const fn time(self) -> Timestamp {
        self.0
    }

    /// Returns how old it is.
    pub fn age(self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.0)
    }
}

impl fmt::Display for BackupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime(FORM))
    }
}

impl FromStr for BackupId {
    type Err = InvalidBackupId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = civil::DateTime::strptime(FORM, text).map_err(|_| InvalidBackupId)?;
        let time = time.to_zoned(TimeZone::UTC).map_err(|_| InvalidBackupId)?;
        let id = Self(time.timestamp());
        if id.to_string() == text { Ok(id) } else { Err(InvalidBackupId) }
    }
}

impl FromStr for Which {
    type Err = InvalidBackupId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "latest" { Ok(Self::Latest) } else { text.parse().map(Self::Id) }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Id(id) => id.fmt(f),
        }
    }
}
