//! When the next reminder is due, so that the clock can be moved there.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::facts::Facts;
use crate::bots::client::{Wish, wish};
use crate::domain::booking::Lead;

/// How many days before the end of its time a client's owner is warned.
const WARNINGS: [i64; 3] = [7, 3, 1];

/// The visits that customers have asked for, as their presses tell.
#[derive(Debug, Default)]
pub(super) struct Visits(BTreeSet<Timestamp>);

/// What the clock can be moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A customer is reminded of a visit.
    Visit(Timestamp),
    /// An owner is warned that the time ends.
    Warning(Timestamp),
}

impl Next {
    pub(super) const fn at(self) -> Timestamp {
        match self {
            Self::Visit(at) | Self::Warning(at) => at,
        }
    }
}

impl Visits {
    /// Learns from a button that somebody has pressed.
    pub(super) fn pressed(&mut self, data: &str) {
        match wish(data) {
            Some(Wish::Visit(start)) => drop(self.0.insert(start)),
            Some(Wish::NoVisit(start)) => drop(self.0.remove(&start)),
            None => {}
        }
    }

    /// Tells whether any visit was asked for.
    pub(super) fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Returns what comes next after `now`.
    pub(super) fn next(&self, facts: &Facts, now: Timestamp) -> Option<Next> {
        let reminders =
            self.0.iter().flat_map(|start| Lead::ALL.map(|lead| Next::Visit(lead.before(*start))));
        let ends = facts.clients.iter().filter_map(|client| client.subscription_expires_at);
        let warnings = ends.flat_map(|end| {
            WARNINGS.map(|days| Next::Warning(end - SignedDuration::from_hours(24 * days)))
        });
        reminders.chain(warnings).filter(|next| next.at() > now).min_by_key(|next| next.at())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_is_reminded_of_twice_and_a_cancelled_one_never() {
        let now: Timestamp = "2026-11-25T09:00:00Z".parse().unwrap();
        let start = now + SignedDuration::from_hours(48);
        let mut visits = Visits::default();
        visits.pressed("s");
        assert_eq!(visits.next(&Facts::default(), now), None);
        visits.pressed(&format!("b:1:{}", start.as_second()));
        let day = start - SignedDuration::from_hours(24);
        let hours = start - SignedDuration::from_hours(2);
        assert_eq!(visits.next(&Facts::default(), now), Some(Next::Visit(day)));
        assert_eq!(visits.next(&Facts::default(), day), Some(Next::Visit(hours)));
        assert_eq!(visits.next(&Facts::default(), hours), None);
    }
}
