//! Conversations: what each chat was last asked. A row is the bot's own state, in postcard.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Read, StoreError, Txn};
use crate::domain::ids::BotId;

/// Returns the state of a chat's conversation, if one is going on.
///
/// # Errors
///
/// Returns [`StoreError::Corrupt`] for a state that this version does not know, such as an older
/// one, and another [`StoreError`] if the row cannot be read.
pub fn get<S: DeserializeOwned>(
    txn: &impl Read,
    bot: BotId,
    chat: i64,
) -> Result<Option<S>, StoreError> {
    txn.dialogues().get_row((bot.0, chat))
}

/// Keeps the state of a chat's conversation.
///
/// # Errors
///
/// Returns [`StoreError`] if the row cannot be written.
pub fn put<S: Serialize>(
    txn: &Txn<'_>,
    bot: BotId,
    chat: i64,
    state: &S,
) -> Result<(), StoreError> {
    txn.dialogues().insert_row((bot.0, chat), state).map(drop)
}

/// Ends a chat's conversation.
///
/// # Errors
///
/// Returns [`StoreError`] if the row cannot be removed.
pub fn remove(txn: &Txn<'_>, bot: BotId, chat: i64) -> Result<(), StoreError> {
    txn.dialogues().remove((bot.0, chat)).map(drop)
}
