//! All that the page shows, as it was at one moment.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::damage::Broken;
use super::facts::Facts;
use super::journal::Entry;
use super::people::Role;
use super::processes::Running;
use super::visits::Next;
use crate::sandbox::telegram::Glance;
use crate::texts::Words;

/// The name that is everywhere in what asks for a token, in any language.
const BOT_FATHER: &str = "BotFather";

/// One moment of the demo.
pub(super) struct Scene {
    pub(super) words: Words,
    pub(super) zone: TimeZone,
    pub(super) now: Timestamp,
    pub(super) people: Vec<Phone>,
    pub(super) facts: Facts,
    pub(super) running: Running,
    pub(super) broken: Broken,
    pub(super) journal: Vec<Entry>,
    pub(super) next: Option<Next>,
    pub(super) booked: bool,
    pub(super) moved: bool,
    /// How many bots of clients have been made.
    pub(super) next_bot: usize,
    /// Where the API is.
    pub(super) business: String,
}

/// A person and their chats.
pub(super) struct Phone {
    pub(super) role: Role,
    pub(super) name: String,
    pub(super) id: i64,
    pub(super) chats: Vec<Shown>,
}

/// A chat in a phone.
pub(super) struct Shown {
    pub(super) bot: String,
    pub(super) unread: usize,
    pub(super) glance: Glance,
}

impl Scene {
    /// Returns a person's phone.
    pub(super) fn phone(&self, role: Role) -> Option<&Phone> {
        self.people.iter().find(|phone| phone.role == role)
    }
}

impl Shown {
    /// Returns the name to show.
    pub(super) fn title(&self) -> &str {
        if self.glance.name.is_empty() { &self.bot } else { &self.glance.name }
    }

    /// Tells whether the bot waits for a token: it has named `BotFather` since the person last
    /// wrote.
    pub(super) fn asks_token(&self) -> bool {
        let since = self.glance.messages.iter().rev().take_while(|message| message.from_bot);
        since.filter(|message| !message.deleted).any(|message| message.text.contains(BOT_FATHER))
    }

    /// Returns the newest message that the person has got.
    pub(super) fn newest(&self) -> i64 {
        self.glance.messages.iter().map(|message| message.id).max().unwrap_or(0)
    }
}
