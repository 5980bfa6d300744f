//! The private chat that an update came from, to answer in.

use std::fmt::Display;

use teloxide::requests::{HasPayload, Requester};
use teloxide::types::{
    ChatId, InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, KeyboardMarkup,
    MessageEntity, MessageId, ReplyMarkup, Update, UpdateKind,
};

use super::BotError;
use crate::domain::ids::UserId;
use crate::external::telegram::{Speaker, TelegramError};

/// The private chat that an update came from, to answer in.
#[derive(Clone)]
pub struct Reply {
    bot: Speaker,
    person: UserId,
    /// The message whose button was pressed.
    pressed: Option<MessageId>,
    /// The message that the person sent.
    sent: Option<MessageId>,
}

impl Reply {
    /// Returns the chat of `update`, if it is a private one and a message or a press.
    pub fn to(update: &Update, bot: Speaker) -> Option<Self> {
        let from = update.from()?;
        let person = UserId::new(i64::try_from(from.id.0).ok()?).ok()?;
        let (chat, pressed, sent) = match &update.kind {
            UpdateKind::Message(message) => (message.chat.id, None, Some(message.id)),
            UpdateKind::CallbackQuery(query) => {
                let message = query.message.as_ref()?;
                (message.chat().id, Some(message.id()), None)
            }
            _ => return None,
        };
        (chat.0 == person.get()).then_some(Self { bot, person, pressed, sent })
    }

    /// Returns who is answered.
    pub const fn person(&self) -> UserId {
        self.person
    }

    /// Returns the message whose button was pressed.
    pub fn pressed(&self) -> Option<i32> {
        self.pressed.map(|message| message.0)
    }

    /// Says `words`.
    ///
    /// # Errors
    ///
    /// Returns [`BotError`] if Telegram does not take them.
    pub async fn say(&self, words: impl Into<String>) -> Result<(), BotError> {
        self.bot.send(self.chat(), self.bot.send_message(self.chat(), words)).await?;
        Ok(())
    }

    /// Says `words` with buttons below them, or with a keyboard for the chat.
    ///
    /// # Errors
    ///
    /// As [`Reply::say`].
    pub async fn say_with(
        &self,
        words: impl Into<String>,
        markup: impl Into<ReplyMarkup>,
    ) -> Result<(), BotError> {
        let mut request = self.bot.send_message(self.chat(), words);
        request.payload_mut().reply_markup = Some(markup.into());
        self.bot.send(self.chat(), request).await?;
        Ok(())
    }

    /// Puts `words` and `buttons` in place of the message whose button was pressed; says them anew
    /// if none was, or if Telegram no longer lets it be changed.
    ///
    /// # Errors
    ///
    /// As [`Reply::say`].
    pub async fn show(
        &self,
        words: impl Into<String>,
        buttons: InlineKeyboardMarkup,
    ) -> Result<(), BotError> {
        let words = words.into();
        let Some(message) = self.pressed else { return self.say_with(words, buttons).await };
        let mut request = self.bot.edit_message_text(self.chat(), message, words.clone());
        request.payload_mut().reply_markup = Some(buttons.clone());
        match self.bot.send(self.chat(), request).await {
            Ok(_) | Err(TelegramError::NotModified) => Ok(()),
            Err(TelegramError::Refused(_)) => self.say_with(words, buttons).await,
            Err(err) => Err(err.into()),
        }
    }

    /// As [`Reply::show`], with `block` under the words in letters of one width, as it is.
    ///
    /// # Errors
    ///
    /// As [`Reply::say`].
    pub async fn show_block(
        &self,
        words: &str,
        block: &str,
        buttons: InlineKeyboardMarkup,
    ) -> Result<(), BotError> {
        let text = format!("{words}\n\n{block}");
        let (start, length) = (words.encode_utf16().count() + 2, block.encode_utf16().count());
        let entities = vec![MessageEntity::pre(None, start, length)];
        if let Some(message) = self.pressed {
            let mut request = self.bot.edit_message_text(self.chat(), message, text.clone());
            request.payload_mut().reply_markup = Some(buttons.clone());
            request.payload_mut().entities = Some(entities.clone());
            match self.bot.send(self.chat(), request).await {
                Ok(_) | Err(TelegramError::NotModified) => return Ok(()),
                Err(TelegramError::Refused(_)) => {} // It is said anew.
                Err(err) => return Err(err.into()),
            }
        }
        let mut request = self.bot.send_message(self.chat(), text);
        request.payload_mut().reply_markup = Some(buttons.into());
        request.payload_mut().entities = Some(entities);
        self.bot.send(self.chat(), request).await?;
        Ok(())
    }

    /// Deletes the message that the person sent, and tells whether it is gone.
    pub async fn forget_message(&self) -> bool {
        match self.sent {
            Some(message) => {
                self.bot.ask(self.bot.delete_message(self.chat(), message)).await.is_ok()
            }
            None => false,
        }
    }

    const fn chat(&self) -> ChatId {
        ChatId(self.person.get())
    }
}

/// Makes a button that comes back as `data`.
pub fn button(label: impl Into<String>, data: impl Display) -> InlineKeyboardButton {
    InlineKeyboardButton::callback(label, data.to_string())
}

/// Makes rows of one button each.
pub fn column(buttons: impl IntoIterator<Item = InlineKeyboardButton>) -> InlineKeyboardMarkup {
    InlineKeyboardMarkup::new(buttons.into_iter().map(|button| [button]))
}

/// Makes rows of several buttons each.
pub fn grid(rows: impl IntoIterator<Item = Vec<InlineKeyboardButton>>) -> InlineKeyboardMarkup {
    InlineKeyboardMarkup::new(rows.into_iter().filter(|row| !row.is_empty()))
}

/// Takes the buttons of a message away.
pub fn no_buttons() -> InlineKeyboardMarkup {
    InlineKeyboardMarkup::new(Vec::<Vec<InlineKeyboardButton>>::new())
}

/// Makes the keyboard that stays below the chat.
pub fn menu<L: Into<String>>(rows: Vec<Vec<L>>) -> KeyboardMarkup {
    let row = |row: Vec<L>| row.into_iter().map(|label| KeyboardButton::new(label));
    let mut keyboard = KeyboardMarkup::new(rows.into_iter().map(row));
    keyboard.resize_keyboard = true;
    keyboard.is_persistent = true;
    keyboard
}
