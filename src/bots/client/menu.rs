//! Commands, and the keyboard that stands in their place.

use teloxide::types::{KeyboardButton, KeyboardMarkup};

use crate::texts::client as texts;
use crate::texts::client::owner as owner_texts;

/// What a person can ask for at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Start,
    Stop,
    Book,
    Mine,
    About,
    Today,
    Next,
    Services,
    Hours,
}

impl Command {
    /// Reads a message as a command, or as a button of the menu.
    pub(super) fn of(text: &str) -> Option<Self> {
        let first = text.split_whitespace().next().unwrap_or_default();
        match first.split('@').next().unwrap_or_default() {
            "/start" => return Some(Self::Start),
            "/cancel" => return Some(Self::Stop),
            _ => {}
        }
        Some(match text.trim() {
            texts::MENU_BOOK => Self::Book,
            texts::MENU_MINE => Self::Mine,
            texts::MENU_ABOUT => Self::About,
            owner_texts::MENU_TODAY => Self::Today,
            owner_texts::MENU_NEXT => Self::Next,
            owner_texts::MENU_SERVICES => Self::Services,
            owner_texts::MENU_HOURS => Self::Hours,
            _ => return None,
        })
    }
}

/// Returns the customers' keyboard.
pub(super) fn customers() -> KeyboardMarkup {
    keyboard(&[&[texts::MENU_BOOK], &[texts::MENU_MINE, texts::MENU_ABOUT]])
}

/// Returns the owner's keyboard; an owner can book like a customer, too.
pub(super) fn owners() -> KeyboardMarkup {
    keyboard(&[
        &[owner_texts::MENU_TODAY, owner_texts::MENU_NEXT],
        &[owner_texts::MENU_SERVICES, owner_texts::MENU_HOURS],
        &[texts::MENU_BOOK, texts::MENU_MINE],
    ])
}

fn keyboard(rows: &[&[&str]]) -> KeyboardMarkup {
    let row = |row: &&[&str]| row.iter().map(|text| KeyboardButton::new(*text)).collect::<Vec<_>>();
    KeyboardMarkup::new(rows.iter().map(row)).resize_keyboard().persistent()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_all_that_telegram_adds() {
        assert_eq!(Command::of("/start"), Some(Command::Start));
        assert_eq!(Command::of("/start ref_1"), Some(Command::Start));
        assert_eq!(Command::of("/cancel@salon_bot"), Some(Command::Stop));
        assert_eq!(Command::of(texts::MENU_BOOK), Some(Command::Book));
        for nonsense in ["", " ", "/", "/help", "start", "Записаться", "/startle", "@"] {
            assert_eq!(Command::of(nonsense), None, "{nonsense}");
        }
    }
}
