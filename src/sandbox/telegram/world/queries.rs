//! Presses that wait for their answer.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::ChatKey;

/// How long a press may be answered. Telegram names no number; clients give up far sooner.
const ANSWERABLE: SignedDuration = SignedDuration::from_mins(1);

/// What the number of a press is added to, so that its id looks like Telegram's.
const FIRST_ID: u64 = 4_000_000_000_000_000_000;

/// The presses that can still be answered, oldest first; their numbers follow one another.
#[derive(Debug, Default)]
pub(super) struct Queries {
    waiting: VecDeque<(ChatKey, Timestamp)>,
    forgotten: u64,
}

impl Queries {
    /// Keeps a press and returns its id.
    pub(super) fn add(&mut self, key: ChatKey, now: Timestamp) -> String {
        while self.waiting.front().is_some_and(|(_, at)| now.duration_since(*at) > ANSWERABLE) {
            self.waiting.pop_front();
            self.forgotten += 1;
        }
        self.waiting.push_back((key, now));
        let position = u64::try_from(self.waiting.len()).unwrap_or(u64::MAX);
        (FIRST_ID + self.forgotten + position - 1).to_string()
    }

    /// Returns the chat of a press that can be answered at `now`.
    pub(super) fn get(&self, id: &str, now: Timestamp) -> Option<ChatKey> {
        let number = id.parse::<u64>().ok()?.checked_sub(FIRST_ID + self.forgotten)?;
        let (key, at) = self.waiting.get(usize::try_from(number).ok()?)?;
        (now.duration_since(*at) <= ANSWERABLE).then_some(*key)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::bot::BotId;
    use super::super::super::person::PersonId;
    use super::*;

    #[test]
    fn a_press_is_found_until_it_is_too_old() {
        let key = |person| ChatKey { bot: BotId(1), person: PersonId(person) };
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let mut queries = Queries::default();
        let first = queries.add(key(1), start);
        let second = queries.add(key(2), start + SignedDuration::from_secs(40));
        assert_eq!(queries.get(&first, start), Some(key(1)));
        let later = start + SignedDuration::from_secs(70);
        let third = queries.add(key(3), later);
        assert_eq!(queries.get(&first, later), None);
        assert_eq!(queries.get(&second, later), Some(key(2)));
        assert_eq!(queries.get(&third, later), Some(key(3)));
        assert_eq!(queries.get("x", later), None);
    }
}
