//! Commands, and the keyboard that stands in their place.

use teloxide::types::{KeyboardButton, KeyboardMarkup};

use crate::texts::Words;
use crate::texts::client as texts;
use crate::texts::client::owner as owner_texts;
use crate::texts::words::is_label;

/// What a person can ask for at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Start,
    Stop,
    Language,
    Book,
    Mine,
    About,
    Today,
    Next,
    Services,
    Hours,
}

/// Says what stands on a button.
type Label = fn(Words) -> String;

/// The labels of the menu. Each begins with a sign of its own, the same in every language.
const LABELS: [(Label, Command); 7] = [
    (texts::menu_book, Command::Book),
    (texts::menu_mine, Command::Mine),
    (texts::menu_about, Command::About),
    (owner_texts::menu_today, Command::Today),
    (owner_texts::menu_next, Command::Next),
    (owner_texts::menu_services, Command::Services),
    (owner_texts::menu_hours, Command::Hours),
];

impl Command {
    /// Reads a message as a command, or as a button of the menu, also of one that was shown before
    /// the language was changed.
    pub(super) fn of(text: &str, words: Words) -> Option<Self> {
        let first = text.split_whitespace().next().unwrap_or_default();
        match first.split('@').next().unwrap_or_default() {
            "/start" => return Some(Self::Start),
            "/cancel" => return Some(Self::Stop),
            "/language" => return Some(Self::Language),
            _ => {}
        }
        // The other language is read into memory only when somebody speaks it.
        let sign = text.trim().chars().next()?;
        let like = LABELS.iter().find(|(label, _)| label(words).starts_with(sign));
        like.filter(|(label, _)| is_label(text, label)).map(|(_, command)| *command)
    }
}

/// Returns the customers' keyboard.
pub(super) fn customers(words: Words) -> KeyboardMarkup {
    keyboard(vec![
        vec![texts::menu_book(words)],
        vec![texts::menu_mine(words), texts::menu_about(words)],
    ])
}

/// Returns the owner's keyboard; an owner can book like a customer, too.
pub(super) fn owners(words: Words) -> KeyboardMarkup {
    keyboard(vec![
        vec![owner_texts::menu_today(words), owner_texts::menu_next(words)],
        vec![owner_texts::menu_services(words), owner_texts::menu_hours(words)],
        vec![texts::menu_book(words), texts::menu_mine(words)],
    ])
}

fn keyboard(rows: Vec<Vec<String>>) -> KeyboardMarkup {
    let row = |row: Vec<String>| row.into_iter().map(KeyboardButton::new).collect::<Vec<_>>();
    KeyboardMarkup::new(rows.into_iter().map(row)).resize_keyboard().persistent()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::locale::Locale;

    const RU: Words = Words::new(Locale::Ru);
    const EN: Words = Words::new(Locale::En);

    #[test]
    fn commands_are_read_with_all_that_telegram_adds() {
        for words in [RU, EN] {
            let of = |text: &str| Command::of(text, words);
            assert_eq!(of("/start"), Some(Command::Start));
            assert_eq!(of("/start ref_1"), Some(Command::Start));
            assert_eq!(of("/cancel@salon_bot"), Some(Command::Stop));
            assert_eq!(of("/language"), Some(Command::Language));
            for nonsense in ["", " ", "/", "/help", "start", "Записаться", "/startle", "@", "📅"]
            {
                assert_eq!(of(nonsense), None, "{nonsense}");
            }
        }
    }

    /// Every label of both keyboards is a command, in every language and from every language.
    #[test]
    fn every_label_has_its_command() {
        for words in [RU, EN] {
            for shown in [customers(words), owners(words)] {
                for label in shown.keyboard.iter().flatten() {
                    for present in [RU, EN] {
                        let command = Command::of(&label.text, present);
                        assert!(command.is_some(), "{} has no handler", label.text);
                    }
                }
            }
            for (label, command) in LABELS {
                assert_eq!(Command::of(&label(words), words), Some(command));
            }
        }
    }

    #[test]
    fn each_label_begins_with_a_sign_of_its_own() {
        let signs = |words| LABELS.map(|(label, _)| label(words).chars().next().unwrap());
        assert_eq!(signs(RU), signs(EN));
        assert_eq!(BTreeSet::from(signs(RU)).len(), LABELS.len());
    }
}
