//! Texts in bubbles, times and amounts.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::html::Html;
use crate::texts::Words;
use crate::texts::words::say;

/// Returns a message's text with its links; what is no link is as it was written.
pub(super) fn with_links(text: &str, tap: &str) -> String {
    let mut html = Html::new();
    for word in text.split_inclusive([' ', '\n']) {
        let bare = word.trim_end();
        let (bare, tail) = without_stop(bare, &word[bare.len()..]);
        if bare.starts_with("https://") || bare.starts_with("http://") {
            let link = [("href", bare), ("target", "_blank"), ("rel", "noopener noreferrer")];
            html.leaf("a", &link, bare);
        } else if is_command(bare) {
            let button = [("class", "command"), ("form", tap), ("name", "text"), ("value", bare)];
            html.leaf("button", &button, bare);
        } else {
            html.text(bare);
        }
        html.text(&tail);
    }
    html.done()
}

/// Splits the stop of a sentence from its last word.
fn without_stop<'a>(word: &'a str, space: &str) -> (&'a str, String) {
    let bare = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
    (bare, format!("{}{space}", &word[bare.len()..]))
}

fn is_command(word: &str) -> bool {
    let name = word.strip_prefix('/').unwrap_or_default();
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    !name.is_empty() && name.len() <= 32 && name.chars().all(letter)
}

/// Writes the hour: `14:05`.
pub(super) fn hour(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// Writes the hour to the second: `14:05:09`.
pub(super) fn second(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// Writes a day of this year: `25 ноября`.
pub(super) fn day(words: Words, date: Date) -> String {
    say!(words, "demo-day", day = i64::from(date.day()), month = i64::from(date.month()))
}

/// Writes a day with its weekday: `среда, 25 ноября`.
pub(super) fn long_day(words: Words, date: Date) -> String {
    let weekday = i64::from(date.weekday().to_monday_one_offset());
    let day = day(words, date);
    say!(words, "demo-long-day", weekday = weekday, day = day)
}

/// Writes an amount that the API tells: `299 ₽`.
pub(super) fn amount(words: Words, value: &str) -> String {
    value.parse().map_or_else(|_| value.to_owned(), |amount| words.money(amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_commands_can_be_pressed_and_nothing_else() {
        let shown = with_links("См. http://a.b/c, или /start.\n<b>/нет</b> a/b", "t");
        assert_eq!(
            shown,
            "См. <a href=\"http://a.b/c\" target=\"_blank\" rel=\"noopener noreferrer\">\
             http://a.b/c</a>, или <button class=\"command\" form=\"t\" name=\"text\" \
             value=\"/start\">/start</button>.\n&lt;b&gt;/нет&lt;/b&gt; a/b"
        );
        assert!(!with_links("http://\"onclick=\"x", "t").contains("\"onclick"));
    }
}
