//! Updates that wait for a bot.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::time::Instant;

use super::faults::UpdateFault;
use super::person::PersonId;

/// How long an update waits for its bot.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The kinds that a bot gets only when it names them.
const ON_DEMAND: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// An update that has not been confirmed.
#[derive(Clone, Debug)]
pub(super) struct Update {
    pub(super) id: i64,
    pub(super) at: Timestamp,
    pub(super) person: PersonId,
    pub(super) body: Value,
    /// It comes once more after it has been confirmed.
    pub(super) again: bool,
    held_until: Option<Instant>,
}

/// The updates of one bot, oldest first.
#[derive(Debug)]
pub(super) struct UpdateQueue {
    updates: VecDeque<Update>,
    next_id: i64,
    /// The kinds that the bot asked for; `None` is the default choice.
    allowed: Option<Vec<String>>,
}

impl Default for UpdateQueue {
    fn default() -> Self {
        Self { updates: VecDeque::new(), next_id: 100_000_001, allowed: None }
    }
}

/// What a poll finds.
pub(super) enum Found {
    /// These, and at least one.
    Updates(Vec<Value>),
    /// None; the next one is held back until then.
    NoneBefore(Option<Instant>),
}

impl UpdateQueue {
    /// Adds an update of `kind`, unless the bot does not want it.
    pub(super) fn push(
        &mut self,
        kind: &'static str,
        content: Value,
        person: PersonId,
        at: Timestamp,
        fault: Option<UpdateFault>,
    ) {
        if !self.wants(kind) {
            return;
        }
        self.forget(at);
        let id = self.next_id;
        self.next_id += 1;
        let mut body = serde_json::Map::with_capacity(2);
        body.insert("update_id".to_owned(), id.into());
        body.insert(kind.to_owned(), content);
        let (again, held_until) = match fault {
            Some(UpdateFault::Twice) => (true, None),
            Some(UpdateFault::Late(by)) => (false, Some(Instant::now() + by)),
            None => (false, None),
        };
        self.updates.push_back(Update { id, at, person, body: body.into(), again, held_until });
    }

    /// Returns what waits of one person, oldest first.
    pub(super) fn of(&self, person: PersonId) -> impl Iterator<Item = &Value> {
        self.updates.iter().filter(move |update| update.person == person).map(|it| &it.body)
    }

    /// Drops what is too old at `now`.
    pub(super) fn forget(&mut self, now: Timestamp) {
        while self.updates.front().is_some_and(|update| now.duration_since(update.at) >= KEPT) {
            self.updates.pop_front();
        }
    }

    /// Confirms all updates before `offset`; a negative offset keeps that many of the newest.
    pub(super) fn confirm(&mut self, offset: i64) {
        let before = if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            let first = self.updates.len().saturating_sub(keep);
            self.updates.get(first).map_or(self.next_id, |update| update.id)
        } else {
            offset
        };
        self.updates.retain_mut(|update| {
            let kept = update.id >= before || update.again;
            if update.id < before {
                update.again = false;
            }
            kept
        });
    }

    /// Removes one update, or notes that it has been delivered the first of two times.
    pub(super) fn delivered(&mut self, id: i64) {
        if let Some(at) = self.updates.iter().position(|update| update.id == id) {
            if self.updates[at].again {
                self.updates[at].again = false;
            } else {
                self.updates.remove(at);
            }
        }
    }

    /// Returns the oldest updates, at most `limit`.
    pub(super) fn look(&self, limit: usize, now: Instant) -> Found {
        let held = |update: &&Update| update.held_until.is_none_or(|until| until <= now);
        let ready = self.updates.iter().take_while(held).take(limit);
        let ready: Vec<_> = ready.map(|update| update.body.clone()).collect();
        if ready.is_empty() {
            return Found::NoneBefore(self.updates.front().and_then(|update| update.held_until));
        }
        Found::Updates(ready)
    }

    /// Returns the oldest update that is ready and of none of the people in `busy`.
    pub(super) fn next(&self, busy: impl Fn(PersonId) -> bool) -> Option<Update> {
        let now = Instant::now();
        let ready = |update: &&Update| update.held_until.is_none_or(|until| until <= now);
        self.updates.iter().take_while(ready).find(|update| !busy(update.person)).cloned()
    }

    /// Returns when the first update that is held back may go.
    pub(super) fn held_until(&self) -> Option<Instant> {
        let now = Instant::now();
        self.updates.iter().filter_map(|update| update.held_until).find(|until| *until > now)
    }

    /// Drops all updates.
    pub(super) fn clear(&mut self) {
        self.updates.clear();
    }

    /// Returns how many updates wait.
    pub(super) fn len(&self) -> usize {
        self.updates.len()
    }

    /// Sets the kinds that are kept from now on; an empty list is the default choice.
    pub(super) fn allow(&mut self, kinds: Vec<String>) {
        self.allowed = (!kinds.is_empty()).then_some(kinds);
    }

    /// Returns the kinds that the bot asked for, if it did.
    pub(super) fn allowed(&self) -> Option<&[String]> {
        self.allowed.as_deref()
    }

    fn wants(&self, kind: &str) -> bool {
        match &self.allowed {
            Some(kinds) => kinds.iter().any(|wanted| wanted == kind),
            None => !ON_DEMAND.contains(&kind),
        }
    }
}
