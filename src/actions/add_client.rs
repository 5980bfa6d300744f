//! Add a client: an operator or an API caller brings a business and its bot.

use jiff::Timestamp;

use super::cause::{Cause, KeyReused, id_of};
use super::extend::made_payment_id;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::{Bot, Client, CompanyName, RuntimeState};
use crate::domain::ids::{ClientId, JobId, PaymentId, UserId};
use crate::domain::job::Job;
use crate::domain::money::Money;
use crate::domain::payment::{Payment, PaymentState, Source};
use crate::domain::plan::Days;
use crate::domain::subscription::Subscription;
use crate::domain::token::BotToken;
use crate::external::telegram::{CheckError, TelegramError};
use crate::random::{self, NoRandom};
use crate::store::secrets::SealError;
use crate::store::{Read, StoreError, audit, clients, jobs, payments, secrets};

/// A client to add.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// The token of the client's bot.
    pub token: BotToken,
    /// The person behind the client.
    pub owner: UserId,
    /// The business.
    pub company: CompanyName,
    /// How long it may run.
    pub days: Days,
    /// What was paid for that; may be nothing.
    pub amount: Money,
    /// The receipt's name; one is made if money was paid and none is given.
    pub payment: Option<PaymentId>,
    /// Who adds it.
    pub by: Actor,
}

/// A client that was added, and the job that brings its bot up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The client.
    pub client: Client,
    /// The job.
    pub job: JobId,
}

/// Why a client was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddClientError {
    /// Telegram does not know the token.
    #[error("telegram does not accept this token")]
    BadToken,
    /// The token could not be checked now.
    #[error("telegram cannot be asked about the token now")]
    Unchecked(#[source] TelegramError),
    /// Another client has the bot.
    #[error("another client has this bot")]
    BotTaken,
    /// The payment was recorded before.
    #[error("this payment was recorded for another client")]
    PaymentOfAnother,
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

impl From<CheckError> for AddClientError {
    fn from(err: CheckError) -> Self {
        match err {
            CheckError::Unauthorized | CheckError::Mismatch => Self::BadToken,
            CheckError::Unreachable(source) => Self::Unchecked(source),
        }
    }
}

/// Checks the token with Telegram, records the client and queues its deploy in one transaction.
///
/// Safe to repeat: the same `cause` gives the same client.
///
/// # Errors
///
/// Returns [`AddClientError`], and nothing is changed.
pub async fn add_client(
    deps: &Deps,
    cause: Cause,
    new: NewClient,
) -> Result<Added, AddClientError> {
    let now = deps.clock.now();
    let known = deps.store.read(|snap| cause.effect::<AddClientError>(snap, now))?;
    if let Some(known) = known {
        return deps.store.read(|snap| added_before(snap, &known));
    }
    let bot = deps.telegram.check_token(&new.token).await?;
    let id = ClientId::new(now, random::bytes()?);
    let sealed = deps.sealer.seal(id, &new.token)?;
    let payment = receipt(now, id, &new)?;
    let client = begin(now, id, bot, &new);
    let added = deps
        .store
        .write(move |txn| {
            if let Some(known) = cause.effect::<AddClientError>(txn, now)? {
                return added_before(txn, &known);
            }
            if clients::by_bot(txn, client.bot.id)?.is_some() {
                return Err(AddClientError::BotTaken);
            }
            if let Some(payment) = &payment {
                if payments::get(txn, &payment.id)?.is_some() {
                    return Err(AddClientError::PaymentOfAnother);
                }
                payments::put(txn, payment)?;
            }
            clients::put(txn, &client)?;
            secrets::put(txn, id, &sealed)?;
            let job = jobs::push(txn, now, &Job::Deploy(id))?;
            audit::append(txn, &entry(now, id, &new))?;
            cause.remember(txn, now, &effect(id, job))?;
            Ok(Added { client: client.clone(), job })
        })
        .await?;
    tracing::info!(
        event = "client.added", client = %added.client.id, job = %added.job,
        "a client was added"
    );
    Ok(added)
}

fn effect(id: ClientId, job: JobId) -> Vec<u8> {
    [id.bits().to_be_bytes().as_slice(), &job.0.to_be_bytes()].concat()
}

fn added_before(txn: &impl Read, effect: &[u8]) -> Result<Added, AddClientError> {
    let damaged = || StoreError::Corrupt { table: "idempotency", reason: "no client".to_owned() };
    let (id, job) = effect.split_at_checked(16).ok_or_else(damaged)?;
    let job = job.try_into().map(u64::from_be_bytes).map_err(|_| damaged())?;
    let client = clients::get(txn, ClientId::from_bits(id_of(id)?))?;
    Ok(Added { client: client.ok_or_else(damaged)?, job: JobId(job) })
}

fn begin(now: Timestamp, id: ClientId, bot: Bot, new: &NewClient) -> Client {
    Client {
        id,
        company: new.company.clone(),
        owner: new.owner,
        bot,
        plan: None,
        subscription: Subscription::paid(new.days.length(), now),
        runtime: RuntimeState::Starting,
        problem: None,
        created_at: now,
    }
}

fn receipt(now: Timestamp, id: ClientId, new: &NewClient) -> Result<Option<Payment>, NoRandom> {
    let name = match &new.payment {
        Some(payment) => payment.clone(),
        None if new.amount == Money::ZERO => return Ok(None),
        None => made_payment_id(now)?,
    };
    Ok(Some(Payment {
        id: name,
        source: Source::Manual,
        order: None,
        client: Some(id),
        amount: new.amount,
        refunded: Money::ZERO,
        days: new.days,
        state: PaymentState::Settled,
        settled_at: now,
    }))
}

fn entry(now: Timestamp, id: ClientId, new: &NewClient) -> audit::Entry {
    audit::Entry {
        at: now,
        actor: new.by.to_string(),
        action: "client.added".to_owned(),
        client: Some(id),
        detail: format!("{} days {}", new.days, new.amount),
    }
}
