//! Webhooks: have Telegram bring the bots' updates here, or take them back to be asked for.
//!
//! What Telegram was asked for is on disk before it is asked, so that no restart, no change of the
//! settings and no client that goes leaves a webhook behind that nobody knows of.

mod act;
mod plan;

use std::collections::BTreeMap;
use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::act::{Deed, Outcome, Turn};
use super::arrivals::Standing;
use super::watch::tell_once_a_day;
use crate::config::Updates;
use crate::deps::Deps;
use crate::domain::ids::BotId;
use crate::domain::job::Notice;
use crate::external::telegram::TelegramError;
use crate::store::{StoreError, webhooks};

/// Changes are looked for at least so often, should nobody have told of one.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Changes that come together are looked for once.
const GATHER: Duration = Duration::from_millis(500);
/// How many bots are seen to at once.
const AT_ONCE: usize = 8;
/// How long until Telegram is first asked how it fares with a webhook, and then every time.
const FIRST_CHECK: Duration = Duration::from_mins(1);
const CHECK_EVERY: Duration = Duration::from_mins(10);
/// Bots that have their webhooks are looked at one after the other when the host starts: Telegram
/// lets one address begin with 20 tokens a minute.
const CHECKS_APART: Duration = Duration::from_secs(3);
/// How long after a failure it is tried again, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// From so many failures in a row on, people are told.
const LASTING: u32 = 6;
/// What is kept of Telegram's words.
const WORDS: usize = 200;

/// What the secret of a bot's webhook, and the token that it was asked under, are sealed for.
pub(super) fn purpose(bot: BotId) -> String {
    format!("telegram webhook {bot}")
}

/// Whoever sees to the webhooks.
struct Keeper {
    deps: Deps,
    known: BTreeMap<BotId, Known>,
}

/// How a bot fares.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// Whether the webhook was set, or seen to be, since the start.
    done: bool,
    failures: u32,
    /// When it is to be seen to again.
    next: Instant,
}

/// Sees to the webhooks until `stop`.
pub async fn keep(deps: Deps, stop: CancellationToken) {
    let mut keeper = Keeper { deps, known: BTreeMap::new() };
    stop.run_until_cancelled(keeper.run()).await;
}

impl Keeper {
    async fn run(&mut self) {
        let mut changes = self.deps.changes.watch();
        let mut jobs = self.deps.store.pushed_jobs();
        loop {
            changes.mark_unchanged();
            jobs.mark_unchanged();
            let next = match self.look().await {
                Ok(next) => next,
                Err(err) => {
                    tracing::error!(event = "telegram_webhook.unseen", error = %err,
                        "could not see which bots' updates are to be brought");
                    None
                }
            };
            let wait = next.map_or(LOOK_EVERY, |at| at.saturating_duration_since(Instant::now()));
            tokio::select! {
                () = tokio::time::sleep(wait.min(LOOK_EVERY)) => {}
                Ok(()) = changes.changed() => tokio::time::sleep(GATHER).await,
                Ok(()) = jobs.changed() => tokio::time::sleep(GATHER).await,
            }
        }
    }

    /// Does all that is due, and returns when more will be.
    async fn look(&mut self) -> Result<Option<Instant>, StoreError> {
        let (turns, all) = self.plan()?;
        self.known.retain(|bot, _| all.contains(bot));
        let deps = &self.deps;
        let done: Vec<_> = stream::iter(turns)
            .map(|turn| async move { (turn.bot, turn.act(deps).await, turn) })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (bot, outcome, turn) in done {
            self.conclude(bot, outcome?, &turn).await?;
        }
        Ok(self.known.values().map(|known| known.next).min())
    }

