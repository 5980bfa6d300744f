//! The state of the simulated world: who exists, and what has been said.

mod queries;
pub(super) mod talk;

use std::collections::HashMap;

use jiff::Timestamp;

use crate::clock::Clock;

use super::bot::{Bot, BotId};
use super::events::{Record, What, WorldEvent};
use super::files::Files;
use super::flood::FloodLimits;
use super::person::{Account, Person, PersonId};
use super::webhook::Outside;

use queries::Queries;
pub(super) use talk::Talk;

/// A private chat: whose it is, on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ChatKey {
    pub(super) bot: BotId,
    pub(super) person: PersonId,
}

/// All there is.
pub(super) struct World {
    pub(super) clock: Clock,
    pub(super) record: Record,
    pub(super) limits: FloodLimits,
    pub(super) bots: HashMap<BotId, Bot>,
    pub(super) files: Files,
    queries: Queries,
    people: HashMap<PersonId, Account>,
    names: HashMap<String, PersonId>,
    usernames: HashMap<String, BotId>,
    chats: HashMap<ChatKey, Talk>,
    tokens: HashMap<String, BotId>,
    next_person: i64,
    next_bot: i64,
    made_tokens: u64,
    /// Whether a token of no bot makes one.
    pub(super) any_token: bool,
    /// The internet, for webhooks.
    pub(super) outside: Outside,
}

impl World {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            record: Record::new(),
            limits: FloodLimits::default(),
            bots: HashMap::new(),
            files: Files::default(),
            queries: Queries::default(),
            people: HashMap::new(),
            names: HashMap::new(),
            usernames: HashMap::new(),
            chats: HashMap::new(),
            tokens: HashMap::new(),
            next_person: 100_000_001,
            next_bot: 7_000_000_001,
            made_tokens: 0,
            any_token: false,
            outside: Outside::default(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn add_bot(&mut self, name: &str, username: &str) -> String {
        if let Some(id) = self.find_bot(username) {
            return self.bots.get(&id).map(|bot| bot.token.clone()).unwrap_or_default();
        }
        let id = self.next_bot;
        self.next_bot += 1;
        let token = self.new_token(BotId(id));
        self.add_bot_with_token(&token, name, username);
        token
    }

    pub(super) fn add_bot_with_token(&mut self, token: &str, name: &str, username: &str) {
        let number = token.split(':').next().and_then(|id| id.parse().ok());
        let id = BotId(number.unwrap_or(self.next_bot));
        self.next_bot = self.next_bot.max(id.0 + 1);
        if let Some(old) = self.bots.get(&id) {
            self.tokens.remove(&old.token);
        }
        self.tokens.insert(token.to_owned(), id);
        self.usernames.insert(username.to_ascii_lowercase(), id);
        self.bots.insert(id, Bot::new(id, name, username, token));
    }

    pub(super) fn revoke_token(&mut self, token: &str) -> String {
        let Some(id) = self.tokens.remove(token) else { return token.to_owned() };
        let fresh = self.new_token(id);
        self.tokens.insert(fresh.clone(), id);
        if let Some(bot) = self.bots.get_mut(&id) {
            bot.token.clone_from(&fresh);
            bot.webhook = None;
            bot.wake();
        }
        fresh
    }

    /// Makes a token in the usual form: the bot's id, a colon and 35 characters.
    fn new_token(&mut self, id: BotId) -> String {
        self.made_tokens += 1;
        format!("{}:AAsandbox-{:025}", id.0, self.made_tokens)
    }

    pub(super) fn bot_of(&self, token: &str) -> Option<BotId> {
        self.tokens.get(token).copied()
    }

    /// Finds the bot. If every token is welcome, it is made first, or takes this for its new token.
    pub(super) fn welcome(&mut self, token: &str) -> Option<BotId> {
        let known = self.bot_of(token);
        let number: Option<u64> = token.split(':').next().and_then(|id| id.parse().ok());
        if let (None, Some(number), true) = (known, number, self.any_token) {
            self.add_bot_with_token(token, "Stranger", &format!("stranger_{number}_bot"));
        }
        self.bot_of(token)
    }

    pub(super) fn find_bot(&self, username: &str) -> Option<BotId> {
        self.usernames.get(&username.to_ascii_lowercase()).copied()
    }

    pub(super) fn bot_named(&mut self, username: &str) -> BotId {
        self.find_bot(username).unwrap_or_else(|| {
            let token = self.add_bot(username, username);
            self.bot_of(&token).unwrap_or(BotId(0))
        })
    }

    pub(super) fn person(&mut self, name: &str) -> Person {
        if let Some(id) = self.names.get(name) {
            return Person::new(*id, name);
        }
        while self.people.contains_key(&PersonId(self.next_person)) {
            self.next_person += 1;
        }
        self.person_with_id(self.next_person, name)
    }

    pub(super) fn person_with_id(&mut self, id: i64, name: &str) -> Person {
        let id = PersonId(id);
        let account = self.people.entry(id).or_insert_with(|| Account::new(name));
        let old = std::mem::replace(&mut account.name, name.to_owned());
        if self.names.get(&old) == Some(&id) {
            self.names.remove(&old);
        }
        self.names.insert(name.to_owned(), id);
        Person::new(id, name)
    }

    /// Makes sure that a person whose handle may come from another world exists in this one.
    pub(super) fn remember(&mut self, person: &Person) {
        if !self.people.contains_key(&person.key()) {
            self.person_with_id(person.id(), person.name());
        }
    }

    pub(super) fn account(&self, id: PersonId) -> Option<&Account> {
        self.people.get(&id)
    }

    pub(super) fn deactivate(&mut self, person: &Person) {
        if let Some(account) = self.people.get_mut(&person.key()) {
            account.deactivated = true;
        }
    }

    pub(super) fn chat(&self, key: ChatKey) -> Option<&Talk> {
        self.chats.get(&key)
    }

    pub(super) fn chat_mut(&mut self, key: ChatKey) -> &mut Talk {
        self.chats.entry(key).or_insert_with(Talk::new)
    }

    /// Returns the chats, as bot's username and person's id and name.
    pub(super) fn chat_list(&self) -> Vec<(String, i64, String)> {
        let mut list: Vec<_> = self
            .chats
            .keys()
            .filter_map(|key| {
                let bot = self.bots.get(&key.bot)?;
                let account = self.people.get(&key.person)?;
                Some((bot.username.clone(), key.person.0, account.name.clone()))
            })
            .collect();
        list.sort();
        list
    }

    /// Keeps a press that can be answered for a while, and returns its id.
    pub(super) fn new_query(&mut self, key: ChatKey) -> String {
        let now = self.now();
        self.queries.add(key, now)
    }

    /// Returns the chat of a press that this bot may still answer.
    pub(super) fn query(&self, bot: BotId, id: &str) -> Option<ChatKey> {
        self.queries.get(id, self.now()).filter(|key| key.bot == bot)
    }

    /// Records an event of a chat; `what` is only made if somebody would see it.
    pub(super) fn happen(&mut self, key: ChatKey, what: impl FnOnce() -> What) {
        if !self.record.listens() {
            return;
        }
        let (Some(bot), Some(account)) = (self.bots.get(&key.bot), self.people.get(&key.person))
        else {
            return;
        };
        let event = WorldEvent {
            number: 0,
            at: self.now(),
            bot: bot.username.clone(),
            person: key.person.0,
            name: account.name.clone(),
            what: what(),
        };
        self.record.event(event);
    }
}
