//! A bot as the world keeps it: its name, its profile and what waits for it.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::flood::Bucket;
use super::queue::UpdateQueue;
use super::webhook::Webhook;

/// The id of a bot: the number before the colon of its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct BotId(pub(super) i64);

/// A bot's account.
pub(super) struct Bot {
    pub(super) id: BotId,
    pub(super) name: String,
    pub(super) username: String,
    pub(super) token: String,
    pub(super) profile: Profile,
    pub(super) queue: UpdateQueue,
    pub(super) webhook: Option<Webhook>,
    /// Counts the polls begun, so that an older one sees that it has been replaced.
    pub(super) polls: u64,
    pub(super) sent: Bucket,
    pub(super) logged_out_until: Option<Timestamp>,
    pub(super) next_message: i64,
    wake: watch::Sender<()>,
}

/// What the bot has set about itself.
#[derive(Default)]
pub(super) struct Profile {
    /// Commands by scope and language.
    pub(super) commands: HashMap<(String, String), Value>,
    /// Names, descriptions and short descriptions, by field and language.
    pub(super) texts: HashMap<(&'static str, String), String>,
    /// Menu buttons by chat; 0 is the default one.
    pub(super) menus: HashMap<i64, Value>,
}

impl Bot {
    pub(super) fn new(id: BotId, name: &str, username: &str, token: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            username: username.to_owned(),
            token: token.to_owned(),
            profile: Profile::default(),
            queue: UpdateQueue::default(),
            webhook: None,
            polls: 0,
            sent: Bucket::default(),
            logged_out_until: None,
            next_message: 1,
            wake: watch::Sender::new(()),
        }
    }

    /// Returns the bot as a `User`.
    pub(super) fn user(&self) -> Value {
        json!({
            "id": self.id.0, "is_bot": true, "first_name": self.name, "username": self.username,
        })
    }

    /// Returns what changes when updates arrive, or when waiting for them must end.
    pub(super) fn waker(&self) -> watch::Receiver<()> {
        self.wake.subscribe()
    }

    /// Wakes whoever waits for updates.
    pub(super) fn wake(&self) {
        self.wake.send_replace(());
    }
}
