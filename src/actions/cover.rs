//! Updates at rest: sealed, where people send secrets to the bot.

use std::sync::Arc;

use crate::deps::Deps;
use crate::domain::ids::BotId;
use crate::external::telegram::RawUpdate;
use crate::store::secrets::{SealError, Sealed, Sealer};
use crate::store::updates::Kept;

/// Seals updates on their way to the disk and opens them on their way back.
#[derive(Clone)]
pub struct Cover {
    /// Whose updates they are.
    pub bot: BotId,
    /// `None` leaves updates as they are.
    pub sealer: Option<Arc<Sealer>>,
}

impl Cover {
    /// Returns what covers a bot's updates in the host's own database.
    pub fn of(deps: &Deps, bot: BotId) -> Self {
        Self { bot, sealer: Some(deps.sealer.clone()) }
    }

    /// Seals an update.
    ///
    /// # Errors
    ///
    /// Returns [`SealError`] if the system has no random bytes.
    pub fn put_on(&self, update: RawUpdate) -> Result<Kept, SealError> {
        let RawUpdate { id, chat, json } = update;
        let json = match &self.sealer {
            Some(sealer) => sealer.seal_bytes(&self.name(id), &json)?.as_bytes().to_vec(),
            None => json,
        };
        Ok(Kept { id, chat, json })
    }

    /// Opens an update and returns its JSON.
    ///
    /// # Errors
    ///
    /// Returns [`SealError`] if it was sealed with another key.
    pub fn take_off(&self, kept: Kept) -> Result<Vec<u8>, SealError> {
        match &self.sealer {
            Some(sealer) => sealer.open_bytes(&self.name(kept.id), &Sealed::from_bytes(kept.json)),
            None => Ok(kept.json),
        }
    }

    fn name(&self, update: i64) -> String {
        format!("update:{}:{update}", self.bot)
    }
}
