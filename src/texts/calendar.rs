//! Days, times and counts in words.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::plural;

const MONTHS: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];

/// Returns a weekday's name: `понедельник`.
pub const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "понедельник",
        Weekday::Tuesday => "вторник",
        Weekday::Wednesday => "среда",
        Weekday::Thursday => "четверг",
        Weekday::Friday => "пятница",
        Weekday::Saturday => "суббота",
        Weekday::Sunday => "воскресенье",
    }
}

/// Returns a weekday's short name: `Пн`.
pub const fn short_weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Пн",
        Weekday::Tuesday => "Вт",
        Weekday::Wednesday => "Ср",
        Weekday::Thursday => "Чт",
        Weekday::Friday => "Пт",
        Weekday::Saturday => "Сб",
        Weekday::Sunday => "Вс",
    }
}

/// Returns a date without its year: `23 ноября`.
pub fn date(date: Date) -> String {
    let month = usize::from(date.month().unsigned_abs()).saturating_sub(1);
    format!("{} {}", date.day(), MONTHS.get(month).copied().unwrap_or_default())
}

/// Returns a date with its weekday: `понедельник, 23 ноября`.
pub fn long_date(day: Date) -> String {
    format!("{}, {}", weekday(day.weekday()), date(day))
}

/// Returns a date for a button: `Пн, 23 ноября`.
pub fn short_date(day: Date) -> String {
    format!("{}, {}", short_weekday(day.weekday()), date(day))
}

/// Returns the time that the wall clock of `zone` shows at `at`: `09:30`.
pub fn time(at: Timestamp, zone: &TimeZone) -> String {
    clock(&at.to_zoned(zone.clone()))
}

/// Returns a date and a time on the wall clock of `zone`: `понедельник, 23 ноября, 09:30`.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned(zone.clone());
    format!("{}, {}", long_date(zoned.date()), clock(&zoned))
}

/// Returns a moment for a button: `23 ноября, 09:30`.
pub fn short_moment(at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned(zone.clone());
    format!("{}, {}", date(zoned.date()), clock(&zoned))
}

/// Returns how far a day is from today: `сегодня`, `завтра`, `через 5 дней`.
pub fn distance(day: Date, today: Date) -> String {
    match today.until(day).map_or(0, |span| span.get_days()) {
        ..=0 => "сегодня".to_owned(),
        1 => "завтра".to_owned(),
        days => format!("через {}", count(i64::from(days), ["день", "дня", "дней"])),
    }
}

/// Returns a number with its noun in the form that it asks for: one, few, many.
pub fn count(number: i64, forms: [&'static str; 3]) -> String {
    format!("{number} {}", plural(number, forms))
}

/// Returns a length of time in minutes as people say it: `1 ч 30 мин`.
pub fn length(minutes: u16) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} мин"),
        (hours, 0) => format!("{hours} ч"),
        (hours, minutes) => format!("{hours} ч {minutes} мин"),
    }
}

fn clock(zoned: &Zoned) -> String {
    format!("{:02}:{:02}", zoned.hour(), zoned.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_on_the_wall_clock_of_the_zone() {
        let at: Timestamp = "2026-11-23T22:30:00Z".parse().unwrap();
        let zone = TimeZone::get("Europe/Moscow").unwrap();
        assert_eq!(moment(at, &zone), "вторник, 24 ноября, 01:30");
        let zone = TimeZone::get("America/New_York").unwrap();
        assert_eq!(moment(at, &zone), "понедельник, 23 ноября, 17:30");
    }
}
