//! What is done for one bot: its webhook is set, looked at, taken back or deleted.

use std::time::Duration;

use super::plan::{Bot, asked};
use super::{CHECK_EVERY, purpose};
use crate::actions::cover::Cover;
use crate::actions::report::{report_diversion, report_problem};
use crate::deps::Deps;
use crate::domain::client::BotProblem;
use crate::domain::ids::BotId;
use crate::domain::token::BotToken;
use crate::external::telegram::{
    HookInfo, RawUpdate, TelegramError, delete_webhook, get_updates, set_webhook, webhook_info,
};
use crate::metrics::{BotMeter, BotRole, Telling};
use crate::store::secrets::SealError;
use crate::store::webhooks::Kept;
use crate::store::{StoreError, clients, updates, webhooks};

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Have the updates brought.
    Set,
    /// See whether they are.
    Check,
    /// Have them held for `getUpdates` again, and take over those that wait.
    TakeBack,
    /// Delete the webhook of a bot that is nobody's any more, under the token that it was set with.
    Delete(BotToken),
    /// Forget a webhook whose token cannot be opened.
    Lose,
}

/// One bot's turn.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub(super) bot: BotId,
    pub(super) deed: Deed,
    /// The bot, unless it is nobody's.
    pub(super) wanted: Option<Bot>,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Telegram was told where to bring updates.
    Set,
    /// It brings them.
    Well,
    /// It brings them elsewhere, or nowhere.
    Moved,
    /// It tries to bring them, and cannot.
    NotDelivered(String),
    /// There is no webhook any more.
    Gone,
    /// It did not work.
    Failed(TelegramError),
}

/// Why a turn did not come to an end.
enum Broken {
    Telegram(TelegramError),
    Store(StoreError),
    Seal(SealError),
}

impl Turn {
    pub(super) const fn is_wanted(&self) -> bool {
        self.wanted.is_some()
    }

    /// Does what is to be done.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`]; the turn comes again.
    pub(super) async fn act(&self, deps: &Deps) -> Result<Outcome, StoreError> {
        let done = match (&self.deed, &self.wanted) {
            (Deed::Set, Some(bot)) => self.set(deps, bot).await,
            (Deed::Check, Some(bot)) => self.check(deps, bot).await,
            (Deed::TakeBack, Some(bot)) => self.take_back(deps, bot).await,
            (Deed::Delete(token), _) => self.delete(deps, token).await,
            (Deed::Lose, _) | (_, None) => {
                tracing::warn!(event = "telegram_webhook.lost", bot = %self.bot,
                    "the token that a webhook was set with cannot be opened; the webhook may stay");
                self.forget(deps).await.map(|()| Outcome::Gone)
            }
        };
        match done {
            Ok(outcome) => Ok(outcome),
            Err(Broken::Telegram(err)) => {
                self.tell_owner(deps, &err).await?;
                Ok(Outcome::Failed(err))
            }
            Err(Broken::Store(err)) => Err(err),
            Err(Broken::Seal(err)) => {
                tracing::error!(event = "telegram_webhook.unsealed", bot = %self.bot, error = %err,
                    "a bot's token or update could not be sealed");
                Ok(Outcome::Failed(TelegramError::Network("nothing can be sealed")))
            }
        }
    }

    async fn set(&self, deps: &Deps, bot: &Bot) -> Result<Outcome, Broken> {
        let Some(hook) = bot.hook(deps) else { return Ok(Outcome::Well) }; // Settings see to it.
        let token = deps.sealer.seal_bytes(&purpose(self.bot), bot.token.expose().as_bytes())?;
        let (id, asked) = (self.bot, asked(&hook));
        let write = deps.store.write(move |txn| {
            let trouble = webhooks::get(txn, id)?.and_then(|kept| kept.trouble);
            let kept = Kept { asked: asked.clone(), token: token.clone(), trouble };
            webhooks::put(txn, id, &kept)
        });
        write.await.map_err(|err: StoreError| err)?;
        let answer = set_webhook(&deps.telegram.sender(&bot.token), &hook).await;
        count(deps, bot.role, "setWebhook", &answer);
        answer?;
        tracing::info!(event = "telegram_webhook.set", bot = %self.bot,
            "telegram brings the bot's updates");
        Ok(Outcome::Set)
    }

    async fn check(&self, deps: &Deps, bot: &Bot) -> Result<Outcome, Broken> {
        let answer = webhook_info(&deps.telegram.sender(&bot.token)).await;
        count(deps, bot.role, "getWebhookInfo", &answer);
        let info = answer?;
        let ours = bot.hook(deps).map(|hook| hook.url).unwrap_or_default();
        if info.url != ours {
            tracing::warn!(event = "telegram_webhook.moved", bot = %self.bot, to = info.host(),
                "somebody has had the bot's updates brought elsewhere; they are taken back");
            // None at all may also be what is left of a token that was revoked.
            if let Some(client) = bot.client.filter(|_| !info.url.is_empty()) {
                report_diversion(deps, client).await?;
            }
            return Ok(Outcome::Moved);
        }
        Ok(trouble(&info, deps.clock.now().as_second())
            .map_or(Outcome::Well, Outcome::NotDelivered))
    }

