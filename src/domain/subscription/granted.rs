//! What takes granted time back.

use jiff::{SignedDuration, Timestamp};

use super::{GrantKind, Granted, Subscription, add};

impl Subscription {
    /// Takes `length` back from the paid time, not further than to `now`. A trial was not paid for.
    pub(super) fn shorten(self, length: SignedDuration, now: Timestamp) -> Self {
        let Granted { until, kind } = self.granted();
        let until = match kind {
            GrantKind::Trial => until,
            GrantKind::Paid => add(until, -length).max(now.min(until)),
        };
        self.regranted(Granted { until, kind })
    }

    /// Puts back what was granted before a gift, a trial as a trial; it adds no time.
    pub(super) fn ungiven(self, before: Granted) -> Self {
        if before.until <= self.granted().until { self.regranted(before) } else { self }
    }

    /// Changes what was granted, and nothing else.
    fn regranted(self, granted: Granted) -> Self {
        let Granted { until, kind } = granted;
        match self {
            Self::Trial { .. } | Self::Active { .. } | Self::Grace { .. } => match kind {
                GrantKind::Trial => Self::Trial { until },
                GrantKind::Paid => Self::Active { paid_until: until },
            },
            Self::Suspended { since, by, .. } => Self::Suspended { granted, since, by },
            Self::Cancelled { since, before, data, .. } => {
                Self::Cancelled { granted, since, before, data }
            }
            Self::Archived { since, by, .. } => Self::Archived { granted, since, by },
        }
    }
}