    async fn conclude(
        &mut self,
        bot: BotId,
        outcome: Outcome,
        turn: &Turn,
    ) -> Result<(), StoreError> {
        let (arrivals, now) = (&self.deps.arrivals, Instant::now());
        match outcome {
            Outcome::Set => {
                arrivals.stand(bot, Standing::Brought);
                self.known.insert(bot, Known { done: true, failures: 0, next: now + FIRST_CHECK });
                self.well(bot).await
            }
            Outcome::Well => {
                arrivals.stand(bot, Standing::Brought);
                self.known.insert(bot, Known { done: true, failures: 0, next: now + CHECK_EVERY });
                self.well(bot).await
            }
            Outcome::Moved => {
                // Somebody else has set another one, or none.
                self.known.insert(bot, Known { done: false, failures: 0, next: now });
                Ok(())
            }
            Outcome::NotDelivered(words) => {
                self.known.insert(bot, Known { done: true, failures: 0, next: now + FIRST_CHECK });
                self.trouble(bot, words).await
            }
            Outcome::Gone => {
                self.known.remove(&bot);
                if turn.is_wanted() {
                    arrivals.stand(bot, Standing::Asked);
                } else {
                    arrivals.forget(bot);
                }
                Ok(())
            }
            Outcome::Failed(err) => self.failed(bot, &err, turn).await,
        }
    }

    async fn failed(
        &mut self,
        bot: BotId,
        err: &TelegramError,
        turn: &Turn,
    ) -> Result<(), StoreError> {
        let before = self.known.get(&bot).copied();
        let failures = before.map_or(0, |known| known.failures) + 1;
        let doubled = FIRST_PAUSE * 2u32.saturating_pow(failures.min(16) - 1);
        let pause = match err {
            TelegramError::RetryAfter(told) => *told,
            TelegramError::Unauthorized => LONGEST_PAUSE,
            _ => doubled.min(LONGEST_PAUSE),
        };
        // One that could not be set is not done, whatever there was before.
        let done = before.is_some_and(|known| known.done) && turn.deed != Deed::Set;
        self.known.insert(bot, Known { done, failures, next: Instant::now() + pause });
        tracing::warn!(event = "telegram_webhook.failed", %bot, failures, error = %err,
            wait_s = pause.as_secs(), "a bot's webhook could not be seen to; it is tried again");
        let standing = match err {
            TelegramError::Unauthorized => Standing::Refused,
            _ => Standing::Troubled,
        };
        self.deps.arrivals.stand(bot, standing);
        // Its owner hears of a token that is not valid, and a refusal will be repeated.
        let lasts = failures >= LASTING || matches!(err, TelegramError::Refused(_));
        if lasts && *err != TelegramError::Unauthorized {
            self.trouble(bot, err.to_string()).await?;
        }
        Ok(())
    }

    /// Records that all is well.
    async fn well(&self, bot: BotId) -> Result<(), StoreError> {
        if self.record(bot, None).await? {
            tracing::info!(event = "telegram_webhook.well", %bot,
                "telegram brings the bot's updates again");
        }
        Ok(())
    }

    /// Records what is wrong, and tells the operators, once a day.
    async fn trouble(&self, bot: BotId, words: String) -> Result<(), StoreError> {
        let words: String = words.chars().filter(|it| !it.is_control()).take(WORDS).collect();
        tracing::error!(event = "telegram_webhook.trouble", %bot, error = words,
            "telegram does not bring the bot's updates");
        self.record(bot, Some(words)).await?;
        tell_once_a_day(&self.deps, "webhook", &Notice::WebhookTrouble).await
    }

    /// Tells whether this is a change.
    async fn record(&self, bot: BotId, trouble: Option<String>) -> Result<bool, StoreError> {
        let known = self.deps.store.read(|snap| webhooks::get(snap, bot))?;
        if known.is_none_or(|known| known.trouble == trouble) {
            return Ok(false);
        }
        let write = self.deps.store.write(move |txn| {
            let Some(mut kept) = webhooks::get(txn, bot)? else { return Ok(false) };
            kept.trouble.clone_from(&trouble);
            webhooks::put(txn, bot, &kept)?;
            Ok::<_, StoreError>(true)
        });
        write.await
    }

    fn brings(&self) -> bool {
        self.deps.config.telegram.updates == Updates::Webhook
    }
}

#[cfg(test)]
mod tests;
