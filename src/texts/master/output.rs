//! What a client's bot has last written.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::client::Client;
use crate::texts::words::{Words, say};

/// How much of a message the lines may take, as Telegram counts: 4096 less a heading.
pub const ROOM_FOR_LINES: usize = 3600;
/// The most of one line.
const LONGEST_LINE: usize = 600;

/// Heads the last lines.
pub fn output(words: Words, client: &Client, (now, zone): (Timestamp, &TimeZone)) -> String {
    let at = words.date_time(now, zone);
    say!(words, "master-output", bot = client.bot.username.as_str(), at = at)
}

/// Says that there are none.
pub fn no_output(words: Words, client: &Client, (now, zone): (Timestamp, &TimeZone)) -> String {
    let at = words.date_time(now, zone);
    say!(words, "master-output-none", bot = client.bot.username.as_str(), at = at)
}

/// Returns the last of the lines that fit `room`, as Telegram counts, one below the other.
pub fn last_that_fit(lines: &[String], room: usize) -> String {
    let (mut kept, mut used) = (Vec::new(), 0);
    for line in lines.iter().rev() {
        let mut line: String = line.chars().take(LONGEST_LINE).collect();
        line.truncate(line.trim_end().len());
        let length = line.encode_utf16().count() + 1;
        if used + length > room {
            break;
        }
        used += length;
        kept.push(line);
    }
    kept.reverse();
    kept.join("\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_shown_fits_and_is_the_last(lines in prop::collection::vec("[a-я😀 ]{0,700}", 0..30)) {
            let shown = last_that_fit(&lines, ROOM_FOR_LINES);
            prop_assert!(shown.encode_utf16().count() <= ROOM_FOR_LINES);
            let last = lines.last().map(|line| line.chars().take(LONGEST_LINE).collect::<String>());
            prop_assert!(last.is_none_or(|last| shown.ends_with(last.trim_end())));
        }
    }
}
