//! Records as lines for people.

use serde_json::Value as Json;
use tracing::Level;

use super::record::Record;

/// How a line looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Coloured,
}

const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// Returns the record as one line with its end: time, level, message, fields.
pub(super) fn line(record: &Record<'_>, style: Style) -> String {
    let level = *record.metadata.level();
    let (dim, colour, reset) = match style {
        Style::Plain => ("", "", ""),
        Style::Coloured => (DIM, colour(level), RESET),
    };
    let time = format!("{:.0}", record.time);
    let mut line = format!("{dim}{time}{reset} {colour}{level:<5}{reset} ");
    push_visible(&mut line, record.message());
    for (name, value) in record.story().chain(record.others()) {
        line += &format!(" {dim}{name}={reset}");
        push_value(&mut line, value);
    }
    line.push('\n');
    line
}

const fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG | Level::TRACE => "\x1b[34m",
    }
}

/// Puts a value in quotes if its end would not be seen.
fn push_value(line: &mut String, value: &Json) {
    let plain = |text: &str| !text.is_empty() && !text.contains([' ', '"', '=']);
    match value {
        Json::String(text) if plain(text) => push_visible(line, text),
        value => push_visible(line, &value.to_string()),
    }
}

/// Shows control characters instead of obeying them: a text from outside must neither begin a
/// line nor steer a terminal.
fn push_visible(line: &mut String, text: &str) {
    for letter in text.chars() {
        if letter.is_control() {
            line.extend(letter.escape_default());
        } else {
            line.push(letter);
        }
    }
}
