//! Tells customers and the owner about bookings.

use super::client_deps::ClientDeps;
use crate::domain::booking::{BookingId, Lead};
use crate::domain::client_job::{BookingNews, ClientJob};
use crate::domain::ids::UserId;
use crate::external::telegram::TelegramError;
use crate::store::{StoreError, bookings};
use crate::texts::client as texts;

/// Why something was not told.
#[derive(Debug, thiserror::Error)]
pub enum TellError {
    /// Telegram did not take it.
    #[error(transparent)]
    Telegram(#[from] TelegramError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Performs one job of a client's bot. It may have been performed before.
///
/// # Errors
///
/// Returns [`TellError`]; the job is to be tried again.
pub async fn perform(deps: &ClientDeps, job: ClientJob) -> Result<(), TellError> {
    match job {
        ClientJob::Remind(id, lead) => remind(deps, id, lead).await,
        ClientJob::NotifyOwner(id, news) => notify_owner(deps, id, news).await,
    }
}

/// Reminds the customer of a visit, once, also while the bot is paused: the business still expects
/// whoever has booked. It is done if it still stands and the reminder's time is now.
///
/// The reminder is recorded right after Telegram took it. Telegram gives a message no key, so a
/// crash between its taking and our record repeats the reminder: at least once there, exactly
/// once in every other case.
///
/// # Errors
///
/// Returns [`TellError`]; trying again is safe.
pub async fn remind(deps: &ClientDeps, id: BookingId, lead: Lead) -> Result<(), TellError> {
    let now = deps.clock.now();
    let booking = deps.store.read(|snap| bookings::get(snap, id))?;
    let Some(booking) = booking.filter(|booking| booking.wants_reminder(lead, now)) else {
        return Ok(());
    };
    let profile = deps.profile();
    let words = texts::reminder(deps.words()?, &booking, &profile, now);
    tell(deps, booking.customer.id, words).await?;
    deps.store
        .write(move |txn| {
            // Read again: it may have been cancelled while the reminder was on its way.
            if let Some(mut booking) = bookings::get(txn, id)? {
                booking.reminded.record(lead, now);
                bookings::put(txn, &booking)?;
            }
            Ok(())
        })
        .await
}

/// Tells the owner what has happened to a booking.
///
/// # Errors
///
/// As [`remind`]; a crash while it is sent may repeat it.
pub async fn notify_owner(
    deps: &ClientDeps,
    id: BookingId,
    news: BookingNews,
) -> Result<(), TellError> {
    let Some(booking) = deps.store.read(|snap| bookings::get(snap, id))? else { return Ok(()) };
    let profile = deps.profile();
    tell(deps, profile.owner, texts::owner_notice(deps.words()?, &booking, news, &profile)).await
}

/// Sends a text; who has blocked the bot, or never started it, does not want to hear it.
async fn tell(deps: &ClientDeps, person: UserId, words: String) -> Result<(), TellError> {
    match deps.gateway.tell(person, words).await {
        Ok(()) | Err(TelegramError::Blocked) => Ok(()),
        Err(err) => Err(err.into()),
    }
}
