//! Which spans of time a customer can still have.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Disambiguation, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::schedule::Schedule;

/// How many days a customer can look ahead, today included.
pub const HORIZON_DAYS: u8 = 28;

/// The half-open span of time `start..end` that one visit takes.
///
/// Invariant: `start < end`, and the span is no longer than [`Slot::LONGEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    start: Timestamp,
    end: Timestamp,
}

/// Why a start and a length are no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a visit lasts from one minute to twelve hours, not {0}")]
pub struct InvalidSlot(SignedDuration);

impl Slot {
    /// The longest visit on offer, 12 h; a scan for overlaps looks back this far.
    pub const LONGEST: SignedDuration = SignedDuration::from_hours(12);

    /// Makes the slot that starts at `start` and lasts for `length`.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidSlot`] unless `0 < length <= Slot::LONGEST`.
    pub fn new(start: Timestamp, length: SignedDuration) -> Result<Self, InvalidSlot> {
        if !(SignedDuration::ZERO < length && length <= Self::LONGEST) {
            return Err(InvalidSlot(length));
        }
        let end = start.checked_add(length).map_err(|_| InvalidSlot(length))?;
        Ok(Self { start, end })
    }

    /// Returns the first instant.
    pub const fn start(self) -> Timestamp {
        self.start
    }

    /// Returns the first instant after it.
    pub const fn end(self) -> Timestamp {
        self.end
    }

    /// Returns how long it is.
    pub fn length(self) -> SignedDuration {
        self.end.duration_since(self.start)
    }

    /// Whether both hold some instant.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// What decides which slots a business can give.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// When the business works.
    pub schedule: &'a Schedule,
    /// Where its wall clock hangs.
    pub zone: &'a TimeZone,
    /// The present instant: nothing is given before it.
    pub now: Timestamp,
    /// How long the visit takes.
    pub length: SignedDuration,
}

impl Offer<'_> {
    /// Returns the slots of `date` that begin in the future, end before the day closes and meet
    /// none of `taken`, in order.
    ///
    /// A time that the wall clock skips is not offered; of a time that it shows twice, the first.
    pub fn free(&self, date: Date, taken: &[Slot]) -> Vec<Slot> {
        if !self.in_reach(date) {
            return Vec::new();
        }
        let Some(closing) = self.closing(date) else { return Vec::new() };
        let fits = |slot: &Slot| {
            slot.start > self.now
                && slot.end <= closing
                && !taken.iter().any(|other| slot.overlaps(*other))
        };
        let starts = self.schedule.grid(date).filter_map(|wall| self.instant(wall));
        starts.filter_map(|start| Slot::new(start, self.length).ok()).filter(fits).collect()
    }

    /// Returns the slot that starts at `start`, if it is one of the free ones.
    pub fn free_at(&self, start: Timestamp, taken: &[Slot]) -> Option<Slot> {
        let date = start.to_zoned(self.zone.clone()).date();
        self.free(date, taken).into_iter().find(|slot| slot.start == start)
    }

    /// Returns today on the business's wall clock.
    pub fn today(&self) -> Date {
        self.now.to_zoned(self.zone.clone()).date()
    }

    /// Whether `date` is neither past nor beyond [`HORIZON_DAYS`].
    pub fn in_reach(&self, date: Date) -> bool {
        let today = self.today();
        let end = today.saturating_add(i64::from(HORIZON_DAYS).days());
        today <= date && date < end
    }

    fn closing(&self, date: Date) -> Option<Timestamp> {
        let wall = self.schedule.hours(date)?.closes().on(date)?;
        let zoned = self.zone.to_ambiguous_zoned(wall).disambiguate(Disambiguation::Earlier);
        zoned.ok().map(|zoned| zoned.timestamp())
    }

    fn instant(&self, wall: DateTime) -> Option<Timestamp> {
        let ambiguous = self.zone.to_ambiguous_timestamp(wall);
        match ambiguous.offset() {
            AmbiguousOffset::Gap { .. } => None,
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
                ambiguous.earlier().ok()
            }
        }
    }
}

