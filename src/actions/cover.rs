//! Updates at rest: sealed, where people send secrets to the bot.

use std::sync::Arc;

use crate::domain::ids::BotId;
use crate::external::telegram::RawUpdate;
use crate::store::secrets::{SealError, Sealed, Sealer};
use crate::store::updates::Kept;

/// Seals updates on their way to the disk and opens them on their way back.
#[derive(Clone)]
pub(super) struct Cover {
    pub(super) bot: BotId,
    /// `None` leaves updates as they are.
    pub(super) sealer: Option<Arc<Sealer>>,
}

impl Cover {
    pub(super) fn put_on(&self, update: RawUpdate) -> Result<Kept, SealError> {
        let RawUpdate { id, chat, json } = update;
        let json = match &self.sealer {
            Some(sealer) => sealer.seal_bytes(&self.name(id), &json)?.as_bytes().to_vec(),
            None => json,
        };
        Ok(Kept { id, chat, json })
    }

    pub(super) fn take_off(&self, kept: Kept) -> Result<Vec<u8>, SealError> {
        match &self.sealer {
            Some(sealer) => sealer.open_bytes(&self.name(kept.id), &Sealed::from_bytes(kept.json)),
            None => Ok(kept.json),
        }
    }

    fn name(&self, update: i64) -> String {
        format!("update:{}:{update}", self.bot)
    }
}
