//! A booking: one customer's visit.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use super::ids::UserId;
use super::service::Visit;
use super::settings::BookingRules;
use super::slots::Slot;

/// What made a booking: the number of the Telegram update.
///
/// The same cause makes one booking, however often it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause(pub u32);

/// Names a booking: when it starts and what made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BookingId {
    /// When the visit starts.
    pub start: Timestamp,
    /// What made the booking.
    pub cause: Cause,
}

/// Why a text does not name a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a booking is named by a second and a number")]
pub struct InvalidBookingId;

/// Shows the id in at most 31 bytes, without a colon: `1767261600-12345`.
impl fmt::Display for BookingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start.as_second(), self.cause.0)
    }
}

impl FromStr for BookingId {
    type Err = InvalidBookingId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (start, cause) = text.rsplit_once('-').ok_or(InvalidBookingId)?;
        let second = start.parse().map_err(|_| InvalidBookingId)?;
        let start = Timestamp::from_second(second).map_err(|_| InvalidBookingId)?;
        let cause = cause.parse().map(Cause).map_err(|_| InvalidBookingId)?;
        Ok(Self { start, cause })
    }
}

/// A person's name as Telegram shows it, for the owner's eyes: one line, at most 64 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomerName(String);

impl CustomerName {
    /// Takes what Telegram tells: control characters become spaces, the rest is cut off.
    pub fn new(name: &str) -> Self {
        let plain = name.chars().map(|c| if c.is_control() { ' ' } else { c });
        Self(plain.take(64).collect::<String>().trim().to_owned())
    }

    /// Returns the name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows no name: it belongs into no log.
impl fmt::Debug for CustomerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomerName")
    }
}

/// Who comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// The person; also the chat to write to.
    pub id: UserId,
    /// How the person is called.
    pub name: CustomerName,
}

/// Whether a visit will take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookingState {
    /// It will; the time is taken.
    Booked,
    /// The customer cancelled it; the time is free again.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

/// One customer's visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// What made it. With the slot's start it names the booking.
    pub cause: Cause,
    /// The time that it takes.
    pub slot: Slot,
    /// What is done, as it was offered when it was booked.
    pub visit: Visit,
    /// Who comes.
    pub customer: Customer,
    /// Whether it will take place.
    pub state: BookingState,
    /// When it was booked.
    pub booked_at: Timestamp,
    /// The reminders that were sent.
    pub reminded: Reminded,
}

impl Booking {
    /// Returns the booking's name.
    pub const fn id(&self) -> BookingId {
        BookingId { start: self.slot.start(), cause: self.cause }
    }

    /// Whether it takes its time and lies ahead of `now`.
    pub fn is_ahead(&self, now: Timestamp) -> bool {
        self.state == BookingState::Booked && self.slot.start() > now
    }

    /// Whether the customer may still cancel it without the business's help.
    pub fn may_be_cancelled(&self, now: Timestamp, rules: BookingRules) -> bool {
        let latest = self.slot.start().checked_sub(rules.cancel_before);
        self.is_ahead(now) && latest.is_ok_and(|latest| now <= latest)
    }

    /// Whether the reminder `lead` is to be sent at `now`: the visit stands, the time for it has
    /// come and the next one's has not, and it was not sent.
    pub fn wants_reminder(&self, lead: Lead, now: Timestamp) -> bool {
        let until = match lead {
            Lead::Day => Lead::TwoHours.before(self.slot.start()),
            Lead::TwoHours => self.slot.start(),
        };
        self.state == BookingState::Booked
            && !self.reminded.was_sent(lead)
            && lead.before(self.slot.start()) <= now
            && now < until
    }
}

/// How long before a visit its customer is reminded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lead {
    /// 24 hours.
    Day,
    /// 2 hours.
    TwoHours,
}

impl Lead {
    /// All of them, the earliest first.
    pub const ALL: [Self; 2] = [Self::Day, Self::TwoHours];

    /// Returns when to remind of a visit that starts at `start`.
    pub fn before(self, start: Timestamp) -> Timestamp {
        let length = match self {
            Self::Day => SignedDuration::from_hours(24),
            Self::TwoHours => SignedDuration::from_hours(2),
        };
        start.checked_sub(length).unwrap_or(Timestamp::MIN)
    }
}

/// Which reminders were sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reminded {
    /// When the one 24 hours before was.
    pub day: Option<Timestamp>,
    /// When the one 2 hours before was.
    pub two_hours: Option<Timestamp>,
}

impl Reminded {
    /// Whether `lead` was sent.
    pub const fn was_sent(self, lead: Lead) -> bool {
        match lead {
            Lead::Day => self.day.is_some(),
            Lead::TwoHours => self.two_hours.is_some(),
        }
    }

    /// Records that `lead` was sent at `now`.
    pub const fn record(&mut self, lead: Lead, now: Timestamp) {
        match lead {
            Lead::Day => self.day = Some(now),
            Lead::TwoHours => self.two_hours = Some(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::money::Money;
    use crate::domain::service::VisitLength;

    fn booking(start: Timestamp) -> Booking {
        Booking {
            cause: Cause(1),
            slot: Slot::new(start, SignedDuration::from_hours(1)).unwrap(),
            visit: Visit {
                name: "Haircut".parse().unwrap(),
                length: VisitLength::HOUR,
                price: Money::ZERO,
            },
            customer: Customer { id: UserId::new(5).unwrap(), name: CustomerName::new("Anna") },
            state: BookingState::Booked,
            booked_at: start,
            reminded: Reminded::default(),
        }
    }

    proptest! {
        #[test]
        fn an_id_survives_the_trip(second in -1_000_000_000i64..10_000_000_000, cause: u32) {
            let start = Timestamp::from_second(second).unwrap();
            let id = BookingId { start, cause: Cause(cause) };
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }

        #[test]
        fn nonsense_names_no_booking(text in ".{0,40}") {
            prop_assert!(text.parse::<BookingId>().is_err() || text.contains('-'));
        }

        #[test]
        fn two_reminders_are_never_due_at_once(before_s in -100_000i64..200_000) {
            let start = Timestamp::from_second(1_800_000_000).unwrap();
            let now = start - SignedDuration::from_secs(before_s);
            let due = Lead::ALL.map(|lead| booking(start).wants_reminder(lead, now));
            prop_assert!(!(due[0] && due[1]));
            prop_assert_eq!(due[0] || due[1], 0 < before_s && before_s <= 86_400);
        }
    }

    #[test]
    fn a_visit_is_cancelled_up_to_24_hours_before() {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let rules = BookingRules::default();
        let edge = start - SignedDuration::from_hours(24);
        assert!(booking(start).may_be_cancelled(edge, rules));
        let late = edge + SignedDuration::from_secs(1);
        assert!(!booking(start).may_be_cancelled(late, rules));
        let gone = Booking { state: BookingState::Cancelled { at: edge }, ..booking(start) };
        assert!(!gone.may_be_cancelled(edge, rules));
    }

    #[test]
    fn a_reminder_is_sent_once() {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let mut booking = booking(start);
        let now = Lead::Day.before(start);
        assert!(booking.wants_reminder(Lead::Day, now));
        booking.reminded.record(Lead::Day, now);
        assert!(!booking.wants_reminder(Lead::Day, now));
    }
}