/// Returns the instants between which all of `date` lies in `zone`.
pub fn day_bounds(date: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let start = |date: Date| {
        let zoned = zone.to_zoned(date.to_datetime(jiff::civil::Time::midnight())).ok()?;
        zoned.start_of_day().ok().map(|zoned| zoned.timestamp())
    };
    Some((start(date)?, start(date.tomorrow().ok()?)?))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::schedule::{DayMinute, Hours, Step};

    const ZONES: [&str; 6] = [
        "Europe/Berlin",
        "America/New_York",
        "Europe/Moscow",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "America/Sao_Paulo",
    ];

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn all_week(opens: u16, closes: u16, step: Step) -> Schedule {
        let hours =
            Hours::new(DayMinute::new(opens).unwrap(), DayMinute::new(closes).unwrap()).unwrap();
        Schedule { week: [Some(hours); 7], step, ..Schedule::default() }
    }

    fn walls(schedule: &Schedule, zone: &TimeZone, day: Date, minutes: i64) -> Vec<String> {
        let start = zone.to_zoned(day.to_datetime(jiff::civil::Time::midnight())).unwrap();
        let now = start.timestamp() - SignedDuration::from_hours(3);
        let offer = Offer { schedule, zone, now, length: SignedDuration::from_mins(minutes) };
        let wall = |slot: &Slot| slot.start().to_zoned(zone.clone()).strftime("%H:%M").to_string();
        offer.free(day, &[]).iter().map(wall).collect()
    }

    #[test]
    fn a_skipped_hour_is_not_offered() {
        let night = all_week(60, 300, Step::Hour);
        let day = date(2027, 3, 28); // 02:00 becomes 03:00.
        assert_eq!(walls(&night, &zone("Europe/Berlin"), day, 60), ["01:00", "03:00", "04:00"]);
        let day = date(2027, 3, 14);
        assert_eq!(walls(&night, &zone("America/New_York"), day, 60), ["01:00", "03:00", "04:00"]);
    }

    #[test]
    fn an_hour_shown_twice_is_offered_once() {
        let night = all_week(60, 300, Step::Hour);
        let times = ["01:00", "02:00", "03:00", "04:00"];
        assert_eq!(walls(&night, &zone("Europe/Berlin"), date(2027, 10, 31), 60), times);
        assert_eq!(walls(&night, &zone("America/New_York"), date(2027, 11, 7), 60), times);
    }

    #[test]
    fn no_slot_ends_after_closing() {
        let day = date(2026, 11, 23);
        let usual = all_week(9 * 60, 18 * 60, Step::Hour);
        let moscow = zone("Europe/Moscow");
        assert_eq!(walls(&usual, &moscow, day, 480), ["09:00", "10:00"]);
        assert_eq!(walls(&usual, &moscow, day, 541), [""; 0]);
        let late = all_week(22 * 60, 24 * 60, Step::Half);
        assert_eq!(walls(&late, &moscow, day, 60), ["22:00", "22:30", "23:00"]);
    }

    #[test]
    fn a_slot_that_begins_now_is_past() {
        let schedule = all_week(540, 660, Step::Hour);
        let zone = zone("Europe/Moscow");
        let now: Timestamp = "2026-11-23T06:00:00Z".parse().unwrap();
        let offer = |now| Offer {
            schedule: &schedule,
            zone: &zone,
            now,
            length: SignedDuration::from_hours(1),
        };
        assert_eq!(offer(now).free(date(2026, 11, 23), &[]).len(), 1);
        let before = now - SignedDuration::from_secs(1);
        assert_eq!(offer(before).free(date(2026, 11, 23), &[]).len(), 2);
        assert!(offer(now).free(date(2026, 11, 22), &[]).is_empty());
        assert!(offer(now).free(date(2026, 12, 21), &[]).is_empty());
        assert_eq!(offer(now).free(date(2026, 12, 20), &[]).len(), 2);
    }

    #[test]
    fn neighbours_do_not_overlap() {
        let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
        let slot = |hour, hours| Slot::new(at(hour), SignedDuration::from_hours(hours)).unwrap();
        assert!(!slot(9, 1).overlaps(slot(10, 1)));
        assert!(slot(9, 2).overlaps(slot(10, 1)));
        assert!(Slot::new(at(0), SignedDuration::ZERO).is_err());
        assert!(Slot::new(at(0), SignedDuration::from_hours(13)).is_err());
    }

    proptest! {
        #[test]
        fn what_is_offered_can_be_had(
            zone_number in 0..ZONES.len(),
            days in 0i64..3000,
            minute in 0i64..1440,
            ahead in 0i64..30,
            opens in 0u16..1380,
            open_for in 30u16..1440,
            minutes in 5i64..720,
            step in prop::sample::select(vec![Step::Quarter, Step::Half, Step::Hour]),
            taken in prop::collection::vec((0i64..2000, 5i64..720), 0..6),
        ) {
            let zone = zone(ZONES[zone_number]);
            let closes = opens.saturating_add(open_for).min(1440);
            let schedule = all_week(opens, closes, step);
            let now = Timestamp::from_second(1_790_000_000 + days * 86_400 + minute * 60).unwrap();
            let length = SignedDuration::from_mins(minutes);
            let offer = Offer { schedule: &schedule, zone: &zone, now, length };
            let day = offer.today().saturating_add(ahead.days());
            let (start, end) = day_bounds(day, &zone).unwrap();
            let taken: Vec<_> = taken
                .iter()
                .map(|(from, long)| (start + SignedDuration::from_mins(*from), *long))
                .map(|(from, long)| Slot::new(from, SignedDuration::from_mins(long)).unwrap())
                .collect();
            let free = offer.free(day, &taken);
            prop_assert!(free.is_sorted());
            for slot in free {
                prop_assert!(slot.start() > now);
                prop_assert!(start <= slot.start() && slot.end() <= end);
                prop_assert!(!taken.iter().any(|other| slot.overlaps(*other)));
                let hours = schedule.hours(day).unwrap();
                let from = slot.start().to_zoned(zone.clone());
                let until = slot.end().to_zoned(zone.clone());
                prop_assert_eq!(from.date(), day);
                prop_assert!(from.datetime() >= hours.opens().on(day).unwrap());
                prop_assert!(until.datetime() <= hours.closes().on(day).unwrap());
                prop_assert_eq!(offer.free_at(slot.start(), &taken), Some(slot));
                let more = [&taken[..], &[slot]].concat();
                prop_assert!(offer.free(day, &more).iter().all(|other| !other.overlaps(slot)));
            }
        }
    }
}
