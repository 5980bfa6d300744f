//! The ladder: how long to wait after a refusal of the certificate authority, and where to try next.

use jiff::{SignedDuration, Timestamp};

/// Seconds of rest after the first failure in a row, the second and so on.
const RESTS_S: [i64; 8] = [60, 120, 300, 900, 1_800, 3_600, 7_200, 21_600];
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);
/// The most failed validations within an hour; authorities lock out whoever has more of them.
const MOST_AN_HOUR: usize = 3;
/// How many attempts in a row are held back because they look vain from here.
const MOST_HELD_BACK: u32 = 2;

/// How an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The authority looked for the proof of the name and did not find it.
    Validation,
    /// It was not asked, because it would have looked in vain.
    HeldBack,
    /// It asks for a long rest.
    RateLimit,
    /// Anything else, such as an authority that is down.
    Other,
}

/// Which of the authority's two directories is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// The one whose certificates are believed, and which counts failures.
    #[default]
    Real,
    /// The one to rehearse at, where the authority has one.
    Rehearsal,
}

/// The failures so far, and when the next attempt may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ladder {
    /// How many attempts in a row have failed.
    pub failures: u32,
    /// The last failed validations, oldest first; no more than three.
    pub validations: Vec<Timestamp>,
    /// A validation of which it is not known yet how it ended.
    pub looking: Option<Timestamp>,
    /// No attempt is made by itself before this.
    pub next: Option<Timestamp>,
    /// Where the next attempt is made.
    pub stage: Stage,
    /// How many attempts in a row were held back.
    pub held_back: u32,
}

impl Ladder {
    /// Takes in that the authority is about to look for the proof. Until it is known how that ends
    /// it counts as failed: a process that ends meanwhile is not found.
    pub fn begin(&mut self, now: Timestamp) {
        if let Some(lost) = self.looking.replace(now) {
            self.count(lost);
        }
    }

    /// Takes in a failure at `now`. After one at the real directory it is rehearsed, if the
    /// authority `has_staging`; a place to rehearse at that is out of order is left again.
    pub fn fail(&mut self, failure: Failure, now: Timestamp, has_staging: HasStaging) {
        match (self.looking.take(), failure) {
            (_, Failure::Validation) => self.count(now),
            (Some(lost), _) => self.count(lost),
            (None, _) => {}
        }
        self.held_back = if failure == Failure::HeldBack { self.held_back + 1 } else { 0 };
        self.stage = match (has_staging, self.stage, failure) {
            (HasStaging::Yes, stage, Failure::HeldBack) => stage,
            (HasStaging::Yes, Stage::Real, _)
            | (HasStaging::Yes, Stage::Rehearsal, Failure::Validation) => Stage::Rehearsal,
            (HasStaging::Yes, Stage::Rehearsal, Failure::RateLimit | Failure::Other)
            | (HasStaging::No, ..) => Stage::Real,
        };
        let step = usize::try_from(self.failures).unwrap_or(usize::MAX).min(RESTS_S.len() - 1);
        self.failures = self.failures.saturating_add(1);
        let rest = SignedDuration::from_secs(RESTS_S[step]);
        self.next =
            Some(now + if failure == Failure::RateLimit { rest.max(AN_HOUR) } else { rest });
    }

    /// Takes in that a rehearsal went well: now the real directory is asked, and at once.
    pub fn rehearsed(&mut self) {
        (self.looking, self.next) = (None, None);
        (self.stage, self.held_back) = (Stage::Real, 0);
    }

    /// Takes in that there is a certificate; it is not renewed by itself before `next`, whatever
    /// the clock says of it. What failed within the hour still counts.
    pub fn succeed(&mut self, next: Timestamp) {
        self.begin_anew();
        self.next = Some(next);
    }

    /// Forgets all but what failed within the hour: this is about another name.
    pub fn begin_anew(&mut self) {
        *self = Self { validations: std::mem::take(&mut self.validations), ..Self::default() };
    }

    /// Tells whether an attempt that looks vain from here is held back. It is twice, and then made
    /// all the same: the view from here may be wrong.
    pub const fn holds_back(&self) -> bool {
        self.held_back < MOST_HELD_BACK
    }

    /// Returns when one more failed validation would not be the fourth of an hour.
    pub fn free_at(&self) -> Option<Timestamp> {
        let count = self.validations.len() + usize::from(self.looking.is_some());
        let first = count.checked_sub(MOST_AN_HOUR)?;
        self.validations.iter().chain(&self.looking).nth(first).map(|first| *first + AN_HOUR)
    }

