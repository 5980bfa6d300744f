//! Telegram updates: kept before they are confirmed, and until they are handled.

use serde::{Deserialize, Serialize};

use super::{Read, StoreError, Txn};
use crate::domain::ids::BotId;

/// How far back a number still counts as one already kept. Telegram sends again only what was not
/// confirmed, one answer of at most 100; after a quiet week it numbers anew, and may start lower.
const SEEN: i64 = 1000;

/// An update as it came in.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    /// Telegram's number of the update.
    pub id: i64,
    /// The chat whose line it stands in.
    pub chat: i64,
    /// The JSON.
    pub json: Vec<u8>,
}

/// Shows no word of the update.
impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kept({}, {} bytes)", self.id, self.json.len())
    }
}

#[derive(Serialize, Deserialize)]
enum Row {
    V1 { chat: i64, json: Vec<u8> },
}

/// Keeps a batch together with the offset that confirms it, and returns which of its updates are
/// new, by number and chat, in the order in which they came.
///
/// # Errors
///
/// Returns [`StoreError`] if the rows cannot be written.
pub fn keep(txn: &Txn<'_>, bot: BotId, batch: &[Kept]) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut fresh = Vec::with_capacity(batch.len());
    let mut next = offset(txn, bot)?;
    for update in batch {
        if next.is_some_and(|next| (next - SEEN..next).contains(&update.id)) {
            continue;
        }
        let row = Row::V1 { chat: update.chat, json: update.json.clone() };
        txn.updates().insert_row((bot.0, update.id), &row)?;
        fresh.push((update.id, update.chat));
        next = Some(update.id + 1);
    }
    if let Some(next) = next.filter(|_| !fresh.is_empty()) {
        txn.update_offsets().insert(bot.0, next)?;
    }
    Ok(fresh)
}

/// Returns the number of the next update to ask for, once there has been one.
///
/// # Errors
///
/// Returns [`StoreError`] if the row cannot be read; so does every function here.
pub fn offset(txn: &impl Read, bot: BotId) -> Result<Option<i64>, StoreError> {
    txn.update_offsets().get(bot.0)
}

/// Returns the updates that are kept, by number and chat, oldest first.
///
/// # Errors
///
/// As [`offset`].
pub fn waiting(txn: &impl Read, bot: BotId) -> Result<Vec<(i64, i64)>, StoreError> {
    let rows = txn.updates().rows::<Row>((bot.0, i64::MIN)..=(bot.0, i64::MAX));
    rows.map(|entry| {
        let ((_, id), Row::V1 { chat, .. }) = entry?;
        Ok((id, chat))
    })
    .collect()
}

/// Returns a kept update.
///
/// # Errors
///
/// As [`offset`].
pub fn get(txn: &impl Read, bot: BotId, id: i64) -> Result<Option<Kept>, StoreError> {
    let row = txn.updates().get_row::<Row>((bot.0, id))?;
    Ok(row.map(|Row::V1 { chat, json }| Kept { id, chat, json }))
}

/// Forgets an update that is handled.
///
/// # Errors
///
/// As [`offset`].
pub fn remove(txn: &Txn<'_>, bot: BotId, id: i64) -> Result<(), StoreError> {
    txn.updates().remove((bot.0, id)).map(drop)
}
