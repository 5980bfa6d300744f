//! Books a visit.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::client_deps::ClientDeps;
use crate::domain::booking::{Booking, BookingId, BookingState, Cause, Customer, Lead, Reminded};
use crate::domain::client_job::{BookingNews, ClientJob};
use crate::domain::service::{Service, ServiceId};
use crate::domain::settings::Settings;
use crate::domain::slots::{Offer, Slot};
use crate::store::{StoreError, Txn, bookings, client_jobs, services, settings};

/// What a customer asks for. Nothing of it is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The update that asks.
    pub cause: Cause,
    /// What for.
    pub service: ServiceId,
    /// From when.
    pub start: Timestamp,
    /// Who comes.
    pub customer: Customer,
}

/// Why a visit was not booked.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The service was taken off the list.
    #[error("the service is not offered")]
    NotOffered,
    /// The visit would begin now or earlier.
    #[error("the slot is in the past")]
    InThePast,
    /// The business does not work then, or visits do not start then.
    #[error("no visit can start then")]
    NotOpen,
    /// Another customer was faster.
    #[error("the slot is already taken")]
    SlotTaken,
    /// The customer holds as many visits as one may.
    #[error("the customer has {0} visits already")]
    TooMany(u8),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Books a visit, and promises its reminders and the owner's notice.
///
/// The checks and the writes share one transaction, and there is one writer at a time, so no two
/// customers get the same time. The same cause again returns the booking that it made.
///
/// # Errors
///
/// Returns [`BookError`], and nothing is changed.
pub async fn book(deps: &ClientDeps, request: Request) -> Result<Booking, BookError> {
    let (now, profile) = (deps.clock.now(), deps.profile());
    deps.store.write(move |txn| book_in(txn, &request, &profile.zone, now)).await
}

/// Checks all that [`book`] will, for the card that asks for confirmation.
///
/// # Errors
///
/// As [`book`]; nothing is changed in any case.
pub fn check(deps: &ClientDeps, request: &Request) -> Result<(Service, Slot), BookError> {
    let (now, profile) = (deps.clock.now(), deps.profile());
    deps.store.read(|snap| permitted(snap, request, &profile.zone, now))
}

fn book_in(
    txn: &Txn<'_>,
    request: &Request,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Booking, BookError> {
    let id = BookingId { start: request.start, cause: request.cause };
    if let Some(done) = bookings::get(txn, id)?.filter(|it| it.customer.id == request.customer.id) {
        return Ok(done);
    }
    let (service, slot) = permitted(txn, request, zone, now)?;
    let booking = Booking {
        cause: request.cause,
        slot,
        visit: service.visit,
        customer: request.customer.clone(),
        state: BookingState::Booked,
        booked_at: now,
        reminded: Reminded::default(),
    };
    bookings::put(txn, &booking)?;
    promise(txn, &booking, now)?;
    Ok(booking)
}

fn permitted(
    txn: &impl crate::store::Read,
    request: &Request,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<(Service, Slot), BookError> {
    let service = services::get(txn, request.service)?.ok_or(BookError::NotOffered)?;
    let Settings { schedule, rules, .. } = settings::get(txn)?;
    if request.start <= now {
        return Err(BookError::InThePast);
    }
    let length = service.visit.length.duration();
    let offer = Offer { schedule: &schedule, zone, now, length };
    let slot = offer.free_at(request.start, &[]).ok_or(BookError::NotOpen)?;
    if bookings::overlapping(txn, slot)?.is_some() {
        return Err(BookError::SlotTaken);
    }
    let held = bookings::ahead(txn, request.customer.id, now)?.len();
    if held >= usize::from(rules.visits_at_once) {
        return Err(BookError::TooMany(rules.visits_at_once));
    }
    Ok((service, slot))
}

/// Queues what follows from the booking. A reminder whose time is past is left out.
fn promise(txn: &Txn<'_>, booking: &Booking, now: Timestamp) -> Result<(), StoreError> {
    let id = booking.id();
    client_jobs::push_at(txn, now, now, ClientJob::NotifyOwner(id, BookingNews::Booked))?;
    for lead in Lead::ALL {
        let at = lead.before(booking.slot.start());
        if at > now {
            client_jobs::push_at(txn, now, at, ClientJob::Remind(id, lead))?;
        }
    }
    Ok(())
}
