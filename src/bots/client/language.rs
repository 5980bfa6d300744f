//! The owner chooses the bot's language.

use super::button::{Button, OwnerButton};
use super::turn::{Turn, button};
use crate::actions::set_up;
use crate::bots::BotError;
use crate::domain::locale::Locale;
use crate::texts::Words;
use crate::texts::client::owner as texts;

/// Asks for the language.
pub(super) async fn ask(turn: &Turn) -> Result<(), BotError> {
    let one = |locale: Locale| {
        button(texts::language_button(locale), Button::Owner(OwnerButton::Language(locale)))
    };
    let rows = vec![Locale::ALL.map(one).to_vec()];
    turn.show(texts::ask_language(turn.words), rows).await
}

/// Has the bot speak `locale`, and says so in it, with the menu anew.
pub(super) async fn set(turn: &Turn, locale: Locale) -> Result<(), BotError> {
    set_up::set_language(&turn.deps, locale).await?;
    turn.say_with_menu_in(Words::new(locale), texts::language_kept(Words::new(locale))).await
}
