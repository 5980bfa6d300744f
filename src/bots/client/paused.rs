//! What the bot says while its client has not paid. Nothing is lost meanwhile.

use super::turn::Turn;
use crate::bots::BotError;
use crate::domain::profile::PauseReason;
use crate::texts::client as texts;
use crate::texts::client::owner as owner_texts;

/// Answers a message, of whatever kind. The owner hears why, and where to pay.
pub(super) async fn said(turn: &Turn, why: PauseReason) -> Result<(), BotError> {
    if !turn.is_owner() {
        return turn.say_with_menu(texts::paused(turn.words)).await;
    }
    let words = owner_texts::paused(turn.words, &turn.profile, why);
    let link = turn.profile.sales_bot.as_ref().map(owner_texts::link);
    match (why, link) {
        (PauseReason::Expiry, Some(link)) => {
            turn.say_with_link(words, owner_texts::pay_button(turn.words), &link).await
        }
        (PauseReason::Expiry, None) | (PauseReason::Operator, _) => turn.say_with_menu(words).await,
    }
}

/// Answers a pressed button: for a customer over the chat, so that nothing is said twice.
pub(super) async fn pressed(turn: &Turn, why: PauseReason) -> Result<(), BotError> {
    if turn.is_owner() {
        return said(turn, why).await;
    }
    turn.answer(texts::paused(turn.words));
    Ok(())
}
