//! A chat, and what can be done in it by either side.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::super::bot::Bot;
use super::super::events::{Speaker, What};
use super::super::faults::UpdateFault;
use super::super::flood::Bucket;
use super::super::keyboard::{Button, Inline, ReplyKeyboard};
use super::super::message::{Body, Message, Sides};
use super::super::person::{Account, Person};
use super::{ChatKey, World};

/// How many messages and news of a chat a quiet world keeps.
const QUIET_KEEPS: usize = 100;

/// A private chat's state.
pub(in super::super) struct Talk {
    pub(in super::super) messages: BTreeMap<i64, Message>,
    /// What the bot said or changed, as it was then, each under its revision.
    pub(in super::super) news: VecDeque<(u64, Message)>,
    /// The answers to presses, each under its revision.
    pub(in super::super) answers: VecDeque<(u64, Option<String>)>,
    pub(in super::super) keyboard: Option<ReplyKeyboard>,
    pub(in super::super) started: bool,
    pub(in super::super) blocked: bool,
    pub(in super::super) pinned: Option<i64>,
    /// When the bot last showed that it is about to answer, if it has said nothing since.
    pub(in super::super) acting: Option<Instant>,
    pub(in super::super) sent: Bucket,
    pub(in super::super) revision: u64,
    changed: watch::Sender<u64>,
}

impl Talk {
    pub(super) fn new() -> Self {
        Self {
            messages: BTreeMap::new(),
            news: VecDeque::new(),
            answers: VecDeque::new(),
            keyboard: None,
            started: false,
            blocked: false,
            pinned: None,
            acting: None,
            sent: Bucket::default(),
            revision: 0,
            changed: watch::Sender::new(0),
        }
    }

    /// Returns what changes whenever the chat does.
    pub(in super::super) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Counts a change.
    pub(in super::super) fn touch(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }

