//! A private chat in a person's hands: what they can say, press, see and wait for.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use tokio::time::Instant;

use super::TelegramSim;
use super::files::Upload;
use super::keyboard::Button;
use super::message::{AttachmentKind, Body, ChatMessage, Message};
use super::person::Person;
use super::text::Formatted;
use super::transcript::Transcript;
use super::world::{ChatKey, Talk};

/// The private chat of a person and a bot, as the person holds it.
///
/// A handle remembers how far its waits have read; a clone goes on from there together with it.
#[derive(Clone)]
pub struct Chat {
    sim: TelegramSim,
    key: ChatKey,
    person: Person,
    read: Arc<AtomicU64>,
    answers_read: Arc<AtomicU64>,
}

/// There is no such button to press.
#[derive(Clone, Debug, thiserror::Error)]
#[error("no button [{button}] in the chat:\n{transcript}")]
pub struct NoSuchButton {
    button: String,
    transcript: Transcript,
}

/// What was waited for did not come; shows the whole chat.
#[derive(Clone, thiserror::Error)]
#[error("{wanted} did not come within {within:?}; the chat:\n{transcript}")]
pub struct Timeout {
    wanted: String,
    within: Duration,
    transcript: Transcript,
}

impl fmt::Debug for Timeout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter) // An unwrap in a test then shows the chat.
    }
}

/// A button that the person could press.
enum Pressable {
    Inline { message: i64, button: Button },
    Reply { text: String, asks_contact: bool },
}

impl Chat {
    pub(super) fn new(sim: TelegramSim, key: ChatKey, person: Person) -> Self {
        Self { sim, key, person, read: Arc::default(), answers_read: Arc::default() }
    }

    pub(super) fn sim(&self) -> &TelegramSim {
        &self.sim
    }

    pub(super) fn key(&self) -> ChatKey {
        self.key
    }

    pub(super) fn no_button(&self, wanted: &str) -> NoSuchButton {
        NoSuchButton { button: wanted.to_owned(), transcript: self.transcript() }
    }

    /// Returns the person whose chat this is.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// Returns the chat's id, as bots know it.
    pub fn id(&self) -> i64 {
        self.person.id()
    }

    /// Writes `text` to the bot. A person who had blocked the bot lets it in by that.
    pub fn send(&self, text: &str) {
        self.hear(Body::Text(Formatted::written(text)));
    }

    /// Sends the person's own contact.
    pub fn send_contact(&self, phone: &str) {
        let (name, person) = (self.person.name().to_owned(), Some(self.person.id()));
        self.hear(Body::Contact { phone: phone.to_owned(), name, person });
    }

    /// Sends somebody else's contact.
    pub fn send_contact_of(&self, name: &str, phone: &str) {
        let (phone, name) = (phone.to_owned(), name.to_owned());
        self.hear(Body::Contact { phone, name, person: None });
    }

    /// Sends the contact of a person whom Telegram knows.
    pub fn send_contact_of_person(&self, person: &Person, phone: &str) {
        let (phone, name) = (phone.to_owned(), person.name().to_owned());
        self.hear(Body::Contact { phone, name, person: Some(person.id()) });
    }

    /// Forwards what `person` has written elsewhere.
    pub fn forward(&self, person: &Person, text: &str) {
        let fault = self.sim.faults().strike_update();
        let body = Body::Text(Formatted::written(text));
        self.sim.world().hear_from(self.key, body, Some(person), fault);
    }

    /// Sends a picture.
    pub fn send_photo(&self, bytes: impl Into<Bytes>) {
        let upload = Upload {
            name: "photo.jpg".to_owned(),
            mime: "image/jpeg".to_owned(),
            bytes: bytes.into(),
        };
        self.send_file(AttachmentKind::Photo, &upload);
    }

    /// Sends a file.
    pub fn send_document(&self, name: &str, bytes: impl Into<Bytes>) {
        let mime = "application/octet-stream".to_owned();
        let upload = Upload { name: name.to_owned(), mime, bytes: bytes.into() };
        self.send_file(AttachmentKind::Document, &upload);
    }

