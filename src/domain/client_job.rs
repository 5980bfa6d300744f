//! Background work of a client's own bot.

use super::booking::{BookingId, Lead};

/// A durable unit of background work of a client's bot. It may have been done before, wholly or in
/// part, so whoever performs one first looks at what is left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientJob {
    /// Remind the customer of the visit.
    Remind(BookingId, Lead),
    /// Tell the owner.
    NotifyOwner(BookingId, BookingNews),
}

/// What has happened to a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookingNews {
    /// A customer booked it.
    Booked,
    /// Its customer cancelled it.
    Cancelled,
}

impl ClientJob {
    /// Names the kind for programs and logs.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Remind(..) => "remind",
            Self::NotifyOwner(..) => "notify_owner",
        }
    }
}
