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
/// customers get the same time. The same cause again, or the
/// customer's second press for the same time, returns the booking that there is.
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
    let (service, slot) = match permitted(txn, request, zone, now) {
        // Pressed again before the answer came: it is the same wish.
        Err(BookError::SlotTaken) => {
            let own = bookings::ahead(txn, request.customer.id, now)?;
            let own = own.into_iter().find(|booking| booking.slot.start() == request.start);
            return own.ok_or(BookError::SlotTaken);
        }
        permitted => permitted?,
    };
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::SignedDuration;
    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;
    use crate::actions::cancel_booking::{CancelError, cancel};
    use crate::actions::client_deps::testing;
    use crate::actions::set_up;
    use crate::domain::booking::CustomerName;
    use crate::domain::ids::UserId;
    use crate::domain::locale::Locale;
    use crate::domain::service::{Visit, VisitLength};
    use crate::store::queue;

    /// Monday, nine in the morning in Moscow.
    const NOW: &str = "2026-11-23T06:00:00Z";

    async fn shop() -> (TempDir, ClientDeps, ServiceId) {
        let (dir, deps) = testing::deps(NOW.parse().unwrap());
        set_up::open_shop(&deps.store, Locale::Ru).await.unwrap();
        let service = deps.services().unwrap()[0].id;
        (dir, deps, service)
    }

    fn request(cause: u32, service: ServiceId, customer: i64, half_hours: i64) -> Request {
        let day: Timestamp = "2026-11-25T06:00:00Z".parse().unwrap();
        Request {
            cause: Cause(cause),
            service,
            start: day + SignedDuration::from_mins(30 * half_hours),
            customer: Customer {
                id: UserId::new(customer).unwrap(),
                name: CustomerName::new("Anna"),
            },
        }
    }

    #[tokio::test]
    async fn the_same_cause_books_once() {
        let (_dir, deps, service) = shop().await;
        let first = book(&deps, request(1, service, 5, 0)).await.unwrap();
        let again = book(&deps, request(1, service, 5, 0)).await.unwrap();
        assert_eq!(first, again);
        let pressed_again = book(&deps, request(2, service, 5, 0)).await.unwrap();
        assert_eq!(first, pressed_again);
        let other = book(&deps, request(3, service, 6, 0)).await;
        assert!(matches!(other, Err(BookError::SlotTaken)));
        let now = deps.clock.now();
        let jobs = deps.store.read(|snap| queue::list(snap, None, 10, now)).unwrap();
        let kinds: Vec<_> = jobs.iter().map(|job| job.kind.as_str()).collect();
        assert_eq!(kinds, ["remind", "remind", "notify_owner"]);
    }

    #[tokio::test]
    async fn what_is_refused_leaves_no_trace() {
        let (_dir, deps, service) = shop().await;
        let gone = ServiceId(99);
        let ask = |request| book(&deps, request);
        assert!(matches!(ask(request(1, gone, 5, 0)).await, Err(BookError::NotOffered)));
        assert!(matches!(ask(request(1, service, 5, -1)).await, Err(BookError::NotOpen)));
        assert!(matches!(ask(request(1, service, 5, 17)).await, Err(BookError::NotOpen)));
        let mut past = request(1, service, 5, 0);
        past.start = deps.clock.now();
        assert!(matches!(ask(past).await, Err(BookError::InThePast)));
        let now = deps.clock.now();
        assert!(deps.store.read(|snap| queue::list(snap, None, 10, now)).unwrap().is_empty());
        assert!(deps.store.read(|snap| bookings::next(snap, now, 10)).unwrap().is_empty());
    }

    #[tokio::test]
    async fn of_two_cancellations_at_once_one_succeeds() {
        let (_dir, deps, service) = shop().await;
        let id = book(&deps, request(1, service, 5, 0)).await.unwrap().id();
        let anna = UserId::new(5).unwrap();
        let boris = UserId::new(6).unwrap();
        assert!(matches!(cancel(&deps, id, boris).await, Err(CancelError::NotFound)));
        let (a, b) = tokio::join!(cancel(&deps, id, anna), cancel(&deps, id, anna));
        let refused = [a, b].into_iter().filter_map(Result::err).collect::<Vec<_>>();
        assert!(matches!(refused[..], [CancelError::AlreadyCancelled]));
        book(&deps, request(2, service, 6, 0)).await.unwrap();
    }

    /// Books all at once, and returns what came of each wish.
    async fn rush(
        wishes: &[(i64, i64)],
        minutes: u16,
    ) -> (ClientDeps, Vec<Result<Booking, BookError>>) {
        let (dir, deps, _) = shop().await;
        let length = VisitLength::from_minutes(minutes).unwrap();
        let visit = Visit { length, ..Visit::usual(Locale::Ru) };
        let service = set_up::add_service(&deps, visit).await.unwrap();
        let asked = wishes.iter().zip(1..).map(|((customer, at), cause)| {
            let (deps, request) = (deps.clone(), request(cause, service, *customer, *at));
            tokio::spawn(async move { book(&deps, request).await })
        });
        let asked: Vec<_> = asked.collect();
        let mut answers = Vec::new();
        for answer in asked {
            answers.push(answer.await.unwrap());
        }
        drop(dir); // The file lives on as long as the store has it open.
        (deps, answers)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn no_hour_is_given_twice_and_nobody_gets_too_many(
            wishes in prop::collection::vec((1i64..6, 0i64..14), 1..40),
            minutes in prop::sample::select(vec![30u16, 45, 60, 90]),
        ) {
            let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build();
            let (deps, answers) = threads.unwrap().block_on(rush(&wishes, minutes));
            let now = deps.clock.now();
            let kept = deps.store.read(|snap| bookings::next(snap, now, 100)).unwrap();
            let booked: BTreeSet<_> = answers.iter().flatten().map(Booking::id).collect();
            prop_assert_eq!(kept.iter().map(Booking::id).collect::<BTreeSet<_>>(), booked);
            for (place, booking) in kept.iter().enumerate() {
                let others = &kept[place + 1..];
                prop_assert!(!others.iter().any(|other| other.slot.overlaps(booking.slot)));
                let same = kept.iter().filter(|it| it.customer.id == booking.customer.id);
                prop_assert!(same.count() <= 3);
            }
            for (answer, (customer, at)) in answers.iter().zip(&wishes) {
                let wish = request(0, ServiceId(0), *customer, *at);
                let end = wish.start + SignedDuration::from_mins(minutes.into());
                match answer {
                    Ok(booking) => prop_assert!(kept.contains(booking)),
                    Err(BookError::SlotTaken) => prop_assert!(
                        kept.iter().any(|it| it.slot.start() < end && wish.start < it.slot.end())
                    ),
                    Err(BookError::TooMany(3)) => prop_assert_eq!(
                        kept.iter().filter(|it| it.customer.id == wish.customer.id).count(), 3
                    ),
                    Err(other) => prop_assert!(false, "{}", other),
                }
            }
        }
    }
}
