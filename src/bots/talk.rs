//! What a handler is given besides the update: the conversation, the answer to a pressed button,
//! and the update's name.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::ids::BotId;

/// A bot's own state of a conversation. It is kept between two messages, so it holds plain values.
pub trait Step:
    Clone + Default + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
}

impl<S> Step for S where
    S: Clone + Default + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
}

/// The conversation of one chat during one update.
///
/// What is set here is kept in the transaction that ends the update: both or neither, so an update
/// that is handled again meets the state it met the first time.
#[derive(Clone)]
pub struct Talk<S>(Arc<Mutex<S>>);

impl<S: Step> Talk<S> {
    pub(super) fn new(step: S) -> Self {
        Self(Arc::new(Mutex::new(step)))
    }

    /// Returns the step that the conversation has reached.
    pub fn get(&self) -> S {
        self.lock().clone()
    }

    /// Moves the conversation to `step`.
    pub fn set(&self, step: S) {
        *self.lock() = step;
    }

    /// Ends the conversation.
    pub fn exit(&self) {
        self.set(S::default());
    }

    fn lock(&self) -> MutexGuard<'_, S> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer to a pressed button. Telegram wants one always, so the loop gives it when the update
/// has been handled, with the words that were left here, if any.
#[derive(Clone, Default)]
pub struct Toast(Arc<Mutex<Option<String>>>);

impl Toast {
    /// Shows `words`, at most 200 characters, over the chat.
    pub fn say(&self, words: impl Into<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(words.into());
    }

    pub(super) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Names the update that caused an action: the same text each time the update is handled, so that
/// the action happens once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The bot that received the update.
    pub bot: BotId,
    /// Telegram's number of the update.
    pub update: i64,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tg:{}:{}", self.bot, self.update)
    }
}
