//! What a client's process has last written, kept in memory for whoever asks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::MOST_LINES;

/// The most bytes kept of one client: as many as the deployer can tell of a container.
const ROOM_BYTES: usize = 64 << 10;

/// The last lines, the oldest first; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Said(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    lines: VecDeque<String>,
    bytes: usize,
}

impl Said {
    /// Keeps a line, and lets go of the oldest that there is no more room for.
    pub(super) fn add(&self, line: &str) {
        let mut kept = self.lock();
        kept.bytes += line.len();
        kept.lines.push_back(line.to_owned());
        while kept.bytes > ROOM_BYTES || kept.lines.len() > usize::from(MOST_LINES) {
            let Some(oldest) = kept.lines.pop_front() else { break };
            kept.bytes -= oldest.len();
        }
    }

    /// Returns the last so many lines.
    pub(super) fn last(&self, count: usize) -> Vec<String> {
        let kept = self.lock();
        kept.lines.iter().skip(kept.lines.len().saturating_sub(count)).cloned().collect()
    }

    /// Lets go of all.
    pub(super) fn forget(&self) {
        *self.lock() = Lines::default();
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_last_lines_are_told() {
        let said = Said::default();
        for number in 0..1500 {
            said.add(&number.to_string());
        }
        assert_eq!(said.last(2), ["1498", "1499"]);
        assert_eq!(said.last(5000).len(), 1000);
        said.forget();
        assert_eq!(said.last(10), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn no_more_is_kept_than_there_is_room_for(lengths in prop::collection::vec(0..9000_usize, 0..60)) {
            let said = Said::default();
            for length in &lengths {
                said.add(&"x".repeat(*length));
            }
            let kept = said.last(lengths.len());
            prop_assert!(kept.iter().map(String::len).sum::<usize>() <= ROOM_BYTES);
            let newest: Vec<_> = lengths[lengths.len() - kept.len()..].to_vec();
            prop_assert_eq!(kept.iter().map(String::len).collect::<Vec<_>>(), newest);
        }
    }
}
