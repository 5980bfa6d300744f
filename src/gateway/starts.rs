//! The pace at which this host shows new bots to Telegram.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::external::telegram::pace::{Bucket, Rate, reserve};

/// Bots that Telegram has not seen for a while, from one address: 20 in any minute and 600 in any
/// hour, which is a burst of 300 and then 300 more.
const STARTS: [Rate; 2] = [
    Rate { every: Duration::from_secs(3), burst: 1 },
    Rate { every: Duration::from_secs(12), burst: 300 },
];

/// The pace at which this host shows new bots to Telegram; `None` where that does not matter.
#[derive(Debug)]
pub(super) struct Starts(Option<Mutex<[Bucket; 2]>>);

impl Starts {
    /// Keeps the pace that Telegram's own servers ask for.
    pub(super) fn paced() -> Self {
        let now = Instant::now();
        Self(Some(Mutex::new(STARTS.map(|rate| Bucket::full(rate, now)))))
    }

    /// Lets every bot start at once.
    pub(super) const fn unlimited() -> Self {
        Self(None)
    }

    /// Returns when one more bot may make its first call. The turn is taken for good, however
    /// far off: bots start in the order in which they ask.
    pub(super) fn next(&self) -> Instant {
        let now = Instant::now();
        let Some(buckets) = &self.0 else { return now };
        let mut buckets = buckets.lock().unwrap_or_else(PoisonError::into_inner);
        now + reserve(buckets.as_mut_slice(), now, Duration::MAX).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn bots_start_one_after_the_other() {
        let starts = Starts::paced();
        let begun = Instant::now();
        let turns: Vec<_> = (0..1000).map(|_| starts.next() - begun).collect();
        assert_eq!(turns[..3], [0, 3, 6].map(Duration::from_secs));
        let in_an_hour = turns.iter().filter(|turn| **turn < Duration::from_hours(1)).count();
        assert!(in_an_hour <= 601, "{in_an_hour}");
        assert_eq!(Starts::unlimited().next(), begun);
    }
}
