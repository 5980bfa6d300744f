//! A client's right to run, as one state machine.

use jiff::{SignedDuration, Timestamp};

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
        /// When the paid time ends or ended.
        paid_until: Timestamp,
        /// Since when the bot is paused.
        since: Timestamp,
        /// Who paused it.
        by: SuspendedBy,
    },
    /// Given up by the owner or an operator; the data is kept until retention ends.
    Cancelled {
        /// When it was given up.
        since: Timestamp,
    },
    /// The data has been archived and removed.
    Archived {
        /// When that was done.
        since: Timestamp,
    },
}

/// Who paused a bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspendedBy {
    /// The end of the paid time; the next payment brings the bot back.
    Expiry,
    /// An operator.
    Operator,
}

/// The lengths that drive a subscription's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long a bot runs on after the paid time.
    pub grace: SignedDuration,
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
    /// Adds `paid` after the time already granted, or from `now` if that is over. Brings a bot
    /// back from every state.
    #[must_use]
    pub fn extend(self, paid: SignedDuration, now: Timestamp) -> Self {
        let from = self.granted_until().unwrap_or(now).max(now);
        Self::Active { paid_until: add(from, paid) }
    }

    /// Takes `length` back from the paid time, not further than to `now`; what follows from it is
    /// [`Subscription::at`]'s to say.
    #[must_use]
    pub fn shorten(self, length: SignedDuration, now: Timestamp) -> Self {
        let cut = |until: Timestamp| add(until, -length).max(now.min(until));
        match self {
            Self::Active { paid_until } => Self::Active { paid_until: cut(paid_until) },
            Self::Suspended { paid_until, since, by } => {
                Self::Suspended { paid_until: cut(paid_until), since, by }
            }
            other @ (Self::Trial { .. }
            | Self::Grace { .. }
            | Self::Cancelled { .. }
            | Self::Archived { .. }) => other,
        }
    }

    /// Returns the state that time alone has brought by `now`. A trial has no grace.
    #[must_use]
    pub fn at(self, now: Timestamp, terms: Terms) -> Self {
        match self {
            Self::Trial { until } if until <= now => {
                Self::Suspended { paid_until: until, since: until, by: SuspendedBy::Expiry }
            }
            Self::Active { paid_until } | Self::Grace { paid_until } => {
                let end_of_grace = add(paid_until, terms.grace);
                if end_of_grace <= now {
                    let by = SuspendedBy::Expiry;
                    Self::Suspended { paid_until, since: end_of_grace, by }
                } else if paid_until <= now {
                    Self::Grace { paid_until }
                } else {
                    Self::Active { paid_until }
                }
            }
            other @ (Self::Trial { .. }
            | Self::Suspended { .. }
            | Self::Cancelled { .. }
            | Self::Archived { .. }) => other,
        }
    }

    /// Pauses the bot on an operator's word; paid time runs on. Nothing changes for a client that
    /// has no running bot.
    #[must_use]
    pub fn suspend(self, now: Timestamp) -> Self {
        match self {
            Self::Trial { until: paid_until }
            | Self::Active { paid_until }
            | Self::Grace { paid_until } => {
                Self::Suspended { paid_until, since: now, by: SuspendedBy::Operator }
            }
            other @ (Self::Suspended { .. } | Self::Cancelled { .. } | Self::Archived { .. }) => {
                other
            }
        }
    }

    /// Ends an operator's pause, if paid time is left.
    ///
    /// Returns `None` where there is nothing to resume to: payment is needed first.
    #[must_use]
    pub fn resume(self, now: Timestamp) -> Option<Self> {
        match self {
            Self::Suspended { paid_until, .. } if paid_until > now => {
                Some(Self::Active { paid_until })
            }
            running @ (Self::Trial { .. } | Self::Active { .. } | Self::Grace { .. }) => {
                Some(running)
            }
            Self::Suspended { .. } | Self::Cancelled { .. } | Self::Archived { .. } => None,
        }
    }

    /// Returns the end of the time granted, where there is one.
    pub const fn granted_until(self) -> Option<Timestamp> {
        match self {
            Self::Trial { until } => Some(until),
            Self::Active { paid_until }
            | Self::Grace { paid_until }
            | Self::Suspended { paid_until, .. } => Some(paid_until),
            Self::Cancelled { .. } | Self::Archived { .. } => None,
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: SignedDuration = SignedDuration::from_hours(24);
    const TERMS: Terms = Terms { grace: SignedDuration::from_hours(72) };

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap()
    }

    #[test]
    fn a_life_from_trial_to_pause_and_back() {
        let trial = Subscription::Trial { until: at(7) };
        assert_eq!(trial.at(at(6), TERMS), trial);
        let paused = trial.at(at(8), TERMS);
        assert_eq!(paused.service(), Service::Paused);
        let active = paused.extend(DAY * 30, at(10));
        assert_eq!(active, Subscription::Active { paid_until: at(40) });
        assert_eq!(active.at(at(40), TERMS).name(), "grace");
        assert_eq!(active.at(at(42), TERMS).service(), Service::Full);
        assert_eq!(active.at(at(43), TERMS).name(), "suspended");
    }

    #[test]
    fn an_early_payment_loses_no_day() {
        let active = Subscription::Active { paid_until: at(20) };
        assert_eq!(active.extend(DAY * 30, at(1)).granted_until(), Some(at(50)));
        let trial = Subscription::Trial { until: at(7) };
        assert_eq!(trial.extend(DAY * 30, at(1)).granted_until(), Some(at(37)));
    }

    #[test]
    fn a_refund_takes_back_no_more_than_is_left() {
        let active = Subscription::Active { paid_until: at(20) };
        assert_eq!(active.shorten(DAY * 5, at(1)).granted_until(), Some(at(15)));
        assert_eq!(active.shorten(DAY * 30, at(1)).granted_until(), Some(at(1)));
        assert_eq!(active.shorten(DAY * 30, at(25)).granted_until(), Some(at(20)));
    }

    fn any_state() -> impl Strategy<Value = Subscription> {
        (0i64..100, 0i64..100, 0..7).prop_map(|(a, b, kind)| match kind {
            0 => Subscription::Trial { until: at(a) },
            1 => Subscription::Active { paid_until: at(a) },
            2 => Subscription::Grace { paid_until: at(a) },
            3 => Subscription::Cancelled { since: at(a) },
            4 => Subscription::Archived { since: at(a) },
            5 => {
                let by = SuspendedBy::Expiry;
                Subscription::Suspended { paid_until: at(a), since: at(b), by }
            }
            _ => {
                let by = SuspendedBy::Operator;
                Subscription::Suspended { paid_until: at(a), since: at(b), by }
            }
        })
    }

    proptest! {
        #[test]
        fn a_payment_brings_the_bot_back_from_every_state(
            state in any_state(), days in 1i64..400, now in 0i64..200,
        ) {
            let paid = state.extend(DAY * i32::try_from(days).unwrap(), at(now));
            prop_assert_eq!(paid.service(), Service::Full);
            prop_assert!(paid.granted_until().unwrap() >= at(now + days));
        }

        #[test]
        fn time_passes_the_same_in_one_step_or_two(
            state in any_state(), first in 0i64..200, second in 0i64..200,
        ) {
            let (first, second) = (first.min(second), first.max(second));
            let stepped = state.at(at(first), TERMS).at(at(second), TERMS);
            prop_assert_eq!(stepped, state.at(at(second), TERMS));
        }

        #[test]
        fn shortening_never_lengthens(state in any_state(), days in 0i32..400, now in 0i64..200) {
            let cut = state.shorten(DAY * days, at(now));
            prop_assert!(cut.granted_until() <= state.granted_until());
        }
    }
}
