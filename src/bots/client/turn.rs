//! One update of a private chat, and the ways to answer it.

use std::sync::Arc;

use teloxide::Bot;
use teloxide::payloads::{EditMessageTextSetters, SendMessageSetters};
use teloxide::requests::Requester;
use teloxide::types::{
    CallbackQuery, ChatId, InlineKeyboardButton, InlineKeyboardMarkup, Message, MessageId, User,
};

use super::button::Button;
use super::{Step, menu};
use crate::actions::client_deps::ClientDeps;
use crate::bots::BotError;
use crate::bots::talk::{self, Talk, Toast};
use crate::domain::booking::{Cause, Customer, CustomerName};
use crate::domain::ids::UserId;
use crate::domain::profile::Profile;
use crate::external::telegram::TelegramError;
use crate::store::StoreError;
use crate::texts::Words;

/// One update of a private chat, and the ways to answer it.
pub(super) struct Turn {
    pub(super) deps: ClientDeps,
    /// The profile at the beginning of the turn.
    pub(super) profile: Arc<Profile>,
    /// The language to answer in.
    pub(super) words: Words,
    pub(super) customer: Customer,
    pub(super) talk: Talk<Step>,
    pub(super) cause: Cause,
    bot: Bot,
    toast: Toast,
    /// The message whose button was pressed.
    pressed: Option<MessageId>,
}

/// The buttons under a message.
pub(super) type Rows = Vec<Vec<InlineKeyboardButton>>;

/// Makes a button.
pub(super) fn button(label: impl Into<String>, button: Button) -> InlineKeyboardButton {
    InlineKeyboardButton::callback(label.into(), button.to_string())
}

impl Turn {
    /// Makes the turn of a message; none unless a person wrote it in a private chat.
    pub(super) fn of_message(
        bot: Bot,
        deps: ClientDeps,
        message: &Message,
        talk: Talk<Step>,
        toast: Toast,
        cause: talk::Cause,
    ) -> Result<Option<Self>, StoreError> {
        match message.from.as_ref().filter(|_| message.chat.is_private()) {
            Some(person) => Self::new(bot, deps, person, talk, toast, cause),
            None => Ok(None),
        }
    }

    /// Makes the turn of a pressed button; none unless it was in the person's private chat.
    pub(super) fn of_press(
        bot: Bot,
        deps: ClientDeps,
        query: &CallbackQuery,
        talk: Talk<Step>,
        toast: Toast,
        cause: talk::Cause,
    ) -> Result<Option<Self>, StoreError> {
        let message = query.message.as_ref().filter(|message| message.chat().is_private());
        let Some(message) = message else { return Ok(None) };
        let turn = Self::new(bot, deps, &query.from, talk, toast, cause)?;
        Ok(turn.map(|turn| Self { pressed: Some(message.id()), ..turn }))
    }

    fn new(
        bot: Bot,
        deps: ClientDeps,
        person: &User,
        talk: Talk<Step>,
        toast: Toast,
        cause: talk::Cause,
    ) -> Result<Option<Self>, StoreError> {
        let id = i64::try_from(person.id.0).ok().and_then(|id| UserId::new(id).ok());
        let cause = u32::try_from(cause.update).ok().map(Cause);
        let Some((id, cause)) = id.zip(cause) else { return Ok(None) };
        let name = match &person.username {
            Some(username) => format!("{} (@{username})", person.full_name()),
            None => person.full_name(),
        };
        let customer = Customer { id, name: CustomerName::new(&name) };
        let (profile, words) = (deps.profile(), deps.words()?);
        let pressed = None;
        Ok(Some(Self { deps, profile, words, customer, talk, cause, bot, toast, pressed }))
    }

    /// Whether the business's owner is speaking.
    pub(super) fn is_owner(&self) -> bool {
        self.customer.id == self.profile.owner
    }

    /// Says something, with buttons under it: in place of the message whose button was pressed, or,
    /// if that is not possible, in a new one.
    pub(super) async fn show(&self, text: impl Into<String>, rows: Rows) -> Result<(), BotError> {
        let (text, keyboard) = (text.into(), InlineKeyboardMarkup::new(rows));
        if let Some(message) = self.pressed {
            let edit = self.bot.edit_message_text(self.chat(), message, text.clone());
            match edit.reply_markup(keyboard.clone()).await.map_err(TelegramError::from) {
                Ok(_) | Err(TelegramError::NotModified) => return Ok(()),
                Err(TelegramError::Refused(_)) => {} // It is too old, or was deleted.
                Err(err) => return Err(err.into()),
            }
        }
        self.bot.send_message(self.chat(), text).reply_markup(keyboard).await?;
        Ok(())
    }

    /// Says something in a new message, with a button below that opens a link, if it is one.
    pub(super) async fn say_with_link(
        &self,
        text: String,
        label: String,
        link: &str,
    ) -> Result<(), BotError> {
        let Ok(url) = link.parse() else { return self.say_with_menu(text).await };
        let keyboard = InlineKeyboardMarkup::new([[InlineKeyboardButton::url(label, url)]]);
        self.bot.send_message(self.chat(), text).reply_markup(keyboard).await?;
        Ok(())
    }

    /// Says something in a new message, with the person's menu below.
    pub(super) async fn say_with_menu(&self, text: impl Into<String>) -> Result<(), BotError> {
        self.say_with_menu_in(self.words, text).await
    }

    /// As [`Turn::say_with_menu`], with the menu in this language.
    pub(super) async fn say_with_menu_in(
        &self,
        words: Words,
        text: impl Into<String>,
    ) -> Result<(), BotError> {
        let keyboard = if self.is_owner() { menu::owners(words) } else { menu::customers(words) };
        self.bot.send_message(self.chat(), text).reply_markup(keyboard).await?;
        Ok(())
    }

    /// Answers a press over the chat, and changes nothing in it.
    pub(super) fn answer(&self, text: impl Into<String>) {
        self.toast.say(text);
    }

    /// In a private chat the person is the chat.
    fn chat(&self) -> ChatId {
        ChatId(self.customer.id.get())
    }
}
