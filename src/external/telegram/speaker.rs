//! A bot's voice: within Telegram's limits, and counted.

use std::ops::Deref;

use teloxide::RequestError;
use teloxide::adaptors::Throttle;

use super::TelegramError;
use crate::metrics::BotMeter;

/// A bot that keeps within Telegram's limits of messages by itself; cheap to clone.
///
/// Its requests are made with the bot that it stands for, and awaited by [`Speaker::ask`], which
/// counts them.
#[derive(Clone, Debug)]
pub struct Speaker {
    bot: Throttle<teloxide::Bot>,
    meter: BotMeter,
}

impl Deref for Speaker {
    type Target = Throttle<teloxide::Bot>;

    fn deref(&self) -> &Self::Target {
        &self.bot
    }
}

impl Speaker {
    pub(super) const fn new(bot: Throttle<teloxide::Bot>, meter: BotMeter) -> Self {
        Self { bot, meter }
    }

    /// Returns where this bot is counted.
    pub const fn meter(&self) -> &BotMeter {
        &self.meter
    }

    /// Sends `request`, which calls `method`, and counts what came of it.
    ///
    /// # Errors
    ///
    /// Returns [`TelegramError`].
    pub async fn ask<T>(
        &self,
        method: &'static str,
        request: impl IntoFuture<Output = Result<T, RequestError>>,
    ) -> Result<T, TelegramError> {
        let answer = request.await.map_err(TelegramError::from);
        self.meter.asked(method, &answer);
        answer
    }
}