    fn send_file(&self, kind: AttachmentKind, upload: &Upload) {
        let file = self.sim.world().files.store(self.key.bot, kind, upload);
        self.hear(Body::File { file: Box::new(file), caption: Formatted::default() });
    }

    fn hear(&self, body: Body) {
        let fault = self.sim.faults().strike_update();
        self.sim.world().hear(self.key, body, fault);
    }

    /// Presses the button that reads, or carries, `label_or_data`; failing that, contains it.
    ///
    /// Newer messages go first, and inline buttons before those of the keyboard, which send their
    /// text, or the person's contact if they ask for it.
    ///
    /// # Errors
    ///
    /// Returns [`NoSuchButton`], and nothing is pressed.
    pub fn press(&self, label_or_data: &str) -> Result<(), NoSuchButton> {
        let found = self.sim.world().chat(self.key).and_then(|talk| find(talk, label_or_data));
        match found {
            Some(Pressable::Inline { message, button }) => {
                let fault = self.sim.faults().strike_update();
                self.sim.world().press(self.key, message, button, fault);
            }
            Some(Pressable::Reply { asks_contact: true, .. }) => {
                self.send_contact(&format!("+7{:010}", self.person.id() % 10_000_000_000));
            }
            Some(Pressable::Reply { text, .. }) => {
                let mut world = self.sim.world();
                let talk = world.chat_mut(self.key);
                talk.keyboard = talk.keyboard.take().filter(|keyboard| !keyboard.one_time);
                drop(world);
                self.send(&text);
            }
            None => return Err(self.no_button(label_or_data)),
        }
        Ok(())
    }

    /// Blocks the bot.
    pub fn block(&self) {
        self.sim.world().set_blocked(self.key, true);
    }

    /// Lets the bot in again.
    pub fn unblock(&self) {
        self.sim.world().set_blocked(self.key, false);
    }

    /// Returns all messages of the chat as they are now, deleted ones included.
    pub fn messages(&self) -> Vec<ChatMessage> {
        let world = self.sim.world();
        let messages = world.chat(self.key).map(|talk| talk.messages.values());
        messages.into_iter().flatten().map(Message::seen).collect()
    }

    /// Returns the data of the last button whose data begins so.
    pub fn last_button(&self, beginning: &str) -> Option<String> {
        let messages = self.messages();
        let buttons = messages.iter().flat_map(|message| message.buttons.iter().flatten());
        let mut data = buttons.filter_map(|button| button.data.as_ref());
        data.rfind(|data| data.starts_with(beginning)).cloned()
    }

    /// Returns the buttons of the keyboard that the person sees in place of their own.
    pub fn keyboard(&self) -> Vec<Vec<String>> {
        let world = self.sim.world();
        let keyboard = world.chat(self.key).and_then(|talk| talk.keyboard.as_ref());
        let rows = keyboard.into_iter().flat_map(|keyboard| &keyboard.rows);
        rows.map(|row| row.iter().map(|button| button.text.clone()).collect()).collect()
    }

    /// Returns the id of the pinned message.
    pub fn pinned(&self) -> Option<i64> {
        self.sim.world().chat(self.key).and_then(|talk| talk.pinned)
    }

    /// Returns the chat so far.
    pub fn transcript(&self) -> Transcript {
        let world = self.sim.world();
        let Some(bot) = world.bots.get(&self.key.bot) else { return Transcript::default() };
        let ours = |event: &&super::WorldEvent| {
            event.person == self.person.id() && event.bot == bot.username
        };
        Transcript::new(world.record.events().iter().filter(ours).cloned().collect())
    }

