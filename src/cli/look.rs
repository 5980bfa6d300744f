//! How things look to a person: colours, times, amounts.

use std::io::{self, IsTerminal};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustix::termios::tcgetwinsize;

/// What stands where there is nothing.
pub(super) const NOTHING: &str = "-";

/// What a text's colour says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    /// Nothing.
    #[default]
    Plain,
    /// All is well.
    Good,
    /// Soon to be looked at.
    Warm,
    /// Something is wrong.
    Bad,
    /// A heading, or what matters less.
    Faint,
    /// What matters more.
    Strong,
}

/// How to look for the one who reads.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) colours: bool,
    /// How many columns there are; `None` if nobody counts them.
    pub(super) width: Option<usize>,
    pub(super) zone: TimeZone,
}

impl Look {
    /// Returns the look of the standard output: colours on a terminal, unless `NO_COLOR` is set
    /// (<https://no-color.org>) or the terminal is dumb.
    pub(super) fn of_output() -> Self {
        let out = io::stdout();
        let terminal = out.is_terminal();
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let columns = || tcgetwinsize(&out).ok().map(|size| usize::from(size.ws_col));
        Self {
            colours: terminal && !set("NO_COLOR") && !dumb,
            width: if terminal { columns().filter(|columns| *columns > 20) } else { None },
            zone: TimeZone::try_system().unwrap_or(TimeZone::UTC),
        }
    }

    /// Colours a text.
    pub(super) fn paint(&self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Good => "32",
            Tone::Warm => "33",
            Tone::Bad => "31;1",
            Tone::Faint => "2",
            Tone::Strong => "1",
            Tone::Plain => "",
        };
        if self.colours && !code.is_empty() && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// Shows a moment as the clock on this host's wall shows it.
    pub(super) fn time(&self, at: Option<Timestamp>) -> String {
        self.at(at, "%Y-%m-%d %H:%M")
    }

    /// Shows a moment to the second.
    pub(super) fn second(&self, at: Timestamp) -> String {
        self.at(Some(at), "%Y-%m-%d %H:%M:%S")
    }

    fn at(&self, at: Option<Timestamp>, form: &str) -> String {
        let shown = |at: Timestamp| at.to_zoned(self.zone.clone()).strftime(form).to_string();
        at.map_or_else(|| NOTHING.to_owned(), shown)
    }
}

/// Shows a length of time in its largest units.
pub(super) fn length(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if days >= 10 => format!("{days} d"),
        () if days > 0 => format!("{days} d {} h", hours % 24),
        () if hours > 0 => format!("{hours} h {} min", minutes % 60),
        () if minutes > 0 => format!("{minutes} min"),
        () => format!("{seconds} s"),
    }
}

/// Shows a number of bytes.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let (mut tenths, mut unit) = (u128::from(bytes) * 10 / 1024, UNITS[0]);
    for next in &UNITS[1..] {
        if tenths < 10_240 {
            break;
        }
        (tenths, unit) = (tenths / 1024, next);
    }
    if bytes < 1024 {
        format!("{bytes} B")
    } else {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

/// Returns the text on one line, with nothing in it that a terminal obeys.
pub(super) fn one_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    text.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_sizes_are_short() {
        let told = [0, 59, 60, 3_599, 3_600, 90_000, 864_000].map(length);
        assert_eq!(told, ["0 s", "59 s", "1 min", "59 min", "1 h 0 min", "1 d 1 h", "10 d"]);
        let told = [0, 1023, 1024, 1536, 1 << 20, (1 << 30) + (1 << 29), 1 << 50].map(size);
        assert_eq!(
            told,
            ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "1.5 GiB", "1024.0 TiB"]
        );
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_printed() {
        assert_eq!(one_line("a\x1b[31mb\nc\u{202e}d"), "a [31mb cd");
    }
}
