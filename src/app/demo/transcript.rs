//! The demo's transcript: who said what in which chat, what the shop was told, what was done.

use std::io::{self, Write};

use jiff::tz::TimeZone;
use tokio::sync::{broadcast, mpsc};

use super::DemoWorld;
use super::narrator::Heard;
use crate::clock::Clock;
use crate::sandbox::telegram::{Speaker, What, WorldEvent};
use crate::sandbox::yookassa::ShopEvent;

/// How wide the column of names is.
const NAMES: usize = 30;

/// Prints what happens in a world, as it happens.
pub(super) struct Transcript {
    chats: broadcast::Receiver<WorldEvent>,
    shop: broadcast::Receiver<ShopEvent>,
    journal: mpsc::UnboundedReceiver<Heard>,
    clock: Clock,
    zone: TimeZone,
}

impl Transcript {
    pub(super) fn of(world: &DemoWorld, journal: mpsc::UnboundedReceiver<Heard>) -> Self {
        Self {
            chats: world.telegram.events(),
            shop: world.shop.subscribe(),
            journal,
            clock: world.clock.clone(),
            zone: zone(),
        }
    }

    /// Prints until the world ends; a line that cannot be printed is lost.
    pub(super) async fn print(mut self) {
        loop {
            tokio::select! {
                biased;
                said = self.chats.recv() => match said {
                    Ok(event) => self.chat_line(&event),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                told = self.shop.recv() => match told {
                    Ok(event) => self.line("ЮKassa", &event.to_string()),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                Some(heard) = self.journal.recv() => self.line("slotbox", &heard.to_string()),
            }
        }
    }

    fn chat_line(&self, event: &WorldEvent) {
        let (person, bot) = (&event.name, format!("@{}", event.bot));
        let to_bot = format!("{person} → {bot}");
        let to_person = format!("{bot} → {person}");
        match &event.what {
            What::Said { by: Speaker::Person, text, .. } => self.line(&to_bot, &masked(text)),
            What::Said { by: Speaker::Bot, text, buttons, .. } => {
                self.line(&to_person, text);
                Self::buttons(buttons.iter().flatten().map(|button| button.text.as_str()));
            }
            What::Edited { text, buttons, .. } => {
                self.line(&format!("{to_person} ✎"), text);
                Self::buttons(buttons.iter().flatten().map(|button| button.text.as_str()));
            }
            What::Deleted { .. } => self.line(&to_person, "(deletes a message)"),
            What::Pressed { button, .. } => self.line(&to_bot, &format!("[{}]", button.text)),
            What::Answered { text: Some(text), .. } => self.line(&to_person, &format!("({text})")),
            What::Answered { text: None, .. } | What::Acting => {}
            What::Blocked => self.line(&to_bot, "(blocks the bot)"),
            What::Unblocked => self.line(&to_bot, "(lets the bot in again)"),
        }
    }

    fn buttons<'a>(labels: impl Iterator<Item = &'a str>) {
        let labels: Vec<_> = labels.map(|label| format!("[{label}]")).collect();
        for row in labels.chunks(4) {
            print_line(&format!("{:8}  {:NAMES$}  {}", "", "", row.join(" ")));
        }
    }

    fn line(&self, who: &str, what: &str) {
        let now = self.clock.now().to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string();
        let mut begins = (now, who.to_owned());
        for part in what.lines().filter(|part| !part.trim().is_empty()) {
            print_line(&format!("{:8}  {:NAMES$}  {part}", begins.0, begins.1));
            begins = (String::new(), String::new());
        }
    }
}

/// Returns the zone that the story is set in.
pub(super) fn zone() -> TimeZone {
    TimeZone::get("Europe/Moscow").unwrap_or(TimeZone::UTC)
}

/// A token in a chat is a secret even here: people copy what they see.
fn masked(text: &str) -> String {
    crate::domain::scrub::scrub(text).into_owned()
}

/// Prints one line on the standard output; a reader who has gone is no failure.
pub(super) fn print_line(line: &str) {
    writeln!(io::stdout().lock(), "{line}").ok();
}
