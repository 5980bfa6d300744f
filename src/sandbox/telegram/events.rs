//! The record of what happened: for transcripts, for the chat page and for questions in tests.

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::broadcast;

use super::keyboard::Button;

/// How many events a slow subscriber may lag behind.
const BACKLOG: usize = 4096;

/// One thing that happened in a chat.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorldEvent {
    /// Its place in the order of all events, from 0.
    pub number: u64,
    /// When it happened, by the world's clock.
    pub at: Timestamp,
    /// The bot's username.
    pub bot: String,
    /// The person's id.
    pub person: i64,
    /// The person's name.
    pub name: String,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The bot.
    Bot,
    /// The person.
    Person,
}

/// What can happen in a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// A message was sent.
    Said {
        /// By whom.
        by: Speaker,
        /// The message's id.
        message: i64,
        /// Its text, or a description of what is not text.
        text: String,
        /// The buttons below it.
        buttons: Vec<Vec<Button>>,
    },
    /// The bot changed a message.
    Edited {
        /// The message's id.
        message: i64,
        /// The new text.
        text: String,
        /// The new buttons.
        buttons: Vec<Vec<Button>>,
    },
    /// The bot deleted a message.
    Deleted {
        /// The message's id.
        message: i64,
        /// The text it had.
        text: String,
    },
    /// The person pressed an inline button.
    Pressed {
        /// The id of the message below which it stands.
        message: i64,
        /// The button.
        button: Button,
    },
    /// The bot answered a press.
    Answered {
        /// What the person sees, if anything.
        text: Option<String>,
        /// Whether it is shown in a window that must be closed.
        alert: bool,
    },
    /// The bot shows that it is about to answer.
    Acting,
    /// The person blocked the bot.
    Blocked,
    /// The person let the bot in again.
    Unblocked,
}

/// One call of an API method, as it was answered. The token is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The method as the bot wrote it.
    pub method: String,
    /// The bot's username; `None` for an unknown token.
    pub bot: Option<String>,
    /// The `chat_id` of the call.
    pub chat: Option<i64>,
    /// The HTTP status; 0 when the connection was cut instead of an answer.
    pub status: u16,
}

/// Keeps events and calls until it is made quiet.
pub(super) struct Record {
    events: Vec<WorldEvent>,
    calls: Vec<Call>,
    number: u64,
    quiet: bool,
    live: broadcast::Sender<WorldEvent>,
}

impl Record {
    pub(super) fn new() -> Self {
        let (live, _) = broadcast::channel(BACKLOG);
        Self { events: Vec::new(), calls: Vec::new(), number: 0, quiet: false, live }
    }

    pub(super) fn quiet(&mut self) {
        self.quiet = true;
        self.events = Vec::new();
        self.calls = Vec::new();
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<WorldEvent> {
        self.live.subscribe()
    }

    pub(super) fn events(&self) -> &[WorldEvent] {
        &self.events
    }

    pub(super) fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Returns whether anyone would learn of an event.
    pub(super) fn listens(&self) -> bool {
        !self.quiet || self.live.receiver_count() > 0
    }

    /// Keeps an event under the next number and tells the subscribers.
    pub(super) fn event(&mut self, mut event: WorldEvent) {
        event.number = self.number;
        self.number += 1;
        if !self.quiet {
            self.events.push(event.clone());
        }
        self.live.send(event).ok(); // Nobody listens: then nobody is told.
    }

    pub(super) fn call(&mut self, call: Call) {
        if !self.quiet {
            self.calls.push(call);
        }
    }
}