    /// Waits for the bot to say, or to change a message to, something that contains `needle`.
    ///
    /// Finds the first such thing since the last wait on this handle that found something, even
    /// if it has changed again meanwhile. `within` is real time.
    ///
    /// # Errors
    ///
    /// Returns [`Timeout`], whose text shows the chat.
    pub async fn wait_for(&self, needle: &str, within: Duration) -> Result<ChatMessage, Timeout> {
        let wanted = format!("{needle:?}");
        self.wait(&wanted, within, |talk| {
            let read = self.read.load(Ordering::Relaxed);
            let mut news = talk.news.iter().filter(|(revision, _)| *revision > read);
            let (revision, message) =
                news.find(|(_, message)| message.body.shown().contains(needle))?;
            self.read.store(*revision, Ordering::Relaxed);
            Some(message.seen())
        })
        .await
    }

    /// Waits until a button can be pressed, as [`Chat::press`] finds it, and returns its message.
    ///
    /// A button that is there already will do; what came before its message then counts as read.
    ///
    /// # Errors
    ///
    /// Returns [`Timeout`], whose text shows the chat.
    pub async fn wait_for_button(
        &self,
        label: &str,
        within: Duration,
    ) -> Result<ChatMessage, Timeout> {
        self.wait(&format!("the button [{label}]"), within, |talk| {
            let message = match find(talk, label)? {
                Pressable::Inline { message, .. } => talk.messages.get(&message)?,
                Pressable::Reply { .. } => {
                    talk.messages.values().rev().find(|message| message.keyboard.is_some())?
                }
            };
            let of_message = |(_, news): &&(u64, Message)| news.id == message.id;
            if let Some((revision, _)) = talk.news.iter().rev().find(of_message) {
                self.read.fetch_max(*revision, Ordering::Relaxed);
            }
            Some(message.seen())
        })
        .await
    }

    /// Waits for the next answer to a press, and returns its text if it has one.
    ///
    /// # Errors
    ///
    /// Returns [`Timeout`], whose text shows the chat.
    pub async fn pressed_answer(&self, within: Duration) -> Result<Option<String>, Timeout> {
        self.wait("the answer to a press", within, |talk| {
            let read = self.answers_read.load(Ordering::Relaxed);
            let (revision, text) = talk.answers.iter().find(|(revision, _)| *revision > read)?;
            self.answers_read.store(*revision, Ordering::Relaxed);
            Some(text.clone())
        })
        .await
    }

    async fn wait<T>(
        &self,
        wanted: &str,
        within: Duration,
        look: impl Fn(&Talk) -> Option<T>,
    ) -> Result<T, Timeout> {
        let deadline = Instant::now() + within;
        let mut changed = self.sim.world().chat_mut(self.key).watch();
        loop {
            changed.mark_unchanged();
            if let Some(found) = self.sim.world().chat(self.key).and_then(&look) {
                return Ok(found);
            }
            if !matches!(tokio::time::timeout_at(deadline, changed.changed()).await, Ok(Ok(()))) {
                let (wanted, transcript) = (wanted.to_owned(), self.transcript());
                return Err(Timeout { wanted, within, transcript });
            }
        }
    }
}

/// Finds the button that the person would press.
fn find(talk: &Talk, wanted: &str) -> Option<Pressable> {
    let exact = |text: &str| text == wanted;
    let part = |text: &str| text.contains(wanted);
    inline(talk, exact)
        .or_else(|| reply(talk, exact))
        .or_else(|| inline(talk, part))
        .or_else(|| reply(talk, part))
}

fn inline(talk: &Talk, fits: impl Fn(&str) -> bool) -> Option<Pressable> {
    let visible = talk.messages.values().rev().filter(|message| !message.deleted);
    let mut buttons = visible.flat_map(|message| {
        message.inline.rows.iter().flatten().map(|button| (message.id, button))
    });
    let (message, button) = buttons
        .find(|(_, button)| fits(&button.text) || button.data.as_deref().is_some_and(&fits))?;
    Some(Pressable::Inline { message, button: button.clone() })
}

fn reply(talk: &Talk, fits: impl Fn(&str) -> bool) -> Option<Pressable> {
    let mut buttons = talk.keyboard.iter().flat_map(|keyboard| keyboard.rows.iter().flatten());
    let button = buttons.find(|button| fits(&button.text))?;
    Some(Pressable::Reply { text: button.text.clone(), asks_contact: button.asks_contact })
}
