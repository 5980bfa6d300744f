//! The last warnings of this process, for an operator who looks at the whole. Kept in memory: the
//! journal has them all.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

/// How many kinds of warnings are kept.
const KEPT: usize = 50;

/// A warning or an error that was logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// When it was logged last.
    pub at: Timestamp,
    /// Whether it is an error; else it is a warning.
    pub is_error: bool,
    /// Its event id, such as `job.dead`; empty where outside code spoke.
    pub event: String,
    /// What was said, without secrets.
    pub message: String,
    /// The client that it was about.
    pub client: Option<String>,
    /// How often the same was said about the same client.
    pub times: u64,
}

/// The last alarms; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Alarms(Arc<Mutex<VecDeque<Alarm>>>);

impl Alarms {
    /// Keeps an alarm. The same event about the same client is kept once, and counted.
    pub fn raise(&self, alarm: Alarm) {
        let mut kept = self.kept();
        let same = |old: &Alarm| (&old.event, &old.client) == (&alarm.event, &alarm.client);
        let before = kept.iter().position(same).and_then(|place| kept.remove(place));
        let times = before.map_or(1, |old| old.times + 1);
        kept.push_back(Alarm { times, ..alarm });
        if kept.len() > KEPT {
            kept.pop_front();
        }
    }

    /// Returns up to `most` alarms, newest first.
    pub fn last(&self, most: usize) -> Vec<Alarm> {
        self.kept().iter().rev().take(most).cloned().collect()
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Alarm>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm(event: &str, client: Option<&str>, second: i64) -> Alarm {
        Alarm {
            at: Timestamp::from_second(second).unwrap(),
            is_error: false,
            event: event.to_owned(),
            message: "m".to_owned(),
            client: client.map(str::to_owned),
            times: 1,
        }
    }

    #[test]
    fn the_same_is_counted_and_the_newest_comes_first() {
        let alarms = Alarms::default();
        for (second, client) in [(1, "a"), (2, "b"), (3, "a")] {
            alarms.raise(alarm("client.crashed", Some(client), second));
        }
        let told = alarms.last(9).into_iter().map(|it| (it.client.unwrap(), it.times));
        assert_eq!(told.collect::<Vec<_>>(), [("a".to_owned(), 2), ("b".to_owned(), 1)]);
    }

    #[test]
    fn memory_is_bounded() {
        let alarms = Alarms::default();
        for number in 0..200 {
            alarms.raise(alarm("x.y", Some(&number.to_string()), number));
        }
        assert_eq!(alarms.last(usize::MAX).len(), KEPT);
        assert_eq!(alarms.last(1)[0].client.as_deref(), Some("199"));
    }
}
