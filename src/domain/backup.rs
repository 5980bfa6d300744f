//! Backups of the whole host: what is remembered of them, and when the next is due.

use jiff::{SignedDuration, Timestamp};

/// The longest that a host with something to lose waits for its first backup.
const FIRST_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// The least and the most time from an attempt that failed to the timetable's next; the job itself
/// tries a few times more, and sooner.
const AGAIN: (SignedDuration, SignedDuration) =
    (SignedDuration::from_hours(1), SignedDuration::from_hours(6));
/// What a job waits after its first failure, its second and so on; all of it is shorter than the
/// least of [`AGAIN`], so that there is one job at a time.
const PAUSES: [SignedDuration; 4] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(4),
    SignedDuration::from_mins(15),
    SignedDuration::from_mins(35),
];

/// A backup that is there and was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its name in the vault.
    pub id: String,
    /// When its copies began to be taken: what was written before is in it.
    pub began_at: Timestamp,
    /// When it was found whole.
    pub ended_at: Timestamp,
    /// Its files.
    pub files: u64,
    /// What they hold.
    pub bytes: u64,
    /// What the vault keeps for it, shared with others or not.
    pub kept_bytes: u64,
    /// What of that is new.
    pub stored_bytes: u64,
    /// The clients of which it has data.
    pub clients: Coverage,
}

/// Of how many clients a backup has data, and how old that is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// All clients at that moment that have data.
    pub all: u64,
    /// Those whose copy was taken over from an earlier backup.
    pub carried: u64,
    /// The age of the oldest of these copies, as a moment.
    pub oldest: Option<Timestamp>,
    /// Those of which there is no copy at all.
    pub missing: u64,
}

/// Why there is no new backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// When that was known.
    pub at: Timestamp,
    /// Why.
    pub why: String,
    /// What mends it.
    pub cure: String,
}

/// What is remembered of the host's backups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The last one that succeeded.
    pub made: Option<Made>,
    /// When the last attempt began, whatever came of it.
    pub tried_at: Option<Timestamp>,
    /// The last failure, if nothing succeeded since.
    pub failed: Option<Failed>,
}

impl Record {
    /// Returns since when a backup is due that the timetable has to make; `None` if none is.
    ///
    /// `first` is since when there is something to lose. The same answer names the same backup, so
    /// that it is queued once. Attempts in the future were made under a clock that was wrong: they
    /// neither hold the next one up, nor is more than one made for the jump.
    pub fn due(
        &self,
        now: Timestamp,
        every: SignedDuration,
        first: Option<Timestamp>,
    ) -> Option<Timestamp> {
        let due = match self.made.as_ref().map(|it| it.began_at) {
            Some(made) if made <= now => later(made, every),
            Some(_) => begin_of(now, every),
            None => later(first?.min(now), every.min(FIRST_WITHIN)),
        };
        let due = match self.tried_at {
            Some(tried) if tried <= now && !self.has_since(tried, now) => {
                due.max(later(tried, every.clamp(AGAIN.0, AGAIN.1)))
            }
            _ => due,
        };
        (due <= now).then_some(due)
    }

    /// Tells whether there is a backup that began at `due` or since.
    pub fn has_since(&self, due: Timestamp, now: Timestamp) -> bool {
        self.made.as_ref().is_some_and(|made| (due..=now).contains(&made.began_at))
    }
}

/// Returns how long a job waits after its `attempt`, counted from 1.
pub fn pause_after(attempt: u16) -> SignedDuration {
    let place = usize::from(attempt.saturating_sub(1)).min(PAUSES.len() - 1);
    PAUSES[place]
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Returns the round moment at or before `now`.
fn begin_of(now: Timestamp, every: SignedDuration) -> Timestamp {
    let into = now.as_second().rem_euclid(every.as_secs().max(1));
    Timestamp::from_second(now.as_second() - into).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
    }

    fn made(began_at: Timestamp) -> Made {
        Made {
            id: "b".to_owned(),
            began_at,
            ended_at: began_at,
            files: 1,
            bytes: 1,
            kept_bytes: 1,
            stored_bytes: 1,
            clients: Coverage::default(),
        }
    }

    fn record(made_at: Option<i64>, tried_at: Option<i64>) -> Record {
        Record { made: made_at.map(|it| made(at(it))), tried_at: tried_at.map(at), failed: None }
    }

    #[test]
    fn a_backup_is_due_a_turn_after_the_last() {
        let due = |record: &Record, now| record.due(at(now), DAY, Some(at(0)));
        let last = record(Some(100), Some(100));
        assert_eq!((due(&last, 123), due(&last, 124)), (None, Some(at(124))));
        assert_eq!(due(&last, 9000), Some(at(124)));
        // The first comes soon, and not before there is something to lose.
        assert_eq!(due(&Record::default(), 0), None);
        assert_eq!(due(&Record::default(), 1), Some(at(1)));
        assert_eq!(Record::default().due(at(9), DAY, None), None);
        // After a failure it is tried again, but not at once.
        let failed = record(Some(100), Some(124));
        assert_eq!((due(&failed, 129), due(&failed, 130)), (None, Some(at(130))));
        let never = record(None, Some(2));
        assert_eq!((due(&never, 7), due(&never, 8)), (None, Some(at(8))));
        // What was made when the clock was a year ahead holds nothing up.
        assert!(due(&record(Some(9000), Some(9000)), 240).is_some());
    }

    #[test]
    fn a_job_is_done_before_the_timetable_makes_another() {
        let waits = PAUSES.iter().fold(SignedDuration::ZERO, |sum, pause| sum + *pause);
        assert!(waits < AGAIN.0 && PAUSES.iter().is_sorted());
        assert_eq!((pause_after(1), pause_after(99)), (PAUSES[0], PAUSES[3]));
    }

    proptest! {
        /// However the clock jumps and whatever fails, no more backups are queued than turns have
        /// passed, and one for each jump.
        #[test]
        fn no_storm_comes_of_a_clock_that_jumps(
            steps in prop::collection::vec((0..40_i64, any::<bool>()), 1..200),
            jumps in prop::collection::vec((0..200_usize, -9000..9000_i64), 0..4),
        ) {
            let (mut record, mut queued) = (Record::default(), BTreeSet::new());
            let (mut now, mut passed, mut made_all) = (0, 0, 0_i64);
            for (number, (step, succeeds)) in steps.into_iter().enumerate() {
                now += step;
                passed += step;
                for (_, jump) in jumps.iter().filter(|(place, _)| *place == number) {
                    now += jump;
                }
                // Asked often, as the timetable does; the key queues it once.
                for _ in 0..3 {
                    let Some(due) = record.due(at(now), DAY, Some(at(0))) else { continue };
                    if !queued.insert(due) {
                        continue;
                    }
                    made_all += 1;
                    record.tried_at = Some(at(now));
                    if succeeds {
                        record.made = Some(made(at(now)));
                    }
                }
            }
            let jumps = i64::try_from(jumps.len()).unwrap();
            prop_assert!(made_all <= passed / 6 + 2 + 2 * jumps, "{made_all} in {passed} h");
        }

        #[test]
        fn what_is_due_is_past_and_not_had(
            made_at in prop::option::of(0..200_i64), tried_at in prop::option::of(0..200_i64), now in 0..400_i64,
        ) {
            let record = record(made_at, tried_at);
            if let Some(due) = record.due(at(now), DAY, Some(at(0))) {
                prop_assert!(due <= at(now));
                prop_assert!(!record.has_since(due, at(now)) || made_at.is_some_and(|it| it > now));
            }
        }
    }
}
