//! Shows a customer what can be had.

use jiff::ToSpan;
use jiff::civil::Date;

use super::client_deps::ClientDeps;
use crate::domain::profile::Profile;
use crate::domain::schedule::Schedule;
use crate::domain::service::{Service, ServiceId};
use crate::domain::slots::{HORIZON_DAYS, Offer, Slot, day_bounds};
use crate::store::{Read, StoreError, bookings, services, settings};

/// The days on one page.
const PAGE: u8 = 7;
/// The pages that [`HORIZON_DAYS`] make.
pub const PAGES: u8 = HORIZON_DAYS.div_ceil(PAGE);

/// One day, as the calendar shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day on the business's wall clock.
    pub date: Date,
    /// Whether anything can be had.
    pub state: DayState,
}

/// Whether anything can be had on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayState {
    /// So many starts are free.
    Free(usize),
    /// All is taken, or the day is nearly over.
    Full,
    /// Nobody works.
    Closed,
}

/// Returns the days of page `page` for a visit of `service`; none if it is not offered or there
/// is no such page.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub fn page(
    deps: &ClientDeps,
    service: ServiceId,
    page: u8,
) -> Result<Option<(Service, Vec<Day>)>, StoreError> {
    let (profile, now) = (deps.profile(), deps.clock.now());
    deps.store.read(|snap| {
        let Some(service) = services::get(snap, service)?.filter(|_| page < PAGES) else {
            return Ok(None);
        };
        let schedule = settings::get(snap)?.schedule;
        let length = service.visit.length.duration();
        let offer = Offer { schedule: &schedule, zone: &profile.zone, now, length };
        let first = offer.today().saturating_add((i64::from(page) * i64::from(PAGE)).days());
        let dates: Vec<_> =
            first.series(1.day()).take(PAGE.into()).filter(|it| offer.in_reach(*it)).collect();
        let taken = taken(snap, &profile, &dates)?;
        let day = |date: &Date| Day { date: *date, state: state(&offer, *date, &taken) };
        Ok(Some((service, dates.iter().map(day).collect())))
    })
}

/// Returns the free slots of `date` for a visit of `service`; none if it is not offered.
///
/// # Errors
///
/// As [`page`].
pub fn day(
    deps: &ClientDeps,
    service: ServiceId,
    date: Date,
) -> Result<Option<(Service, Vec<Slot>)>, StoreError> {
    let (profile, now) = (deps.profile(), deps.clock.now());
    deps.store.read(|snap| {
        let Some(service) = services::get(snap, service)? else { return Ok(None) };
        let schedule: Schedule = settings::get(snap)?.schedule;
        let length = service.visit.length.duration();
        let offer = Offer { schedule: &schedule, zone: &profile.zone, now, length };
        let free = offer.free(date, &taken(snap, &profile, &[date])?);
        Ok(Some((service, free)))
    })
}

fn state(offer: &Offer<'_>, date: Date, taken: &[Slot]) -> DayState {
    if offer.schedule.hours(date).is_none() {
        return DayState::Closed;
    }
    match offer.free(date, taken).len() {
        0 => DayState::Full,
        free => DayState::Free(free),
    }
}

fn taken(snap: &impl Read, profile: &Profile, dates: &[Date]) -> Result<Vec<Slot>, StoreError> {
    let from = dates.first().and_then(|date| day_bounds(*date, &profile.zone));
    let until = dates.last().and_then(|date| day_bounds(*date, &profile.zone));
    match from.zip(until) {
        Some(((from, _), (_, until))) => bookings::taken(snap, from, until),
        None => Ok(Vec::new()), // Beyond the calendar, where nothing is offered either.
    }
}
