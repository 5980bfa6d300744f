//! Who and which bot had a trial: once each, for ever.

use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::ids::{BotId, ClientId, UserId};

const OWNER: u8 = 0;
const BOT: u8 = 1;

/// Tells whether the owner or the bot had a trial before.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub fn had(txn: &impl Read, owner: UserId, bot: BotId) -> Result<bool, StoreError> {
    Ok(had_owner(txn, owner)? || txn.trials().contains((BOT, bot.0))?)
}

/// Tells whether the owner had a trial before.
///
/// # Errors
///
/// As [`had`].
pub fn had_owner(txn: &impl Read, owner: UserId) -> Result<bool, StoreError> {
    txn.trials().contains((OWNER, owner.get()))
}

/// Remembers that the owner and the bot have had their trial.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be written.
pub fn remember(
    txn: &Txn<'_>,
    owner: UserId,
    bot: BotId,
    client: ClientId,
) -> Result<(), StoreError> {
    txn.trials().insert((OWNER, owner.get()), client.bits())?;
    txn.trials().insert((BOT, bot.0), client.bits())?;
    Ok(())
}

/// Returns the client of each trial that was ever granted.
///
/// # Errors
///
/// As [`had`].
pub fn granted(txn: &impl Read) -> Result<Vec<ClientId>, StoreError> {
    let owners = txn.trials().range((OWNER, i64::MIN)..=(OWNER, i64::MAX));
    owners.map(|entry| entry.map(|(_, client)| ClientId::from_bits(client))).collect()
}
