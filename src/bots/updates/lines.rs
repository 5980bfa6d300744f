//! Who waits: one line of updates for each chat, by number; what they say stays on disk.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

/// The right to handle the first update of a chat's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) chat: i64,
    pub(super) update: i64,
    /// How often this update was tried before.
    pub(super) tried: u32,
}

/// The lines of all chats that wait or are served.
#[derive(Default)]
pub(super) struct Lines {
    /// The updates of each chat in order; the first may be in hand.
    chats: HashMap<i64, VecDeque<i64>>,
    /// The chats whose first update can be handled now.
    ready: VecDeque<(i64, u32)>,
    /// The chats that rest until an instant.
    resting: Vec<(Instant, i64, u32)>,
    waiting: usize,
}

impl Lines {
    /// Puts updates, by number and chat, at the end of their chats' lines.
    pub(super) fn join(&mut self, updates: Vec<(i64, i64)>) {
        for (update, chat) in updates {
            let line = self.chats.entry(chat).or_default();
            if line.is_empty() {
                self.ready.push_back((chat, 0));
            }
            line.push_back(update);
            self.waiting += 1;
        }
    }

    /// Calls the next chat, if one can be served.
    pub(super) fn call(&mut self) -> Option<Ticket> {
        let (chat, tried) = self.ready.pop_front()?;
        let update = *self.chats.get(&chat)?.front()?;
        Some(Ticket { chat, update, tried })
    }

    /// Takes the ticket's update out of its line.
    pub(super) fn done(&mut self, ticket: Ticket) {
        let Some(line) = self.chats.get_mut(&ticket.chat) else { return };
        if line.pop_front().is_some() {
            self.waiting -= 1;
        }
        if line.is_empty() {
            self.chats.remove(&ticket.chat);
        } else {
            self.ready.push_back((ticket.chat, 0));
        }
    }

    /// Lets the ticket's chat rest; the same update is then called again.
    pub(super) fn rest(&mut self, ticket: Ticket, length: Duration) {
        self.resting.push((Instant::now() + length, ticket.chat, ticket.tried + 1));
    }

    /// Waits until a chat has rested enough and can be called; for ever if none rests.
    pub(super) async fn rested(&mut self) {
        let Some(first) = self.resting.iter().map(|(until, ..)| *until).min() else {
            return std::future::pending().await;
        };
        tokio::time::sleep_until(first).await;
        let over = self.resting.extract_if(.., |(until, ..)| *until <= first);
        self.ready.extend(over.map(|(_, chat, tried)| (chat, tried)));
    }

    /// Returns how many updates are in the lines.
    pub(super) const fn len(&self) -> usize {
        self.waiting
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[tokio::test]
    async fn a_chat_that_rests_keeps_its_order_and_holds_up_nobody() {
        let mut lines = Lines::default();
        lines.join(vec![(1, 10), (2, 10), (3, 20)]);
        let first = lines.call().unwrap();
        lines.rest(first, Duration::from_millis(20));
        assert_eq!(lines.call(), Some(Ticket { chat: 20, update: 3, tried: 0 }));
        assert_eq!(lines.call(), None);
        lines.rested().await;
        let again = lines.call().unwrap();
        assert_eq!(again, Ticket { chat: 10, update: 1, tried: 1 });
        lines.done(again);
        assert_eq!(lines.call(), Some(Ticket { chat: 10, update: 2, tried: 0 }));
    }

    proptest! {
        #[test]
        fn every_update_is_called_once_and_in_its_chats_order(
            batches in proptest::collection::vec(proptest::collection::vec(0i64..4, 0..6), 0..6),
            at_once in 1usize..4,
        ) {
            let mut lines = Lines::default();
            let (mut number, mut seen, mut in_hand) = (0, Vec::new(), VecDeque::new());
            for batch in batches {
                lines.join(batch.into_iter().map(|chat| { number += 1; (number, chat) }).collect());
                while in_hand.len() < at_once && let Some(ticket) = lines.call() {
                    prop_assert!(in_hand.iter().all(|it: &Ticket| it.chat != ticket.chat));
                    in_hand.push_back(ticket);
                }
                if let Some(ticket) = in_hand.pop_front() {
                    seen.push(ticket);
                    lines.done(ticket);
                }
            }
            while let Some(ticket) = in_hand.pop_front().or_else(|| lines.call()) {
                seen.push(ticket);
                lines.done(ticket);
            }
            prop_assert_eq!(seen.len(), usize::try_from(number).unwrap());
            prop_assert_eq!(lines.len(), 0);
            for chat in 0..4 {
                prop_assert!(seen.iter().filter(|it| it.chat == chat).is_sorted_by_key(|it| it.update));
            }
        }
    }
}
