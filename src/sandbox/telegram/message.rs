//! Messages, as the world keeps them, as bots receive them and as a person sees them.

use axum::body::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::events::Speaker;
use super::files::StoredFile;
use super::keyboard::{Button, Inline, ReplyKeyboard};
use super::text::Formatted;

/// A message in a chat.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: i64,
    pub(super) date: Timestamp,
    pub(super) edited: Option<Timestamp>,
    pub(super) by: Speaker,
    pub(super) body: Body,
    pub(super) inline: Inline,
    pub(super) keyboard: Option<ReplyKeyboard>,
    pub(super) reply_to: Option<i64>,
    /// Who wrote it first, when it was forwarded, as a `User`.
    pub(super) origin: Option<Value>,
    pub(super) deleted: bool,
}

/// What a message consists of.
#[derive(Clone, Debug)]
pub(super) enum Body {
    Text(Formatted),
    File { file: Box<StoredFile>, caption: Formatted },
    Contact { phone: String, name: String, person: Option<i64> },
    Location { latitude: f64, longitude: f64 },
}

impl Body {
    /// Returns the text, or a short description of what is not text.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(formatted) => formatted.text.clone(),
            Self::File { file, caption } => {
                let what = match file.kind {
                    AttachmentKind::Photo => "[photo]".to_owned(),
                    AttachmentKind::Document => format!("[document {}]", file.name),
                };
                if caption.text.is_empty() { what } else { format!("{what} {}", caption.text) }
            }
            Self::Contact { phone, .. } => format!("[contact {phone}]"),
            Self::Location { latitude, longitude } => format!("[location {latitude} {longitude}]"),
        }
    }

    /// Adds the body's fields to the `Message` under construction.
    fn write(&self, message: &mut Value) {
        match self {
            Self::Text(formatted) => {
                message["text"] = json!(formatted.text);
                set_entities(message, "entities", formatted);
            }
            Self::File { file, caption } => {
                let field = match file.kind {
                    AttachmentKind::Photo => "photo",
                    AttachmentKind::Document => "document",
                };
                message[field] = file.json();
                if !caption.text.is_empty() {
                    message["caption"] = json!(caption.text);
                    set_entities(message, "caption_entities", caption);
                }
            }
            Self::Contact { phone, name, person } => {
                message["contact"] = json!({"phone_number": phone, "first_name": name});
                if let Some(person) = person {
                    message["contact"]["user_id"] = json!(person);
                }
            }
            Self::Location { latitude, longitude } => {
                message["location"] = json!({"latitude": latitude, "longitude": longitude});
            }
        }
    }
}

fn set_entities(message: &mut Value, field: &str, formatted: &Formatted) {
    if !formatted.entities.is_empty() {
        message[field] = formatted.entities.iter().map(super::text::Entity::json).collect();
    }
}

/// The two sides of a chat, as the wire shows them.
pub(super) struct Sides {
    pub(super) chat: Value,
    pub(super) person: Value,
    pub(super) bot: Value,
}

impl Message {
    /// Returns the message as a `Message`, without the one it replies to.
    pub(super) fn json(&self, sides: &Sides) -> Value {
        let from = match self.by {
            Speaker::Bot => &sides.bot,
            Speaker::Person => &sides.person,
        };
        let date = self.date.as_second();
        let mut message =
            json!({"message_id": self.id, "from": from, "chat": sides.chat, "date": date});
        if let Some(edited) = self.edited {
            message["edit_date"] = json!(edited.as_second());
        }
        if let Some(origin) = &self.origin {
            message["forward_origin"] =
                json!({"type": "user", "sender_user": origin, "date": date});
        }
        self.body.write(&mut message);
        if let Some(markup) = self.inline.json() {
            message["reply_markup"] = markup;
        }
        message
    }

    /// Returns the message as a person sees it.
    pub(super) fn seen(&self) -> ChatMessage {
        let (text, attachment) = match &self.body {
            Body::Text(formatted) => (formatted.text.clone(), None),
            Body::File { file, caption } => (caption.text.clone(), Some(Attachment::of(file))),
            Body::Contact { .. } | Body::Location { .. } => (self.body.shown(), None),
        };
        let keyboard = self.keyboard.as_ref().map_or_else(Vec::new, |keyboard| {
            let texts = |row: &Vec<super::keyboard::ReplyButton>| {
                row.iter().map(|button| button.text.clone()).collect()
            };
            keyboard.rows.iter().map(texts).collect()
        });
        ChatMessage {
            id: self.id,
            from_bot: self.by == Speaker::Bot,
            text,
            buttons: self.inline.rows.clone(),
            keyboard,
            attachment,
            edited: self.edited.is_some(),
            deleted: self.deleted,
            date: self.date,
        }
    }
}

/// A message as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChatMessage {
    /// Its id, unique among the bot's messages.
    pub id: i64,
    /// Whether the bot sent it, and not the person.
    pub from_bot: bool,
    /// Its text or caption, without markup.
    pub text: String,
    /// The rows of inline buttons below it.
    pub buttons: Vec<Vec<Button>>,
    /// The rows of the keyboard that came with it.
    pub keyboard: Vec<Vec<String>>,
    /// The file in it.
    pub attachment: Option<Attachment>,
    /// Whether it is no longer what was sent.
    pub edited: bool,
    /// Whether it has been deleted.
    pub deleted: bool,
    /// When it was sent, by the world's clock.
    pub date: Timestamp,
}

/// What an attached file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    /// A picture.
    Photo,
    /// Any other file.
    Document,
}

/// A file in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// What it is.
    pub kind: AttachmentKind,
    /// Its name.
    pub name: String,
    /// Its contents.
    #[serde(skip)]
    pub bytes: Bytes,
}

impl Attachment {
    fn of(file: &StoredFile) -> Self {
        Self { kind: file.kind, name: file.name.clone(), bytes: file.bytes.clone() }
    }
}
