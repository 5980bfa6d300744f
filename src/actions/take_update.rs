//! Take an update that Telegram brings: keep it, tell whoever waits for it, and only then let it be
//! answered.

use super::cover::Cover;
use super::webhooks::purpose;
use crate::config::Updates;
use crate::deps::Deps;
use crate::domain::ids::BotId;
use crate::domain::subscription::Service;
use crate::external::telegram::{NotAnUpdate, RawUpdate};
use crate::store::secrets::SealError;
use crate::store::{Read, StoreError, clients, updates};

/// With so many updates of one bot kept and not handled, no more are taken: Telegram keeps them for
/// a day.
const MOST_KEPT: usize = 1_000;

/// Why an update was not taken. Telegram brings it again.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// Updates are asked for, or the bot is nobody's here.
    #[error("no updates of this bot are taken here")]
    NotHere,
    /// The bot does not keep up.
    #[error("too many updates of this bot wait")]
    TooMany,
    /// It is none.
    #[error(transparent)]
    NotAnUpdate(#[from] NotAnUpdate),
    /// It could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tells whether it is Telegram that shows this secret for this bot, in a time that tells nothing
/// of it.
pub fn is_telegrams(deps: &Deps, bot: BotId, secret: &[u8]) -> bool {
    deps.sealer.proves(&purpose(bot), secret)
}

/// Keeps an update; returns when it is on disk. One that was kept before is not kept again.
///
/// # Errors
///
/// Returns [`TakeError`], and nothing was kept.
pub async fn take_update(deps: &Deps, bot: BotId, body: &[u8]) -> Result<(), TakeError> {
    if deps.config.telegram.updates != Updates::Webhook {
        return Err(TakeError::NotHere);
    }
    let kept = Cover::of(deps, bot).put_on(RawUpdate::brought(body)?)?;
    if deps.store.read(|snap| updates::are_many(snap, bot, MOST_KEPT))? {
        return Err(TakeError::TooMany);
    }
    let host = deps.config.telegram.tokens().any(|token| token.bot() == bot);
    let write = deps.store.write(move |txn| {
        if host || is_served(txn, bot)? {
            updates::keep(txn, bot, std::slice::from_ref(&kept)).map(Some)
        } else {
            Ok(None)
        }
    });
    let fresh = write.await?.ok_or(TakeError::NotHere)?;
    if !fresh.is_empty() {
        deps.arrivals.tell(bot, &fresh);
    }
    Ok(())
}

fn is_served(txn: &impl Read, bot: BotId) -> Result<bool, StoreError> {
    let Some(client) = clients::by_bot(txn, bot)? else { return Ok(false) };
    let client = clients::get(txn, client)?;
    Ok(client.is_some_and(|it| it.subscription.service() != Service::None))
}
