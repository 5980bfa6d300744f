//! When a business works: hours for each weekday, days off, and the grid that visits start on.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Weekday};

/// A minute on the wall clock, counted from midnight; 1440 is the midnight that ends the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayMinute(u16);

/// Why a number or a text is not a time of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time of the day is 00:00 to 24:00")]
pub struct InvalidDayMinute;

impl DayMinute {
    /// The midnight that ends the day.
    pub const END: Self = Self(24 * 60);

    /// Makes the time `minutes` after midnight.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidDayMinute`] if that is past the end of the day.
    pub const fn new(minutes: u16) -> Result<Self, InvalidDayMinute> {
        if minutes > Self::END.0 { Err(InvalidDayMinute) } else { Ok(Self(minutes)) }
    }

    /// Returns the minutes since midnight.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// Returns this time on the wall clock of `date`, if the calendar goes that far.
    pub fn on(self, date: Date) -> Option<DateTime> {
        date.to_datetime(jiff::civil::Time::midnight())
            .checked_add(i64::from(self.0).minutes())
            .ok()
    }
}

/// Shows the time as `09:30`.
impl fmt::Display for DayMinute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for DayMinute {
    type Err = InvalidDayMinute;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (hours, minutes) = text.trim().split_once(':').ok_or(InvalidDayMinute)?;
        let digits =
            |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(hours) || minutes.len() != 2 || !digits(minutes) {
            return Err(InvalidDayMinute);
        }
        let hours: u16 = hours.parse().map_err(|_| InvalidDayMinute)?;
        let minutes: u16 = minutes.parse().map_err(|_| InvalidDayMinute)?;
        if minutes > 59 { Err(InvalidDayMinute) } else { Self::new(hours * 60 + minutes) }
    }
}

/// The hours of one working day.
///
/// Invariant: it opens before it closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    opens: DayMinute,
    closes: DayMinute,
}

/// Why two times are not the hours of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a day opens before it closes")]
pub struct InvalidHours;

impl Hours {
    /// Nine to six.
    pub const USUAL: Self = Self { opens: DayMinute(9 * 60), closes: DayMinute(18 * 60) };

    /// Makes the hours from `opens` to `closes`.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidHours`] unless `opens < closes`.
    pub fn new(opens: DayMinute, closes: DayMinute) -> Result<Self, InvalidHours> {
        if opens < closes { Ok(Self { opens, closes }) } else { Err(InvalidHours) }
    }

    /// Returns when the day opens.
    pub const fn opens(self) -> DayMinute {
        self.opens
    }

    /// Returns when the day closes.
    pub const fn closes(self) -> DayMinute {
        self.closes
    }
}

/// How far apart the starts of visits lie, counted from the opening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// Every quarter of an hour.
    Quarter,
    /// Every half hour.
    #[default]
    Half,
    /// Every hour.
    Hour,
}

impl Step {
    /// Returns the step in minutes.
    pub const fn minutes(self) -> u16 {
        match self {
            Self::Quarter => 15,
            Self::Half => 30,
            Self::Hour => 60,
        }
    }

    /// Returns the step of so many minutes, if there is one.
    pub const fn of_minutes(minutes: u16) -> Option<Self> {
        match minutes {
            15 => Some(Self::Quarter),
            30 => Some(Self::Half),
            60 => Some(Self::Hour),
            _ => None,
        }
    }
}

/// When a business works, on the wall clock of its own time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The hours of each weekday, Monday first; none on a day off.
    pub week: [Option<Hours>; 7],
    /// Single days on which nobody works.
    pub closed: BTreeSet<Date>,
    /// How far apart the starts of visits lie.
    pub step: Step,
}

/// Monday to Friday, nine to six.
impl Default for Schedule {
    fn default() -> Self {
        let work = Some(Hours::USUAL);
        let week = [work, work, work, work, work, None, None];
        Self { week, closed: BTreeSet::new(), step: Step::default() }
    }
}

impl Schedule {
    /// Returns the hours of `date`, if it is a working day.
    pub fn hours(&self, date: Date) -> Option<Hours> {
        if self.closed.contains(&date) { None } else { self.week[index(date.weekday())] }
    }

    /// Returns the hours of `day`, if it is a working one.
    pub fn weekday(&self, day: Weekday) -> Option<Hours> {
        self.week[index(day)]
    }

    /// Makes `day` a working day with the hours of the others, or a day off.
    pub fn set_weekday(&mut self, day: Weekday, open: DayKind) {
        self.week[index(day)] = match open {
            DayKind::Working => Some(self.week[index(day)].unwrap_or(self.common_hours())),
            DayKind::Off => None,
        };
    }

    /// Gives every working day the hours `hours`.
    pub fn set_hours(&mut self, hours: Hours) {
        for day in self.week.iter_mut().flatten() {
            *day = hours;
        }
    }

    /// Returns the hours of the first working day, or the usual ones.
    pub fn common_hours(&self) -> Hours {
        self.week.iter().flatten().next().copied().unwrap_or(Hours::USUAL)
    }

    /// Returns the starts of visits on `date`, before anything is booked, as wall-clock times.
    pub fn grid(&self, date: Date) -> impl Iterator<Item = DateTime> + use<> {
        let hours = self.hours(date);
        let step = usize::from(self.step.minutes());
        let starts = hours.map(|hours| hours.opens.0..hours.closes.0).unwrap_or_default();
        starts.step_by(step).filter_map(move |minute| DayMinute(minute).on(date))
    }
}

/// Whether a weekday is worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind {
    /// The business is open.
    Working,
    /// A day off.
    Off,
}

fn index(day: Weekday) -> usize {
    usize::from(day.to_monday_zero_offset().unsigned_abs()) % 7
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_time_survives_the_trip(minutes in 0u16..=1440) {
            let time = DayMinute::new(minutes).unwrap();
            prop_assert_eq!(time.to_string().parse(), Ok(time));
        }

        #[test]
        fn nonsense_is_no_time(text in ".{0,8}|[0-9]{1,3}:[0-9]{1,3}") {
            if let Ok(time) = text.parse::<DayMinute>() {
                prop_assert!(time <= DayMinute::END);
            }
        }

        #[test]
        fn a_day_opens_before_it_closes(a in 0u16..=1440, b in 0u16..=1440) {
            let hours = Hours::new(DayMinute(a), DayMinute(b));
            prop_assert_eq!(hours.is_ok(), a < b);
        }
    }

    #[test]
    fn a_day_off_becomes_a_working_day_with_the_hours_of_the_others() {
        let mut schedule = Schedule::default();
        let late = Hours::new(DayMinute(12 * 60), DayMinute::END).unwrap();
        schedule.set_hours(late);
        schedule.set_weekday(Weekday::Sunday, DayKind::Working);
        assert_eq!(schedule.weekday(Weekday::Sunday), Some(late));
        schedule.set_weekday(Weekday::Monday, DayKind::Off);
        assert_eq!(schedule.hours(jiff::civil::date(2026, 11, 23)), None);
    }

    #[test]
    fn a_closed_day_has_no_grid() {
        let mut schedule = Schedule::default();
        let monday = jiff::civil::date(2026, 11, 23);
        assert_eq!(schedule.grid(monday).count(), 18);
        schedule.closed.insert(monday);
        assert_eq!(schedule.grid(monday).count(), 0);
        assert_eq!(schedule.grid(jiff::civil::date(2026, 11, 22)).count(), 0);
    }
}
