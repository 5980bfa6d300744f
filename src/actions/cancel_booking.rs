//! Cancels a visit for its customer.

use jiff::{SignedDuration, Timestamp};

use super::client_deps::ClientDeps;
use crate::domain::booking::{Booking, BookingId, BookingState};
use crate::domain::client_job::{BookingNews, ClientJob};
use crate::domain::ids::UserId;
use crate::store::{Read, StoreError, bookings, client_jobs, settings};

/// Why a visit was not cancelled.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// The customer has no such booking; somebody else may.
    #[error("the customer has no such booking")]
    NotFound,
    /// It was cancelled before.
    #[error("the booking is cancelled already")]
    AlreadyCancelled,
    /// The visit has begun or is over.
    #[error("the visit has begun")]
    Begun,
    /// It is so near that only the business can cancel it.
    #[error("the visit is too near to be cancelled")]
    TooLate {
        /// The visit.
        booking: Box<Booking>,
        /// How long before a visit its customer may still cancel it.
        cancel_before: SignedDuration,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Returns the visit, if `customer` may cancel it now; nothing is changed.
///
/// # Errors
///
/// Returns [`CancelError`].
pub fn check(deps: &ClientDeps, id: BookingId, customer: UserId) -> Result<Booking, CancelError> {
    let now = deps.clock.now();
    deps.store.read(|snap| permitted(snap, id, customer, now))
}

/// Cancels the visit, frees its time and promises the owner's notice.
///
/// All is checked again: the question may have been asked long ago. Of two calls at once one
/// succeeds.
///
/// # Errors
///
/// Returns [`CancelError`], and nothing is changed.
pub async fn cancel(
    deps: &ClientDeps,
    id: BookingId,
    customer: UserId,
) -> Result<Booking, CancelError> {
    let now = deps.clock.now();
    deps.store
        .write(move |txn| {
            let mut booking = permitted(txn, id, customer, now)?;
            booking.state = BookingState::Cancelled { at: now };
            bookings::put(txn, &booking)?;
            let notice = ClientJob::NotifyOwner(id, BookingNews::Cancelled);
            client_jobs::push_at(txn, now, now, notice)?;
            Ok(booking)
        })
        .await
}

fn permitted(
    txn: &impl Read,
    id: BookingId,
    customer: UserId,
    now: Timestamp,
) -> Result<Booking, CancelError> {
    let booking = bookings::get(txn, id)?.filter(|booking| booking.customer.id == customer);
    let booking = booking.ok_or(CancelError::NotFound)?;
    let rules = settings::get(txn)?.rules;
    match booking.state {
        BookingState::Cancelled { .. } => Err(CancelError::AlreadyCancelled),
        BookingState::Booked if booking.may_be_cancelled(now, rules) => Ok(booking),
        BookingState::Booked if !booking.is_ahead(now) => Err(CancelError::Begun),
        BookingState::Booked => Err(CancelError::TooLate {
            booking: Box::new(booking),
            cancel_before: rules.cancel_before,
        }),
    }
}