    /// Tells whoever waits that the chat has changed.
    pub(in super::super) fn tell(&self) {
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

/// A message that is about to be sent.
pub(in super::super) struct Draft {
    pub(in super::super) by: Speaker,
    pub(in super::super) body: Body,
    pub(in super::super) inline: Inline,
    pub(in super::super) keyboard: Option<ReplyKeyboard>,
    pub(in super::super) reply_to: Option<i64>,
    pub(in super::super) origin: Option<Value>,
}

impl Draft {
    pub(in super::super) fn new(by: Speaker, body: Body) -> Self {
        Self { by, body, inline: Inline::default(), keyboard: None, reply_to: None, origin: None }
    }
}

impl World {
    /// Returns both sides of a chat in JSON; of a chat that exists, neither is missing.
    pub(in super::super) fn sides(&self, key: ChatKey) -> Sides {
        let account = self.account(key.person);
        Sides {
            chat: account.map(|account| account.chat(key.person)).unwrap_or_default(),
            person: account.map(|account| account.user(key.person)).unwrap_or_default(),
            bot: self.bots.get(&key.bot).map(Bot::user).unwrap_or_default(),
        }
    }

    /// Returns a message as a `Message`, with the one it replies to.
    pub(in super::super) fn message_json(&self, key: ChatKey, message: &Message) -> Value {
        let sides = self.sides(key);
        let mut json = message.json(&sides);
        let replied = message.reply_to.and_then(|id| self.chat(key)?.messages.get(&id));
        if let Some(replied) = replied {
            json["reply_to_message"] = replied.json(&sides);
        }
        json
    }

    /// Puts a message into a chat.
    pub(in super::super) fn say(&mut self, key: ChatKey, draft: Draft) -> Message {
        let date = self.now();
        let id = self.bots.get_mut(&key.bot).map_or(0, |bot| {
            bot.next_message += 1;
            bot.next_message - 1
        });
        let Draft { by, body, inline, keyboard, reply_to, origin } = draft;
        let (edited, deleted) = (None, false);
        let message =
            Message { id, date, edited, by, body, inline, keyboard, reply_to, origin, deleted };
        let quiet = self.record.is_quiet();
        let talk = self.chat_mut(key);
        let revision = talk.touch();
        if by == Speaker::Bot {
            talk.acting = None;
            talk.news.push_back((revision, message.clone()));
        }
        talk.messages.insert(id, message.clone());
        if quiet {
            talk.trim();
        }
        self.happen(key, || What::Said {
            by,
            message: id,
            text: message.body.shown(),
            buttons: message.inline.rows.clone(),
        });
        self.chat_mut(key).tell();
        message
    }

    /// Changes a message; returns it as it is then, or `None` if there is none of that id.
    pub(in super::super) fn edit(
        &mut self,
        key: ChatKey,
        id: i64,
        change: impl FnOnce(&mut Message),
    ) -> Option<Message> {
        let now = self.now();
        let talk = self.chat_mut(key);
        let message = talk.messages.get_mut(&id)?;
        change(message);
        message.edited = Some(now);
        let message = message.clone();
        let revision = talk.touch();
        talk.news.push_back((revision, message.clone()));
        self.happen(key, || What::Edited {
            message: id,
            text: message.body.shown(),
            buttons: message.inline.rows.clone(),
        });
        self.chat_mut(key).tell();
        Some(message)
    }

    /// Deletes a message; returns whether it was there.
    pub(in super::super) fn delete(&mut self, key: ChatKey, id: i64) -> bool {
        let talk = self.chat_mut(key);
        let Some(message) = talk.messages.get_mut(&id).filter(|message| !message.deleted) else {
            return false;
        };
        message.deleted = true;
        let text = message.body.shown();
        talk.touch();
        self.happen(key, || What::Deleted { message: id, text });
        self.chat_mut(key).tell();
        true
    }

    /// Sends what the person says, and lets a bot that was blocked in again.
    pub(in super::super) fn hear(&mut self, key: ChatKey, body: Body, fault: Option<UpdateFault>) {
        self.hear_from(key, body, None, fault);
    }

    /// As [`World::hear`], of what was forwarded from `origin`.
    pub(in super::super) fn hear_from(
        &mut self,
        key: ChatKey,
        body: Body,
        origin: Option<&Person>,
        fault: Option<UpdateFault>,
    ) {
        if self.chat(key).is_some_and(|talk| talk.blocked) {
            self.set_blocked(key, false);
        }
        self.chat_mut(key).started = true;
        let mut draft = Draft::new(Speaker::Person, body);
        draft.origin = origin.map(|it| Account::new(it.name()).user(it.key()));
        let message = self.say(key, draft);
        let json = self.message_json(key, &message);
        self.update(key, "message", json, fault);
    }

    /// Presses an inline button below a message.
    pub(in super::super) fn press(
        &mut self,
        key: ChatKey,
        id: i64,
        button: Button,
        fault: Option<UpdateFault>,
    ) {
        let data = button.data.clone();
        self.happen(key, || What::Pressed { message: id, button });
        let Some(data) = data else { return }; // A link opens on the person's side alone.
        let Some(message) = self.chat(key).and_then(|talk| talk.messages.get(&id)) else { return };
        let message = self.message_json(key, message);
        let from = self.sides(key).person;
        let query = self.new_query(key);
        let instance = format!("{}", key.person.0.wrapping_mul(31).wrapping_add(key.bot.0));
        let json = json!({
            "id": query, "from": from, "message": message, "chat_instance": instance, "data": data,
        });
        self.update(key, "callback_query", json, fault);
    }

    /// Lets the person see the answer to a press.
    pub(in super::super) fn answer_press(
        &mut self,
        key: ChatKey,
        text: Option<String>,
        alert: Alert,
    ) {
        let talk = self.chat_mut(key);
        let revision = talk.touch();
        talk.answers.push_back((revision, text.clone()));
        self.happen(key, || What::Answered { text, alert: alert == Alert::Window });
        self.chat_mut(key).tell();
    }

    /// Lets the person see that the bot is about to answer.
    pub(in super::super) fn act(&mut self, key: ChatKey) {
        self.chat_mut(key).acting = Some(Instant::now());
        self.happen(key, || What::Acting);
    }

    /// Blocks the bot or lets it in, and tells it so.
    pub(in super::super) fn set_blocked(&mut self, key: ChatKey, blocked: bool) {
        let talk = self.chat_mut(key);
        if talk.blocked == blocked {
            return;
        }
        talk.blocked = blocked;
        self.happen(key, || if blocked { What::Blocked } else { What::Unblocked });
        let sides = self.sides(key);
        let member = json!({"user": sides.bot, "status": "member"});
        let kicked = json!({"user": sides.bot, "status": "kicked", "until_date": 0});
        let (old, new) = if blocked { (member, kicked) } else { (kicked, member) };
        let json = json!({
            "chat": sides.chat, "from": sides.person, "date": self.now().as_second(),
            "old_chat_member": old, "new_chat_member": new,
        });
        self.update(key, "my_chat_member", json, None);
    }

    fn update(
        &mut self,
        key: ChatKey,
        kind: &'static str,
        content: Value,
        fault: Option<UpdateFault>,
    ) {
        let now = self.now();
        if let Some(bot) = self.bots.get_mut(&key.bot) {
            bot.queue.push(kind, content, key.person, now, fault);
            bot.wake();
        }
    }
}

/// How the answer to a press is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Alert {
    /// For a moment, at the top.
    Toast,
    /// In a window that must be closed.
    Window,
}
