//! The bots whose updates Telegram brings here: where to, and under which token that was asked.

use serde::{Deserialize, Serialize};

use super::secrets::Sealed;
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::ids::BotId;

/// A webhook that Telegram was asked for, or is about to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What was asked for: the address and all that goes with it.
    pub asked: String,
    /// The token that it was asked under, sealed: it is needed when the bot is nobody's any more.
    pub token: Sealed,
    /// Why it is not as it should be, once that has lasted.
    pub trouble: Option<String>,
}

#[derive(Serialize, Deserialize)]
enum Row {
    V1 { asked: String, token: Vec<u8>, trouble: Option<String> },
}

impl From<Row> for Kept {
    fn from(Row::V1 { asked, token, trouble }: Row) -> Self {
        Self { asked, token: Sealed::from_bytes(token), trouble }
    }
}

/// Returns the webhook of this bot.
///
/// # Errors
///
/// Returns [`StoreError`], as everything in this file, if the store cannot be read or written.
pub fn get(txn: &impl Read, bot: BotId) -> Result<Option<Kept>, StoreError> {
    Ok(txn.webhooks().get_row::<Row>(bot.0)?.map(Kept::from))
}

/// Returns all webhooks.
///
/// # Errors
///
/// As [`get`].
pub fn all(txn: &impl Read) -> Result<Vec<(BotId, Kept)>, StoreError> {
    let rows = txn.webhooks().rows::<Row>(..);
    rows.map(|entry| entry.map(|(bot, row)| (BotId(bot), row.into()))).collect()
}

/// Keeps a webhook in place of the one before.
///
/// # Errors
///
/// As [`get`].
pub fn put(txn: &Txn<'_>, bot: BotId, kept: &Kept) -> Result<(), StoreError> {
    let Kept { asked, token, trouble } = kept.clone();
    let row = Row::V1 { asked, token: token.as_bytes().to_vec(), trouble };
    txn.webhooks().insert_row(bot.0, &row)?;
    Ok(())
}

/// Forgets a webhook that is no more.
///
/// # Errors
///
/// As [`get`].
pub fn remove(txn: &Txn<'_>, bot: BotId) -> Result<(), StoreError> {
    txn.webhooks().remove(bot.0)?;
    Ok(())
}
