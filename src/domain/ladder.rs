//! The ladder: how long to wait after a refusal of the certificate authority.

use jiff::{SignedDuration, Timestamp};

/// Seconds of rest after the first failure in a row, the second and so on.
const RESTS_S: [i64; 8] = [60, 120, 300, 900, 1_800, 3_600, 7_200, 21_600];
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);
/// The most failed validations within an hour; authorities lock out whoever has more of them.
const MOST_AN_HOUR: usize = 3;

/// How an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The authority looked for the proof of the name and did not find it.
    Validation,
    /// It asks for a long rest.
    RateLimit,
    /// Anything else, such as an authority that is down.
    Other,
}

/// The failures so far, and when the next attempt may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ladder {
    /// How many attempts in a row have failed.
    pub failures: u32,
    /// The last failed validations, oldest first; no more than three.
    pub validations: Vec<Timestamp>,
    /// No attempt is made by itself before this.
    pub next: Option<Timestamp>,
}

impl Ladder {
    /// Takes in a failure at `now`.
    pub fn fail(&mut self, failure: Failure, now: Timestamp) {
        let step = usize::try_from(self.failures).unwrap_or(usize::MAX).min(RESTS_S.len() - 1);
        self.failures = self.failures.saturating_add(1);
        let rest = SignedDuration::from_secs(RESTS_S[step]);
        let mut next = now + if failure == Failure::RateLimit { rest.max(AN_HOUR) } else { rest };
        if failure == Failure::Validation {
            self.validations.push(now);
            let surplus = self.validations.len().saturating_sub(MOST_AN_HOUR);
            self.validations.drain(..surplus);
        }
        if let Some(free) = self.free_at() {
            next = next.max(free);
        }
        self.next = Some(next);
    }

    /// Returns when one more failed validation would not be the fourth of an hour.
    pub fn free_at(&self) -> Option<Timestamp> {
        let first = self.validations.first().filter(|_| self.validations.len() >= MOST_AN_HOUR);
        first.map(|first| *first + AN_HOUR)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_rests_grow_from_a_minute_to_six_hours() {
        let (mut ladder, mut now) = (Ladder::default(), Timestamp::UNIX_EPOCH);
        let rests: Vec<_> = (0..10)
            .map(|_| {
                ladder.fail(Failure::Other, now);
                let rest = ladder.next.unwrap().duration_since(now).as_secs();
                now = ladder.next.unwrap();
                rest
            })
            .collect();
        assert_eq!(rests, [60, 120, 300, 900, 1_800, 3_600, 7_200, 21_600, 21_600, 21_600]);
    }

    proptest! {
        #[test]
        fn no_hour_holds_four_failed_validations(waits in prop::collection::vec(0..4_000_i64, 1..40)) {
            let (mut ladder, mut now, mut all) = (Ladder::default(), Timestamp::UNIX_EPOCH, vec![]);
            for (index, wait) in waits.into_iter().enumerate() {
                // Half the attempts are made by hand: as soon as one more may fail.
                let may = if index % 2 == 0 { ladder.next } else { ladder.free_at() };
                now = may.map_or(now, |may| now.max(may)) + SignedDuration::from_secs(wait);
                ladder.fail(Failure::Validation, now);
                all.push(now);
            }
            for four in all.windows(4) {
                prop_assert!(four[3].duration_since(four[0]) >= AN_HOUR);
            }
        }
    }
}
