//! Start a trial: once for each owner and each bot.

use jiff::Timestamp;

use super::cause::{Cause, KeyReused, id_of};
use super::create_order::bots_of;
use crate::deps::Deps;
use crate::domain::client::{Bot, Client, CompanyName, RuntimeState};
use crate::domain::ids::{ClientId, UserId};
use crate::domain::job::Job;
use crate::domain::order::BOTS_PER_OWNER;
use crate::domain::plan::Days;
use crate::domain::subscription::Subscription;
use crate::domain::token::BotToken;
use crate::random::{self, NoRandom};
use crate::store::secrets::SealError;
use crate::store::{Read, StoreError, clients, jobs, secrets, trials};

/// What an owner brings to a trial.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The person behind the client.
    pub owner: UserId,
    /// The business.
    pub company: CompanyName,
    /// The token that `bot` was confirmed with.
    pub token: BotToken,
    /// The bot, as Telegram confirmed it.
    pub bot: Bot,
}

/// Why there is no trial.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// `billing.trial_days` is zero.
    #[error("no trials are given")]
    NotGiven,
    /// The owner or the bot had one.
    #[error("a trial is given once")]
    HadOne,
    /// Another client has the bot.
    #[error("another client has this bot")]
    BotTaken,
    /// The owner has as many bots as one may have.
    #[error("one owner has at most {BOTS_PER_OWNER} bots")]
    TooManyBots,
    /// The idempotency key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The system gave no random bytes.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// The token could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Records a client on trial and queues its deploy in one transaction.
///
/// Safe to repeat: the same `cause` gives the same client.
///
/// # Errors
///
/// Returns [`TrialError`], and nothing is changed.
pub async fn start_trial(deps: &Deps, cause: Cause, trial: Trial) -> Result<Client, TrialError> {
    let days = deps.config.billing.trial_days.ok_or(TrialError::NotGiven)?;
    let now = deps.clock.now();
    let id = ClientId::new(now, random::bytes()?);
    let sealed = deps.sealer.seal(id, &trial.token)?;
    let client = begin(now, id, days, trial);
    let started = deps
        .store
        .write(move |txn| {
            if let Some(known) = cause.effect::<TrialError>(txn, now)? {
                return started_before(txn, &known);
            }
            if trials::had(txn, client.owner, client.bot.id)? {
                return Err(TrialError::HadOne);
            }
            if clients::by_bot(txn, client.bot.id)?.is_some() {
                return Err(TrialError::BotTaken);
            }
            if bots_of(txn, client.owner)? >= BOTS_PER_OWNER {
                return Err(TrialError::TooManyBots);
            }
            clients::put(txn, &client)?;
            secrets::put(txn, id, &sealed)?;
            trials::remember(txn, client.owner, client.bot.id, id)?;
            jobs::push(txn, now, &Job::Deploy(id))?;
            cause.remember(txn, now, &id.bits().to_be_bytes())?;
            Ok(client.clone())
        })
        .await?;
    tracing::info!(event = "trial.started", client = %started.id, "a trial was started");
    Ok(started)
}

fn started_before(txn: &impl Read, effect: &[u8]) -> Result<Client, TrialError> {
    let client = clients::get(txn, ClientId::from_bits(id_of(effect)?))?;
    let gone = || StoreError::Corrupt { table: "idempotency", reason: "no client".to_owned() };
    Ok(client.ok_or_else(gone)?)
}

fn begin(now: Timestamp, id: ClientId, days: Days, trial: Trial) -> Client {
    Client {
        id,
        company: trial.company,
        owner: trial.owner,
        bot: trial.bot,
        plan: None,
        subscription: Subscription::trial(days.length(), now),
        runtime: RuntimeState::Starting,
        problem: None,
        created_at: now,
    }
}
