//! What the bot says while its client has not paid. Nothing is lost meanwhile.

use super::turn::Turn;
use crate::bots::BotError;
use crate::texts::client as texts;
use crate::texts::client::owner as owner_texts;

/// Answers a message.
pub(super) async fn said(turn: &Turn) -> Result<(), BotError> {
    if turn.is_owner() {
        turn.say_with_menu(owner_texts::paused(&turn.profile)).await
    } else {
        turn.say_with_menu(texts::PAUSED).await
    }
}

/// Answers a pressed button: for a customer over the chat, so that nothing is said twice.
pub(super) async fn pressed(turn: &Turn) -> Result<(), BotError> {
    if turn.is_owner() {
        return said(turn).await;
    }
    turn.answer(texts::PAUSED);
    Ok(())
}
