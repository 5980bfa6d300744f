//! Bookings: in calendar order, and by customer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rows::{instant, valid};
use super::services::VisitRow;
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::booking::{
    Booking, BookingId, BookingState, Cause, Customer, CustomerName, Reminded,
};
use crate::domain::ids::UserId;
use crate::domain::slots::Slot;

const TABLE: &str = "bookings";

/// The start in seconds since 1970, and the cause: rows lie in calendar order.
type Key = (i64, u128);

/// A booking as it lies on disk; instants are in milliseconds since 1970, UTC. A new shape is a
/// new variant at the end.
#[derive(Serialize, Deserialize)]
enum Row {
    V1 {
        length_s: i64,
        visit: VisitRow,
        customer: i64,
        name: String,
        cancelled_at: Option<i64>,
        booked_at: i64,
        day_reminder_at: Option<i64>,
        two_hours_reminder_at: Option<i64>,
    },
}

impl From<&Booking> for Row {
    fn from(booking: &Booking) -> Self {
        let millis = |at: Timestamp| at.as_millisecond();
        Self::V1 {
            length_s: booking.slot.length().as_secs(),
            visit: (&booking.visit).into(),
            customer: booking.customer.id.get(),
            name: booking.customer.name.as_str().to_owned(),
            cancelled_at: match booking.state {
                BookingState::Booked => None,
                BookingState::Cancelled { at } => Some(millis(at)),
            },
            booked_at: millis(booking.booked_at),
            day_reminder_at: booking.reminded.day.map(millis),
            two_hours_reminder_at: booking.reminded.two_hours.map(millis),
        }
    }
}

impl Row {
    fn parse(self, (start_s, cause): Key) -> Result<Booking, StoreError> {
        let Self::V1 { length_s, visit, customer, name, cancelled_at, booked_at, .. } = &self;
        let Self::V1 { day_reminder_at, two_hours_reminder_at, .. } = &self;
        let maybe = |at: Option<i64>| at.map(|at| instant(TABLE, at)).transpose();
        let start = valid(TABLE, Timestamp::from_second(start_s))?;
        let length = jiff::SignedDuration::from_secs(*length_s);
        Ok(Booking {
            cause: Cause(valid(TABLE, u32::try_from(cause))?),
            slot: valid(TABLE, Slot::new(start, length))?,
            visit: visit.clone().parse(TABLE)?,
            customer: Customer {
                id: valid(TABLE, UserId::new(*customer))?,
                name: CustomerName::new(name),
            },
            state: match maybe(*cancelled_at)? {
                None => BookingState::Booked,
                Some(at) => BookingState::Cancelled { at },
            },
            booked_at: instant(TABLE, *booked_at)?,
            reminded: Reminded {
                day: maybe(*day_reminder_at)?,
                two_hours: maybe(*two_hours_reminder_at)?,
            },
        })
    }
}

fn key(id: BookingId) -> Key {
    (id.start.as_second(), u128::from(id.cause.0))
}

/// Returns the booking `id`.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub fn get(txn: &impl Read, id: BookingId) -> Result<Option<Booking>, StoreError> {
    let row = txn.bookings().get_row::<Row>(key(id))?;
    row.map(|row| row.parse(key(id))).transpose()
}

/// Keeps a booking, new or changed.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be written.
pub fn put(txn: &Txn<'_>, booking: &Booking) -> Result<(), StoreError> {
    let (start_s, cause) = key(booking.id());
    txn.bookings().insert_row((start_s, cause), &Row::from(booking))?;
    txn.bookings_by_chat().insert((booking.customer.id.get(), start_s, cause), ())?;
    Ok(())
}

/// Returns the visits that take some of the time `from..until`, in calendar order.
///
/// # Errors
///
/// As [`get`].
pub fn between(
    txn: &impl Read,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Booking>, StoreError> {
    let first = from.checked_sub(Slot::LONGEST).unwrap_or(Timestamp::MIN).as_second();
    let mut found = Vec::new();
    for entry in txn.bookings().rows::<Row>((first, 0)..(until.as_second(), 0)) {
        let (key, row) = entry?;
        let booking = row.parse(key)?;
        if booking.state == BookingState::Booked && booking.slot.end() > from {
            found.push(booking);
        }
    }
    Ok(found)
}

/// Returns the spans of the time `from..until` that are taken.
///
/// # Errors
///
/// As [`get`].
pub fn taken(txn: &impl Read, from: Timestamp, until: Timestamp) -> Result<Vec<Slot>, StoreError> {
    Ok(between(txn, from, until)?.into_iter().map(|booking| booking.slot).collect())
}

/// Returns the first booking that overlaps `slot`, if there is one.
///
/// # Errors
///
/// As [`get`].
pub fn overlapping(txn: &impl Read, slot: Slot) -> Result<Option<Booking>, StoreError> {
    let found = between(txn, slot.start(), slot.end())?;
    Ok(found.into_iter().find(|booking| booking.slot.overlaps(slot)))
}

/// Returns the visits of `customer` that lie ahead of `now`, the next one first.
///
/// # Errors
///
/// As [`get`].
pub fn ahead(
    txn: &impl Read,
    customer: UserId,
    now: Timestamp,
) -> Result<Vec<Booking>, StoreError> {
    let chat = customer.get();
    let mut found = Vec::new();
    for entry in
        txn.bookings_by_chat().range((chat, now.as_second(), 0)..=(chat, i64::MAX, u128::MAX))
    {
        let ((_, start_s, cause), ()) = entry?;
        let row = txn.bookings().get_row::<Row>((start_s, cause))?;
        let booking = row.map(|row| row.parse((start_s, cause))).transpose()?;
        found.extend(booking.filter(|booking| booking.is_ahead(now)));
    }
    Ok(found)
}

/// Returns at most `most` visits that lie ahead of `now`, whoever comes, the next one first.
///
/// # Errors
///
/// As [`get`].
pub fn next(txn: &impl Read, now: Timestamp, most: usize) -> Result<Vec<Booking>, StoreError> {
    let mut found = Vec::new();
    for entry in txn.bookings().rows::<Row>((now.as_second(), 0)..) {
        let (key, row) = entry?;
        found.extend(Some(row.parse(key)?).filter(|booking| booking.is_ahead(now)));
        if found.len() == most {
            break;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::booking::Lead;
    use crate::domain::money::Money;
    use crate::domain::service::{Visit, VisitLength};

    proptest! {
        #[test]
        fn a_booking_survives_the_trip(
            start_s in 0i64..10_000_000_000,
            minutes in 5u16..=720,
            cause: u32,
            name in "\\PC{0,80}",
            cancelled: bool,
            reminded: bool,
        ) {
            let start = Timestamp::from_second(start_s).unwrap();
            let length = VisitLength::from_minutes(minutes).unwrap();
            let price = Money::from_kopecks(150_000).unwrap();
            let mut booking = Booking {
                cause: Cause(cause),
                slot: Slot::new(start, length.duration()).unwrap(),
                visit: Visit { name: "Стрижка".parse().unwrap(), length, price },
                customer: Customer {
                    id: UserId::new(5).unwrap(),
                    name: CustomerName::new(&name),
                },
                state: BookingState::Booked,
                booked_at: start,
                reminded: Reminded::default(),
            };
            if cancelled {
                booking.state = BookingState::Cancelled { at: start };
            }
            if reminded {
                booking.reminded.record(Lead::TwoHours, start);
            }
            let row = Row::from(&booking).parse(key(booking.id())).unwrap();
            prop_assert_eq!(row, booking);
        }
    }
}
