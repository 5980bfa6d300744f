//! The state of the simulated world: who exists, and what has been said.

pub(super) mod talk;

use std::collections::{HashMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::clock::Clock;

use super::bot::{Bot, BotId};
use super::events::{Record, What, WorldEvent};
use super::files::{StoredFile, Upload};
use super::flood::{Bucket, FloodLimits};
use super::keyboard::ReplyKeyboard;
use super::message::{AttachmentKind, Message};
use super::person::{Account, Person, PersonId};

/// How long a press may be answered. Telegram names no number; clients give up far sooner.
const ANSWERABLE: SignedDuration = SignedDuration::from_mins(1);

/// How many messages and news of a chat a quiet world keeps.
const QUIET_KEEPS: usize = 100;

/// How many presses are kept before those that cannot be answered any more are dropped.
const QUERIES_KEPT: usize = 1024;

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
    pub(super) files: HashMap<String, StoredFile>,
    pub(super) file_paths: HashMap<String, String>,
    pub(super) queries: HashMap<String, Query>,
    people: HashMap<PersonId, Account>,
    chats: HashMap<ChatKey, Talk>,
    tokens: HashMap<String, BotId>,
    next_person: i64,
    next_bot: i64,
    next_query: u64,
    made_tokens: u64,
}

/// A press that waits for its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Query {
    pub(super) key: ChatKey,
    pub(super) at: Timestamp,
}

/// A private chat's state.
pub(super) struct Talk {
    pub(super) messages: std::collections::BTreeMap<i64, Message>,
    /// What the bot said or changed, as it was then, each under its revision.
    pub(super) news: VecDeque<(u64, Message)>,
    /// The answers to presses, each under its revision.
    pub(super) answers: VecDeque<(u64, Option<String>)>,
    pub(super) keyboard: Option<ReplyKeyboard>,
    pub(super) started: bool,
    pub(super) blocked: bool,
    pub(super) pinned: Option<i64>,
    pub(super) sent: Bucket,
    pub(super) revision: u64,
    changed: watch::Sender<u64>,
}

impl Talk {
    fn new() -> Self {
        Self {
            messages: std::collections::BTreeMap::new(),
            news: VecDeque::new(),
            answers: VecDeque::new(),
            keyboard: None,
            started: false,
            blocked: false,
            pinned: None,
            sent: Bucket::default(),
            revision: 0,
            changed: watch::Sender::new(0),
        }
    }

    /// Returns what changes whenever the chat does.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Counts a change.
    pub(super) fn touch(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }

    /// Tells whoever waits that the chat has changed.
    pub(super) fn tell(&self) {
        self.changed.send_replace(self.revision);
    }

    fn trim(&mut self) {
        while self.messages.len() > QUIET_KEEPS {
            self.messages.pop_first();
        }
        self.news.drain(..self.news.len().saturating_sub(QUIET_KEEPS));
        self.answers.drain(..self.answers.len().saturating_sub(QUIET_KEEPS));
    }
}

impl World {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            record: Record::new(),
            limits: FloodLimits::default(),
            bots: HashMap::new(),
            files: HashMap::new(),
            file_paths: HashMap::new(),
            queries: HashMap::new(),
            people: HashMap::new(),
            chats: HashMap::new(),
            tokens: HashMap::new(),
            next_person: 100_000_001,
            next_bot: 7_000_000_001,
            next_query: 1,
            made_tokens: 0,
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

    pub(super) fn find_bot(&self, username: &str) -> Option<BotId> {
        let named = |bot: &&Bot| bot.username.eq_ignore_ascii_case(username);
        self.bots.values().find(named).map(|bot| bot.id)
    }

    pub(super) fn bot_named(&mut self, username: &str) -> BotId {
        self.find_bot(username).unwrap_or_else(|| {
            let token = self.add_bot(username, username);
            self.bot_of(&token).unwrap_or(BotId(0))
        })
    }

    pub(super) fn person(&mut self, name: &str) -> Person {
        if let Some(id) = self.find_person(name) {
            return Person::new(id, name);
        }
        while self.people.contains_key(&PersonId(self.next_person)) {
            self.next_person += 1;
        }
        let id = self.next_person;
        self.next_person += 1;
        self.person_with_id(id, name)
    }

    pub(super) fn person_with_id(&mut self, id: i64, name: &str) -> Person {
        let account = self.people.entry(PersonId(id)).or_insert_with(|| Account::new(name));
        name.clone_into(&mut account.name);
        Person::new(PersonId(id), name)
    }

    /// Returns the person of this name, if there is one.
    pub(super) fn find_person(&self, name: &str) -> Option<PersonId> {
        let mut named = self.people.iter().filter(|(_, account)| account.name == name);
        named.next().map(|(id, _)| *id)
    }

    /// Makes sure that a person whose handle may come from another world exists in this one.
    pub(super) fn remember(&mut self, person: &Person) {
        self.people.entry(person.key()).or_insert_with(|| Account::new(person.name()));
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

    /// Keeps a file and gives it its ids.
    pub(super) fn store_file(
        &mut self,
        bot: BotId,
        kind: AttachmentKind,
        upload: &Upload,
    ) -> StoredFile {
        let number = self.files.len();
        let (prefix, folder) = match kind {
            AttachmentKind::Photo => ("AgACAgIAAxk", "photos"),
            AttachmentKind::Document => ("BQACAgIAAxk", "documents"),
        };
        let extension = upload.name.rsplit_once('.').map_or("bin", |(_, extension)| extension);
        let file = StoredFile {
            id: format!("{prefix}{:x}x{number:08x}", bot.0),
            unique_id: format!("AQAD{number:08x}"),
            bot,
            kind,
            name: upload.name.clone(),
            mime: upload.mime.clone(),
            bytes: upload.bytes.clone(),
            path: format!("{folder}/file_{number}.{extension}"),
        };
        self.file_paths.insert(file.path.clone(), file.id.clone());
        self.files.insert(file.id.clone(), file.clone());
        file
    }

    /// Makes the id of a press that can be answered for a while.
    pub(super) fn new_query(&mut self, key: ChatKey) -> String {
        let at = self.now();
        if self.queries.len() >= QUERIES_KEPT {
            self.queries.retain(|_, query| at.duration_since(query.at) <= ANSWERABLE);
        }
        let id = format!("{}", 4_000_000_000_000_000_000 + self.next_query);
        self.next_query += 1;
        self.queries.insert(id.clone(), Query { key, at });
        id
    }

    /// Returns the press of this id, if this bot may still answer it.
    pub(super) fn query(&self, bot: BotId, id: &str) -> Option<Query> {
        let query = self.queries.get(id).copied()?;
        let fresh = self.now().duration_since(query.at) <= ANSWERABLE;
        (query.key.bot == bot && fresh).then_some(query)
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