    /// Returns before when no attempt is made by itself.
    pub fn not_before(&self) -> Option<Timestamp> {
        self.next.max(self.free_at())
    }

    fn count(&mut self, failed_at: Timestamp) {
        self.validations.push(failed_at);
        let surplus = self.validations.len().saturating_sub(MOST_AN_HOUR);
        self.validations.drain(..surplus);
    }
}

/// Whether the authority has a directory to rehearse at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HasStaging {
    /// It has one.
    Yes,
    /// It has none.
    No,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn the_rests_grow_from_a_minute_to_six_hours() {
        let (mut ladder, mut now) = (Ladder::default(), NOON);
        let rests: Vec<_> = (0..10)
            .map(|_| {
                ladder.fail(Failure::Other, now, HasStaging::No);
                let rest = ladder.next.unwrap().duration_since(now).as_secs();
                now = ladder.next.unwrap();
                rest
            })
            .collect();
        assert_eq!(rests, [60, 120, 300, 900, 1_800, 3_600, 7_200, 21_600, 21_600, 21_600]);
    }

    #[test]
    fn after_a_failure_it_is_rehearsed_until_that_goes_well() {
        let mut ladder = Ladder::default();
        let fail = |ladder: &mut Ladder, failure| {
            ladder.fail(failure, NOON, HasStaging::Yes);
            ladder.stage
        };
        assert_eq!(fail(&mut ladder, Failure::Validation), Stage::Rehearsal);
        assert_eq!(fail(&mut ladder, Failure::Validation), Stage::Rehearsal);
        assert_eq!(fail(&mut ladder, Failure::HeldBack), Stage::Rehearsal);
        ladder.rehearsed();
        assert_eq!((ladder.stage, ladder.next, ladder.failures), (Stage::Real, None, 3));
        // A place to rehearse at that is down must not stand in the way.
        assert_eq!(fail(&mut ladder, Failure::Other), Stage::Rehearsal);
        assert_eq!(fail(&mut ladder, Failure::Other), Stage::Real);
        ladder.fail(Failure::Validation, NOON, HasStaging::No);
        assert_eq!(ladder.stage, Stage::Real);
    }

    #[test]
    fn what_looks_vain_is_held_back_twice() {
        let mut ladder = Ladder::default();
        for _ in 0..2 {
            assert!(ladder.holds_back());
            ladder.fail(Failure::HeldBack, NOON, HasStaging::Yes);
        }
        assert!(!ladder.holds_back());
        ladder.fail(Failure::Validation, NOON, HasStaging::Yes);
        assert!(ladder.holds_back());
    }

    #[test]
    fn a_success_forgets_the_failures_but_not_those_of_the_hour() {
        let mut ladder = Ladder::default();
        for _ in 0..3 {
            ladder.begin(NOON);
            ladder.fail(Failure::Validation, NOON, HasStaging::No);
        }
        ladder.begin(NOON + AN_HOUR);
        ladder.succeed(NOON);
        assert_eq!((ladder.failures, ladder.next), (0, Some(NOON)));
        assert_eq!(ladder.not_before(), Some(NOON + AN_HOUR));
    }

    proptest! {
        #[test]
        fn no_hour_holds_four_failed_validations(
            steps in prop::collection::vec((0..4_000_i64, 0..5_u8), 1..60),
        ) {
            let (mut ladder, mut now, mut all) = (Ladder::default(), NOON, vec![]);
            for (index, (wait, end)) in steps.into_iter().enumerate() {
                // Half the attempts are made by hand: as soon as one more may fail.
                let may = if index % 2 == 0 { ladder.not_before() } else { ladder.free_at() };
                now = may.map_or(now, |may| now.max(may)) + SignedDuration::from_secs(wait);
                ladder.begin(now);
                let is_failure = match end {
                    0 => {
                        ladder.fail(Failure::Validation, now, HasStaging::Yes);
                        true
                    }
                    1 => {
                        ladder.fail(Failure::Other, now, HasStaging::Yes);
                        true
                    }
                    2 => {
                        ladder.succeed(now);
                        false
                    }
                    3 => {
                        ladder.rehearsed();
                        false
                    }
                    _ => true, // The process ended.
                };
                all.extend(is_failure.then_some(now));
            }
            for four in all.windows(4) {
                prop_assert!(four[3].duration_since(four[0]) >= AN_HOUR);
            }
        }
    }
}
