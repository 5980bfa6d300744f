//! A talk in lines that a person can read and a test can compare.

use std::fmt;

use super::events::{Speaker, What, WorldEvent};
use super::keyboard::Button;

/// What was said, line by line, each with the name of who said it.
///
/// ```text
/// anna  > /start
/// bot   > Choose an hour.
/// anna  > [10:00]
/// bot   ~ You chose 10:00.
/// ```
///
/// `>` says, `[..]` presses, `~` changes a message, `x` deletes one, `!` answers a press. When the
/// talk is with several bots, each stands under its username.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    events: Vec<WorldEvent>,
    with_buttons: bool,
}

impl Transcript {
    pub(super) fn new(events: Vec<WorldEvent>) -> Self {
        Self { events, with_buttons: false }
    }

    /// Shows each row of inline buttons in a line below its message.
    #[must_use]
    pub fn with_buttons(mut self) -> Self {
        self.with_buttons = true;
        self
    }

    fn bot_name<'a>(&self, event: &'a WorldEvent) -> &'a str {
        let several = self.events.iter().any(|other| other.bot != event.bot);
        if several { &event.bot } else { "bot" }
    }

    /// Returns the line's speaker, mark, text and buttons; silent answers have none.
    fn line<'a>(&self, event: &'a WorldEvent) -> Option<Line<'a>> {
        let (person, bot) = (event.name.as_str(), self.bot_name(event));
        let line = |name, mark, text: &str, buttons| {
            Some(Line { name, mark, text: text.to_owned(), buttons })
        };
        match &event.what {
            What::Said { by: Speaker::Bot, text, buttons, .. } => line(bot, '>', text, buttons),
            What::Said { text, .. } => line(person, '>', text, &[]),
            What::Edited { text, buttons, .. } => line(bot, '~', text, buttons),
            What::Deleted { text, .. } => line(bot, 'x', text, &[]),
            What::Pressed { button, .. } => line(person, '>', &format!("[{}]", button.text), &[]),
            What::Answered { text, .. } => line(bot, '!', text.as_deref()?, &[]),
            What::Acting => None,
            What::Blocked => line(person, '>', "(blocks the bot)", &[]),
            What::Unblocked => line(person, '>', "(unblocks the bot)", &[]),
        }
    }
}

struct Line<'a> {
    name: &'a str,
    mark: char,
    text: String,
    buttons: &'a [Vec<Button>],
}

impl fmt::Display for Transcript {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.events.iter().filter_map(|event| self.line(event)).collect();
        let width = lines.iter().map(|line| line.name.chars().count()).max().unwrap_or(0);
        for line in &lines {
            let (name, mark) = (line.name, line.mark);
            let mut text = line.text.lines();
            writeln!(formatter, "{name:width$} {mark} {}", text.next().unwrap_or_default())?;
            for more in text {
                writeln!(formatter, "{}", format!("{:width$}   {more}", "").trim_end())?;
            }
            let rows = if self.with_buttons { line.buttons } else { &[] };
            for row in rows {
                let row: Vec<_> = row.iter().map(|button| format!("[{}]", button.text)).collect();
                writeln!(formatter, "{:width$}   {}", "", row.join(" "))?;
            }
        }
        Ok(())
    }
}
