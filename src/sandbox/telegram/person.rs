//! People: those who write to bots.

use serde_json::{Value, json};

/// The id of a person, which is also the id of their private chats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct PersonId(pub(super) i64);

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    id: PersonId,
    name: String,
}

impl Person {
    pub(super) fn new(id: PersonId, name: &str) -> Self {
        Self { id, name: name.to_owned() }
    }

    /// Returns the person's id, which is also the id of their chat with any bot.
    pub fn id(&self) -> i64 {
        self.id.0
    }

    /// Returns the person's first name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn key(&self) -> PersonId {
        self.id
    }
}

/// A person as the world keeps them.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) deactivated: bool,
}

impl Account {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), deactivated: false }
    }

    /// Returns the person as a `User`.
    pub(super) fn user(&self, id: PersonId) -> Value {
        json!({"id": id.0, "is_bot": false, "first_name": self.name, "language_code": "ru"})
    }

    /// Returns the person's private chat as a `Chat`.
    pub(super) fn chat(&self, id: PersonId) -> Value {
        json!({"id": id.0, "type": "private", "first_name": self.name})
    }
}
