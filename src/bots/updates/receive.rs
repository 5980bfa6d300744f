//! The receiving half: asks Telegram for updates, keeps them, and only then asks again.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::cover::Cover;
use super::{Health, LoopEnd};
use crate::domain::ids::BotId;
use crate::external::telegram::{self, LONG_POLL, TelegramError};
use crate::metrics::BotMeter;
use crate::store::secrets::SealError;
use crate::store::{Store, StoreError, updates};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

pub(super) struct Receiver {
    pub(super) store: Store,
    pub(super) bot: BotId,
    pub(super) poll: teloxide::Bot,
    pub(super) cover: Cover,
    pub(super) health: watch::Sender<Health>,
    pub(super) heard: watch::Sender<Option<Instant>>,
    pub(super) meter: BotMeter,
}

/// Why a round brought nothing.
enum Failure {
    Telegram(TelegramError),
    Store(StoreError),
    Seal(SealError),
}

impl Receiver {
    /// Hands the numbers of new updates to `lines` until `stop` or the end of the token.
    pub(super) async fn run(
        self,
        lines: mpsc::Sender<Vec<(i64, i64)>>,
        stop: CancellationToken,
    ) -> LoopEnd {
        let work = self.receive(lines);
        stop.run_until_cancelled(work).await.unwrap_or(LoopEnd::Stopped)
    }

    async fn receive(&self, lines: mpsc::Sender<Vec<(i64, i64)>>) -> LoopEnd {
        let mut pause = FIRST_PAUSE;
        let mut webhooks = 0;
        loop {
            // The first round, and the first after a failure, answers at once.
            let healthy = *self.health.borrow() == Health::Polling;
            match self.round(if healthy { LONG_POLL } else { Duration::ZERO }).await {
                Ok(fresh) => {
                    self.turn(Health::Polling);
                    (pause, webhooks) = (FIRST_PAUSE, 0);
                    if fresh.is_empty() {
                        continue;
                    }
                    self.heard.send_replace(Some(Instant::now()));
                    if lines.send(fresh).await.is_err() {
                        return LoopEnd::Stopped;
                    }
                }
                Err(Failure::Telegram(TelegramError::Unauthorized)) => {
                    self.turn(Health::Unauthorized);
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
        let bot = self.bot;
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
                tracing::warn!(event = "bot.webhook_removed", bot = %self.bot, "a webhook was set");
            }
            Err(err) => {
                tracing::warn!(event = "bot.webhook_stays", bot = %self.bot, "{err}");
            }
        }
    }

    /// Tells of the trouble and returns how long Telegram says to wait, if it does.
    fn troubled(&self, failure: &Failure) -> Option<Duration> {
        match failure {
            Failure::Telegram(TelegramError::Conflict | TelegramError::WebhookSet) => {
                self.turn(Health::Conflict);
                None
            }
            Failure::Telegram(TelegramError::RetryAfter(wait)) => Some(*wait),
            Failure::Telegram(err) => {
                tracing::debug!(event = "bot.poll_failed", bot = %self.bot, "{err}");
                self.turn(Health::Unreachable);
                None
            }
            Failure::Store(err) => self.not_kept(err),
            Failure::Seal(err) => self.not_kept(err),
        }
    }

    fn not_kept(&self, err: &dyn std::error::Error) -> Option<Duration> {
        tracing::error!(event = "bot.keep_failed", bot = %self.bot, "{err}");
        None
    }

    /// Tells of a change, once.
    fn turn(&self, to: Health) {
        let changed = self.health.send_if_modified(|now| std::mem::replace(now, to) != to);
        if !changed {
            return;
        }
        let bot = self.bot;
        match to {
            Health::Starting => {}
            Health::Polling => tracing::info!(event = "bot.polling", %bot, "updates come"),
            Health::Conflict => {
                tracing::warn!(event = "bot.conflict", %bot, "another program reads the updates");
            }
            Health::Unreachable => {
                tracing::warn!(event = "bot.unreachable", %bot, "telegram cannot be reached");
            }
            Health::Unauthorized => {
                tracing::error!(event = "bot.unauthorized", %bot, "the token is not valid");
            }
        }
    }
}
