//! A bot of the host's own that keeps within Telegram's limits of messages by itself.

use std::ops::Deref;
use std::sync::Arc;

use teloxide::RequestError;
use teloxide::requests::{HasPayload, Payload, Request};
use teloxide::types::ChatId;

use super::TelegramError;
use super::pace::{BotPace, ComeAgainIn};
use crate::metrics::BotMeter;

/// A bot that keeps within Telegram's limits of messages by itself; clones count together.
///
/// What is said in a chat goes through [`Speaker::send`], all else through [`Speaker::ask`]; both count
/// what came of it.
/// teloxide's own adaptor for this looks after its queue four times a second, and so keeps every
/// reply waiting for up to a quarter of one.
#[derive(Clone, Debug)]
pub struct Speaker {
    bot: teloxide::Bot,
    pace: Arc<BotPace<i64>>,
    meter: BotMeter,
}

impl Speaker {
    pub(super) fn new(bot: teloxide::Bot, meter: BotMeter) -> Self {
        Self { bot, pace: Arc::new(BotPace::new()), meter }
    }

    /// Returns the bot as a test wants it, which has no time to wait.
    #[cfg(test)]
    pub(crate) fn hurried(self) -> Self {
        Self { pace: Arc::new(BotPace::hurried()), ..self }
    }

    /// Returns where this bot's requests are counted.
    pub const fn meter(&self) -> &BotMeter {
        &self.meter
    }

    /// Performs a request that says nothing in a chat, and counts it.
    ///
    /// # Errors
    ///
    /// Returns [`TelegramError`].
    pub async fn ask<R>(&self, request: R) -> Result<<R::Payload as Payload>::Output, TelegramError>
    where
        R: Request<Err = RequestError> + HasPayload,
    {
        let answer = request.send().await.map_err(TelegramError::from);
        self.meter.asked(<R::Payload as Payload>::NAME, &answer);
        answer
    }

    /// Performs a request that says something in `chat`, or changes what was said, when the chat's
    /// turn has come: at once, unless much was said just before.
    ///
    /// # Errors
    ///
    /// Returns [`TelegramError`]; [`TelegramError::RetryAfter`] also without having asked Telegram.
    pub async fn send<R>(
        &self,
        chat: ChatId,
        request: R,
    ) -> Result<<R::Payload as Payload>::Output, TelegramError>
    where
        R: Request<Err = RequestError> + HasPayload,
    {
        let turn = self.pace.message(&chat.0).await;
        turn.map_err(|ComeAgainIn(wait)| TelegramError::RetryAfter(wait))?;
        let answer = self.ask(request).await;
        if let Err(TelegramError::RetryAfter(length)) = &answer {
            self.pace.pause(Some(&chat.0), *length);
        }
        answer
    }
}

impl Deref for Speaker {
    type Target = teloxide::Bot;

    fn deref(&self) -> &teloxide::Bot {
        &self.bot
    }
}
