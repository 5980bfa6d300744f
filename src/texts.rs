//! Every word that people read. Functions take [`Words`], which hold the language, and the domain's
//! values, and return texts.

pub mod calendar;
pub mod client;
pub mod master;
pub mod notices;
pub mod page;
pub mod sales;
pub mod words;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use self::words::Words;
use self::words::say;
use crate::domain::money::Money;
use crate::domain::plan::Plan;

/// Says what is paid for, in the provider's cabinet and on the receipt.
pub fn payment_description(words: Words, plan: &Plan) -> String {
    let length = words.days(i64::from(plan.days.get()));
    say!(words, "common-payment-description", plan = plan.name.as_str(), length = length)
}

/// Says in the provider's cabinet why money is given back.
pub fn refund_description(words: Words) -> String {
    say!(words, "common-refund-description")
}

/// Writes an amount for people: `299 ₽`, `299,50 ₽`.
pub fn money(amount: Money) -> String {
    let (roubles, kopecks) = (amount.kopecks() / 100, amount.kopecks() % 100);
    if kopecks == 0 { format!("{roubles} ₽") } else { format!("{roubles},{kopecks:02} ₽") }
}

/// Writes a number of days with the right form of the word.
pub fn days(count: i64) -> String {
    format!("{count} {}", plural(count, ["день", "дня", "дней"]))
}

/// Counts the days from `now` until `until`; a day that has begun is one.
pub fn days_left(until: Timestamp, now: Timestamp) -> i64 {
    (until.duration_since(now).as_secs().max(0) + 86_399) / 86_400
}

/// Picks the form of a Russian noun for a number: one, few, many.
pub fn plural(count: i64, [one, few, many]: [&'static str; 3]) -> &'static str {
    let (tens, ones) = (count.unsigned_abs() / 10 % 10, count.unsigned_abs() % 10);
    match ones {
        1 if tens != 1 => one,
        2..=4 if tens != 1 => few,
        _ => many,
    }
}

/// Writes a day as `23.11.2026` in the reader's zone.
pub fn date(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%d.%m.%Y").to_string()
}

/// Writes an instant as `23.11.2026 14:05` in the reader's zone.
pub fn date_time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%d.%m.%Y %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_agree_with_their_numbers() {
        let said: Vec<_> = [1, 2, 5, 11, 14, 21, 22, 111, 112, 365].map(days).into();
        let expected =
            "1 день|2 дня|5 дней|11 дней|14 дней|21 день|22 дня|111 дней|112 дней|365 дней";
        assert_eq!(said.join("|"), expected);
        assert_eq!(money("299.00".parse().unwrap()), "299 ₽");
        assert_eq!(money("299.50".parse().unwrap()), "299,50 ₽");
    }
}
