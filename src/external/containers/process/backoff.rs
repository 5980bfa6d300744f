//! How long to wait before a process that has ended is started again.

use std::time::Duration;

/// Waits that double, from the first to the longest.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The wait after the first early end.
    pub first: Duration,
    /// No wait is longer.
    pub longest: Duration,
    /// A process that was up for so long has not ended early: the waits begin anew.
    pub forgiven_after: Duration,
}

impl Backoff {
    /// From 1 s to 5 min; forgiven after 10 min.
    pub const USUAL: Self = Self {
        first: Duration::from_secs(1),
        longest: Duration::from_mins(5),
        forgiven_after: Duration::from_mins(10),
    };

    /// Returns which attempt in a row comes next, if `attempt` came before and was up for `up_for`.
    pub(super) const fn next_attempt(&self, attempt: u32, up_for: Duration) -> u32 {
        if up_for.as_millis() >= self.forgiven_after.as_millis() {
            1
        } else {
            attempt.saturating_add(1)
        }
    }

    /// Returns the wait before the attempt, counted from 1.
    pub(super) fn wait(&self, attempt: u32) -> Duration {
        let doubled = 2u32.saturating_pow(attempt.saturating_sub(1));
        self.first.saturating_mul(doubled).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_double_and_are_forgiven() {
        let waits = [1, 2, 3, 9, 10, u32::MAX].map(|n| Backoff::USUAL.wait(n).as_secs());
        assert_eq!(waits, [1, 2, 4, 256, 300, 300]);
        assert_eq!(Backoff::USUAL.next_attempt(7, Duration::from_secs(599)), 8);
        assert_eq!(Backoff::USUAL.next_attempt(7, Duration::from_mins(10)), 1);
    }

    proptest! {
        #[test]
        fn no_wait_leaves_its_bounds(attempt: u32) {
            let wait = Backoff::USUAL.wait(attempt);
            prop_assert!(Backoff::USUAL.first <= wait && wait <= Backoff::USUAL.longest);
            prop_assert!(wait <= Backoff::USUAL.wait(attempt.saturating_add(1)));
        }
    }
}
