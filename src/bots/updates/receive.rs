//! The receiving half: asks Telegram for updates, keeps them, and only then asks again.

use std::time::Duration;

use tokio::sync::mpsc;

use super::{Health, LoopEnd, Signs};
use crate::actions::cover::Cover;
use crate::external::telegram::{self, LONG_POLL, TelegramError};
use crate::metrics::BotMeter;
use crate::store::secrets::SealError;
use crate::store::{Store, StoreError, updates};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

pub(super) struct Receiver {
    pub(super) store: Store,
    pub(super) poll: teloxide::Bot,
    pub(super) cover: Cover,
    pub(super) signs: Signs,
    pub(super) meter: BotMeter,
}

/// Why a round brought nothing.
enum Failure {
    Telegram(TelegramError),
    Store(StoreError),
    Seal(SealError),
}

impl Receiver {
    /// Hands the numbers of new updates to `lines` until the end of the token.
    pub(super) async fn receive(&self, lines: mpsc::Sender<Vec<(i64, i64)>>) -> LoopEnd {
        let mut pause = FIRST_PAUSE;
        let mut webhooks = 0;
        loop {
            // The first round, and the first after a failure, answers at once.
            let healthy = *self.signs.health.borrow() == Health::Polling;
            match self.round(if healthy { LONG_POLL } else { Duration::ZERO }).await {
                Ok(fresh) => {
                    self.signs.turn(Health::Polling);
                    (pause, webhooks) = (FIRST_PAUSE, 0);
                    if fresh.is_empty() {
                        continue;
                    }
                    self.signs.hear();
                    if lines.send(fresh).await.is_err() {
                        return LoopEnd::Stopped;
                    }
                }
                Err(Failure::Telegram(TelegramError::Unauthorized)) => {
                    self.signs.turn(Health::Unauthorized);
                    return LoopEnd::TokenRevoked;
                }
                Err(Failure::Telegram(TelegramError::WebhookSet)) if webhooks == 0 => {
                    webhooks += 1;
                    self.take_back().await;
                }
                Err(failure) => {
                    webhooks = 0;
                    tokio::time::sleep(self.troubled(&failure).unwrap_or(pause)).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Asks once and keeps what comes.
    async fn round(&self, wait: Duration) -> Result<Vec<(i64, i64)>, Failure> {
        let bot = self.signs.bot;
        let offset = self.store.read(|snap| updates::offset(snap, bot)).map_err(Failure::Store)?;
        let batch = telegram::get_updates(&self.poll, offset, wait).await;
        self.meter.asked("getUpdates", &batch);
        let batch = batch.map_err(Failure::Telegram)?.into_iter();
        let batch: Result<Vec<_>, _> = batch.map(|update| self.cover.put_on(update)).collect();
        let batch = batch.map_err(Failure::Seal)?;
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let keep = move |txn: &crate::store::Txn<'_>| updates::keep(txn, bot, &batch);
        self.store.write(keep).await.map_err(Failure::Store)
    }

    /// Takes the updates back from a webhook that was set elsewhere.
    async fn take_back(&self) {
        let answer = telegram::delete_webhook(&self.poll).await;
        self.meter.asked("deleteWebhook", &answer);
        match answer {
            Ok(()) => {
                tracing::warn!(
                    event = "bot.webhook_removed", bot = %self.signs.bot,
                    "a webhook was set"
                );
            }
            Err(err) => {
                tracing::warn!(event = "bot.webhook_stays", bot = %self.signs.bot, "{err}");
            }
        }
    }

    /// Tells of the trouble and returns how long Telegram says to wait, if it does.
    fn troubled(&self, failure: &Failure) -> Option<Duration> {
        match failure {
            Failure::Telegram(TelegramError::Conflict | TelegramError::WebhookSet) => {
                self.signs.turn(Health::Conflict);
                None
            }
            Failure::Telegram(TelegramError::RetryAfter(wait)) => Some(*wait),
            Failure::Telegram(err) => {
                tracing::debug!(event = "bot.poll_failed", bot = %self.signs.bot, "{err}");
                self.signs.turn_for(Health::Unreachable, Some(&err.to_string()));
                None
            }
            Failure::Store(err) => self.not_kept(err),
            Failure::Seal(err) => self.not_kept(err),
        }
    }

    fn not_kept(&self, err: &dyn std::error::Error) -> Option<Duration> {
        tracing::error!(event = "bot.keep_failed", bot = %self.signs.bot, "{err}");
        None
    }
}