    /// Has Telegram hold the updates again, and keeps all that wait there: their numbers may be
    /// lower than what was kept last, so none may be confirmed unseen.
    async fn take_back(&self, deps: &Deps, bot: &Bot) -> Result<Outcome, Broken> {
        let answer = delete_webhook(&deps.telegram.sender(&bot.token)).await;
        count(deps, bot.role, "deleteWebhook", &answer);
        if matches!(answer, Err(TelegramError::Unauthorized)) {
            return self.gone(deps).await; // The webhook went with the token.
        }
        answer?;
        let mut offset = None;
        loop {
            let answer =
                get_updates(&deps.telegram.poller(&bot.token), offset, Duration::ZERO).await;
            count(deps, bot.role, "getUpdates", &answer);
            let batch = answer?;
            let Some(last) = batch.iter().map(|update| update.id).max() else { break };
            offset = Some(last + 1);
            self.keep(deps, batch).await?;
        }
        self.gone(deps).await
    }

    async fn keep(&self, deps: &Deps, batch: Vec<RawUpdate>) -> Result<(), Broken> {
        let (bot, cover) = (self.bot, Cover::of(deps, self.bot));
        let batch: Result<Vec<_>, _> = batch.into_iter().map(|it| cover.put_on(it)).collect();
        let batch = batch?;
        let write = deps.store.write(move |txn| updates::keep(txn, bot, &batch));
        let fresh = write.await.map_err(|err: StoreError| err)?;
        deps.arrivals.tell(bot, &fresh);
        Ok(())
    }

    async fn gone(&self, deps: &Deps) -> Result<Outcome, Broken> {
        self.forget(deps).await?;
        tracing::info!(event = "telegram_webhook.deleted", bot = %self.bot,
            "telegram holds the bot's updates");
        deps.arrivals.tell(self.bot, &[]);
        Ok(Outcome::Gone)
    }

    async fn delete(&self, deps: &Deps, token: &BotToken) -> Result<Outcome, Broken> {
        let answer = delete_webhook(&deps.telegram.sender(token)).await;
        count(deps, BotRole::Client, "deleteWebhook", &answer);
        match answer {
            Ok(()) | Err(TelegramError::Unauthorized) => self.gone(deps).await,
            Err(err) => Err(err.into()),
        }
    }

    /// Forgets the webhook, and all updates of a bot that is nobody's any more.
    async fn forget(&self, deps: &Deps) -> Result<(), Broken> {
        let (bot, own) = (self.bot, self.is_wanted());
        let write = deps.store.write(move |txn| {
            webhooks::remove(txn, bot)?;
            if !own && clients::by_bot(txn, bot)?.is_none() {
                updates::forget(txn, bot)?;
            }
            Ok::<_, StoreError>(())
        });
        Ok(write.await?)
    }

    /// A bot that is brought its updates asks Telegram for nothing, and so may not notice that its
    /// token is not valid any more.
    async fn tell_owner(&self, deps: &Deps, err: &TelegramError) -> Result<(), StoreError> {
        let client = self.wanted.as_ref().and_then(|bot| bot.client);
        if let (Some(client), TelegramError::Unauthorized) = (client, err) {
            report_problem(deps, client, Some(BotProblem::TokenRevoked)).await?;
        }
        Ok(())
    }
}

/// Returns what keeps Telegram from bringing updates, if it has failed since the last look.
fn trouble(info: &HookInfo, now_s: i64) -> Option<String> {
    let since = now_s - i64::try_from(CHECK_EVERY.as_secs()).unwrap_or(i64::MAX);
    let of_late = info.last_error_date.is_some_and(|at| at >= since);
    if !of_late || info.pending_update_count == 0 {
        return None;
    }
    Some(info.last_error_message.clone().unwrap_or_default())
}

fn count(deps: &Deps, role: BotRole, method: &'static str, answer: &impl Telling) {
    BotMeter::new(deps.metrics.clone(), role).asked(method, answer);
}

impl From<TelegramError> for Broken {
    fn from(err: TelegramError) -> Self {
        Self::Telegram(err)
    }
}

impl From<StoreError> for Broken {
    fn from(err: StoreError) -> Self {
        Self::Store(err)
    }
}

impl From<SealError> for Broken {
    fn from(err: SealError) -> Self {
        Self::Seal(err)
    }
}
