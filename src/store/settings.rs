//! What the owner of a client's bot has set.

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use serde::{Deserialize, Serialize};

use super::rows::valid;
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::locale::Locale;
use crate::domain::schedule::{DayMinute, Hours, Schedule, Step};
use crate::domain::settings::{BookingRules, SetUp, Settings};

const TABLE: &str = "settings";
const KEY: &str = "settings";
/// Days are counted from here.
const EPOCH: Date = Date::constant(1970, 1, 1);

/// The settings as they lie on disk. A new shape is a new variant at the end.
#[derive(Serialize, Deserialize)]
enum Row {
    V1 {
        /// Opening and closing in minutes since midnight, Monday first.
        week: [Option<(u16, u16)>; 7],
        /// Days since 1970.
        closed: Vec<i32>,
        step_min: u16,
        cancel_before_s: i64,
        visits_at_once: u8,
        set_up: bool,
    },
    V2 {
        /// What was there before.
        week: [Option<(u16, u16)>; 7],
        closed: Vec<i32>,
        step_min: u16,
        cancel_before_s: i64,
        visits_at_once: u8,
        set_up: bool,
        /// A code such as `en`.
        language: Option<String>,
    },
}

impl From<&Settings> for Row {
    fn from(settings: &Settings) -> Self {
        let Settings { schedule, rules, set_up, language } = settings;
        Self::V2 {
            week: schedule.week.map(|day| day.map(|it| (it.opens().get(), it.closes().get()))),
            closed: schedule.closed.iter().map(|day| days_since_epoch(*day)).collect(),
            step_min: schedule.step.minutes(),
            cancel_before_s: rules.cancel_before.as_secs(),
            visits_at_once: rules.visits_at_once,
            set_up: *set_up == SetUp::Done,
            language: language.map(|locale| locale.code().to_owned()),
        }
    }
}

impl Row {
    fn parse(self) -> Result<Settings, StoreError> {
        let (week, closed, step_min, cancel_before_s, visits_at_once, set_up, language) = match self
        {
            Self::V1 { week, closed, step_min, cancel_before_s, visits_at_once, set_up } => {
                (week, closed, step_min, cancel_before_s, visits_at_once, set_up, None)
            }
            Self::V2 {
                week,
                closed,
                step_min,
                cancel_before_s,
                visits_at_once,
                set_up,
                language,
            } => (week, closed, step_min, cancel_before_s, visits_at_once, set_up, language),
        };
        let mut schedule = Schedule { week: [None; 7], ..Schedule::default() };
        for (day, hours) in schedule.week.iter_mut().zip(week) {
            *day = hours.map(parse_hours).transpose()?;
        }
        schedule.closed = closed.into_iter().map(parse_day).collect::<Result<_, _>>()?;
        schedule.step = valid(TABLE, Step::of_minutes(step_min).ok_or("no such step"))?;
        let cancel_before = SignedDuration::from_secs(cancel_before_s);
        let set_up = if set_up { SetUp::Done } else { SetUp::Open };
        let language = language.and_then(|code| Locale::of_code(&code));
        let rules = BookingRules { cancel_before, visits_at_once };
        Ok(Settings { schedule, rules, set_up, language })
    }
}

fn parse_hours((opens, closes): (u16, u16)) -> Result<Hours, StoreError> {
    let time = |minute| valid(TABLE, DayMinute::new(minute));
    valid(TABLE, Hours::new(time(opens)?, time(closes)?))
}

fn days_since_epoch(day: Date) -> i32 {
    EPOCH.until(day).map_or(0, |span| span.get_days())
}

fn parse_day(days: i32) -> Result<Date, StoreError> {
    valid(TABLE, EPOCH.checked_add(i64::from(days).days()))
}

/// Returns the settings; none in a file that was never used.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub fn find(txn: &impl Read) -> Result<Option<Settings>, StoreError> {
    txn.settings().get_row::<Row>(KEY)?.map(Row::parse).transpose()
}

/// Returns the settings, or the defaults.
///
/// # Errors
///
/// As [`find`].
pub fn get(txn: &impl Read) -> Result<Settings, StoreError> {
    Ok(find(txn)?.unwrap_or_default())
}

/// Keeps the settings.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be written.
pub fn put(txn: &Txn<'_>, settings: &Settings) -> Result<(), StoreError> {
    txn.settings().insert_row(KEY, &Row::from(settings))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schedule::DayKind;

    #[test]
    fn settings_survive_the_trip() {
        let mut settings = Settings { set_up: SetUp::Done, ..Settings::default() };
        settings.schedule.closed.insert(jiff::civil::date(2027, 1, 1));
        settings.schedule.set_weekday(jiff::civil::Weekday::Sunday, DayKind::Working);
        settings.schedule.step = Step::Quarter;
        settings.rules.visits_at_once = 5;
        assert_eq!(Row::from(&settings).parse().unwrap(), settings);
        settings.language = Some(Locale::En);
        assert_eq!(Row::from(&settings).parse().unwrap(), settings);
    }

    #[test]
    fn older_settings_are_read() {
        let hours = Some((540, 1080));
        let row = Row::V1 {
            week: [hours, hours, hours, hours, hours, None, None],
            closed: vec![],
            step_min: 30,
            cancel_before_s: 86_400,
            visits_at_once: 3,
            set_up: false,
        };
        assert_eq!(row.parse().unwrap(), Settings::default());
    }
}
