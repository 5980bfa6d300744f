//! Days, times and lengths in words.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use super::words::{Words, say};

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Returns a weekday's short name: `Пн`, `Mon`.
pub fn short_weekday(words: Words, day: Weekday) -> String {
    say!(words, "common-weekday-short", day = weekday_key(day))
}

/// Returns a date without its year: `23 ноября`, `23 November`.
pub fn date(words: Words, date: Date) -> String {
    let month = usize::from(date.month().unsigned_abs()).saturating_sub(1);
    let month = MONTHS.get(month).copied().unwrap_or_default();
    say!(words, "common-day-of-month", day = i64::from(date.day()), month = month)
}

/// Returns a date with its weekday: `понедельник, 23 ноября`, `Monday, 23 November`.
pub fn long_date(words: Words, day: Date) -> String {
    let weekday = say!(words, "common-weekday", day = weekday_key(day.weekday()));
    format!("{weekday}, {}", date(words, day))
}

/// Returns a date for a button: `Пн, 23 ноября`, `Mon, 23 November`.
pub fn short_date(words: Words, day: Date) -> String {
    format!("{}, {}", short_weekday(words, day.weekday()), date(words, day))
}

/// Returns the time that the wall clock of `zone` shows at `at`: `09:30`.
pub fn time(at: Timestamp, zone: &TimeZone) -> String {
    clock(&at.to_zoned(zone.clone()))
}

/// Returns a date and a time on the wall clock of `zone`: `понедельник, 23 ноября, 09:30`.
pub fn moment(words: Words, at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned(zone.clone());
    format!("{}, {}", long_date(words, zoned.date()), clock(&zoned))
}

/// Returns a moment for a button: `23 ноября, 09:30`.
pub fn short_moment(words: Words, at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned(zone.clone());
    format!("{}, {}", date(words, zoned.date()), clock(&zoned))
}

/// Returns how far a day is from today: `сегодня`, `завтра`, `через 5 дней`.
pub fn distance(words: Words, day: Date, today: Date) -> String {
    let days = today.until(day).map_or(0, |span| span.get_days());
    say!(words, "common-distance", days = i64::from(days.max(0)))
}

/// Returns a number of whole hours: `24 часа`, `24 hours`.
pub fn hours(words: Words, length: SignedDuration) -> String {
    say!(words, "common-hours", count = length.as_hours())
}

/// Returns a length of time in minutes as people say it: `1 ч 30 мин`, `1 h 30 min`.
pub fn length(words: Words, minutes: u16) -> String {
    match (i64::from(minutes / 60), i64::from(minutes % 60)) {
        (0, minutes) => say!(words, "common-length-minutes", minutes = minutes),
        (hours, 0) => say!(words, "common-length-hours", hours = hours),
        (hours, minutes) => say!(words, "common-length", hours = hours, minutes = minutes),
    }
}

const fn weekday_key(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "mon",
        Weekday::Tuesday => "tue",
        Weekday::Wednesday => "wed",
        Weekday::Thursday => "thu",
        Weekday::Friday => "fri",
        Weekday::Saturday => "sat",
        Weekday::Sunday => "sun",
    }
}

fn clock(zoned: &Zoned) -> String {
    format!("{:02}:{:02}", zoned.hour(), zoned.minute())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::locale::Locale;

    const RU: Words = Words::new(Locale::Ru);
    const EN: Words = Words::new(Locale::En);

    #[test]
    fn a_moment_is_told_on_the_wall_clock_of_the_zone() {
        let at: Timestamp = "2026-11-23T22:30:00Z".parse().unwrap();
        let zone = TimeZone::get("Europe/Moscow").unwrap();
        assert_eq!(moment(RU, at, &zone), "вторник, 24 ноября, 01:30");
        assert_eq!(short_moment(EN, at, &zone), "24 November, 01:30");
        let zone = TimeZone::get("America/New_York").unwrap();
        assert_eq!(moment(RU, at, &zone), "понедельник, 23 ноября, 17:30");
        assert_eq!(moment(EN, at, &zone), "Monday, 23 November, 17:30");
    }

    #[test]
    fn each_day_and_month_has_its_own_name() {
        for words in [RU, EN] {
            let mut names = BTreeSet::new();
            let mut day = jiff::civil::date(2026, 1, 5);
            for _ in 0..12 {
                names.insert(date(words, day));
                day = day.checked_add(jiff::Span::new().months(1)).unwrap();
            }
            let week = Weekday::Monday.cycle_forward().take(7);
            names.extend(week.map(|day| short_weekday(words, day)));
            assert_eq!(names.len(), 19);
        }
    }

    #[test]
    fn distances_and_lengths_have_the_right_forms() {
        let today = jiff::civil::date(2026, 11, 23);
        let far = |words, days: i32| {
            let day = today.checked_add(jiff::Span::new().days(days)).unwrap();
            distance(words, day, today)
        };
        let said = [-1, 0, 1, 2, 5, 21].map(|days| far(RU, days)).join("|");
        assert_eq!(said, "сегодня|сегодня|завтра|через 2 дня|через 5 дней|через 21 день");
        let said = [0, 1, 2, 21].map(|days| far(EN, days)).join("|");
        assert_eq!(said, "today|tomorrow|in 2 days|in 21 days");
        assert_eq!([45, 60, 90].map(|it| length(RU, it)).join("|"), "45 мин|1 ч|1 ч 30 мин");
        assert_eq!([45, 60, 90].map(|it| length(EN, it)).join("|"), "45 min|1 h|1 h 30 min");
        let hour = SignedDuration::from_hours;
        assert_eq!([1, 2, 24].map(|it| hours(RU, hour(it))).join("|"), "1 час|2 часа|24 часа");
        assert_eq!([1, 24].map(|it| hours(EN, hour(it))).join("|"), "1 hour|24 hours");
    }
}
