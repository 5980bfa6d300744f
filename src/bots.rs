//! Telegram conversations: a loop that receives each update once and hands it, chat by chat and in
//! order, to a bot's tree of flows.

pub mod client;
pub mod commands;
pub mod master;
pub mod reply;
#[cfg(test)]
mod rig;
pub mod sales;
pub mod talk;
pub mod updates;

use crate::external::telegram::TelegramError;
use crate::store::StoreError;

/// Why an update was not handled.
///
/// One that passes brings the update back after a while; with any other it is given up.
#[derive(Debug, thiserror::Error)]
pub enum BotError {
    /// Telegram did not do what it was asked.
    #[error(transparent)]
    Telegram(#[from] TelegramError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The work behind the answer failed; its text holds nothing of the person.
    #[error("{0}")]
    Action(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It took too long.
    #[error("the update took too long to handle")]
    Slow,
    /// There is a fault in the program.
    #[error("the handler panicked")]
    Panicked,
}

impl BotError {
    /// Wraps the failure of an action that a person can do nothing about.
    pub fn action(err: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Action(Box::new(err))
    }

    /// Tells whether the same update may be handled later.
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Telegram(err) => err.is_passing(),
            Self::Store(_) | Self::Slow => true,
            Self::Action(_) | Self::Panicked => false,
        }
    }
}

impl From<teloxide::RequestError> for BotError {
    fn from(err: teloxide::RequestError) -> Self {
        Self::Telegram(err.into())
    }
}
