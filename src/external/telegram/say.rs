//! Say one thing to one person.

use teloxide::payloads::{EditMessageTextSetters, SendMessageSetters};
use teloxide::requests::Requester;
use teloxide::types::{ChatId, InlineKeyboardButton, InlineKeyboardMarkup, MessageId};

use super::{Speaker, TelegramError};
use crate::domain::ids::UserId;
use crate::texts::notices::{Button, Message};

/// Sends `message` to the private chat with `person`.
///
/// Telegram has no idempotence key: a message whose answer is lost may have been sent.
///
/// # Errors
///
/// Returns [`TelegramError`].
pub async fn say(
    speaker: &Speaker,
    person: UserId,
    message: &Message,
) -> Result<(), TelegramError> {
    let rows = message.buttons.iter().filter_map(|it| Some(vec![button(it)?]));
    let keyboard = InlineKeyboardMarkup::new(rows);
    let chat = ChatId(person.get());
    let mut request = speaker.send_message(chat, &message.text);
    if !keyboard.inline_keyboard.is_empty() {
        request = request.reply_markup(keyboard);
    }
    speaker.send(chat, request).await?;
    Ok(())
}

/// Puts `message` in place of one that the bot has sent to `person`.
///
/// # Errors
///
/// Returns [`TelegramError`]; [`TelegramError::Refused`] where there is no such message any more.
pub async fn edit(
    speaker: &Speaker,
    person: UserId,
    id: i32,
    message: &Message,
) -> Result<(), TelegramError> {
    let rows = message.buttons.iter().filter_map(|it| Some(vec![button(it)?]));
    let keyboard = InlineKeyboardMarkup::new(rows);
    let chat = ChatId(person.get());
    let request = speaker.edit_message_text(chat, MessageId(id), &message.text);
    speaker.send(chat, request.reply_markup(keyboard)).await?;
    Ok(())
}

/// A link that is no URL gets no button.
fn button(button: &Button) -> Option<InlineKeyboardButton> {
    Some(match button {
        Button::Link { label, url } => InlineKeyboardButton::url(label, url.parse().ok()?),
        Button::Press { label, data } => InlineKeyboardButton::callback(label, data),
    })
}
