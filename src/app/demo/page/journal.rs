//! The newest records of the journal.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::super::narrator::Heard;

/// How many records are shown.
const KEPT: usize = 150;

/// A record, when it was heard by the demo's clock, and its number.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) heard: Heard,
}

/// The newest records, newest first.
#[derive(Debug, Default)]
pub(super) struct Journal {
    entries: VecDeque<Entry>,
    next: u64,
}

impl Journal {
    pub(super) fn add(&mut self, at: Timestamp, heard: Heard) {
        self.entries.push_front(Entry { number: self.next, at, heard });
        self.entries.truncate(KEPT);
        self.next += 1;
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        self.entries.iter().cloned().collect()
    }
}
