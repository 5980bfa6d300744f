//! What a store tells of its own work.

use crate::metrics::{BATCH, Histogram, QUICK};

/// What a store has done since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Commits that reached the disk.
    pub commits: u64,
    /// Writes in them.
    pub writes: u64,
    /// Time spent in committing, without the closures, in microseconds.
    pub commit_us: u64,
}

/// How commits go.
#[derive(Debug)]
pub struct Pace {
    /// How long the commits took, without the closures.
    pub commit_seconds: Histogram,
    /// How many writes shared them.
    pub commit_writes: Histogram,
}

impl Default for Pace {
    fn default() -> Self {
        Self { commit_seconds: Histogram::new(QUICK), commit_writes: Histogram::new(BATCH) }
    }
}
