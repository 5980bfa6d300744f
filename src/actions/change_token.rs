//! Change the token of a client's bot: the same bot under a new token, or another bot in its place.

use jiff::Timestamp;

use super::cause::{Cause, KeyReused, id_of};
use super::check_token::{TokenError, check_token};
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::{Bot, BotProblem, Client, RuntimeState};
use crate::domain::ids::{ClientId, JobId};
use crate::domain::job::Job;
use crate::domain::subscription::{Service, Subscription};
use crate::domain::token::BotToken;
use crate::external::telegram::TelegramError;
use crate::store::secrets::{SealError, Sealed};
use crate::store::{StoreError, Txn, audit, clients, jobs, secrets, trials};

/// A token that takes the place of the one on record.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Whose bot it is.
    pub client: ClientId,
    /// The token, as somebody sent it.
    pub token: BotToken,
    /// What to do if it belongs to another bot than the one on record.
    pub another_bot: AnotherBot,
    /// Who brings it.
    pub by: Actor,
}

/// What to do with the token of another bot than the one on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnotherBot {
    /// Refuse it: nobody has said that the bot is to be another one.
    Refuse,
    /// Take the other bot: services, hours and bookings stay, the name that customers know changes,
    /// and whoever is to hear from it has to start it first.
    Take,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenChanged {
    /// The client as it is now.
    pub client: Client,
    /// The job that brings the bot up; none where it runs on, or is not to run.
    pub job: Option<JobId>,
}

/// Why the token was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeTokenError {
    /// There is no such client.
    #[error("there is no such client")]
    UnknownClient,
    /// The token is the Master Bot's or the Sales Bot's.
    #[error("this is the token of a bot of the host itself")]
    HostsOwn,
    /// Telegram does not know the token.
    #[error("telegram does not accept this token")]
    BadToken,
    /// The token could not be checked now.
    #[error("telegram cannot be asked about the token now")]
    Unchecked(#[source] TelegramError),
    /// Another client has the bot.
    #[error("another client has this bot")]
    BotTaken,
    /// The token is for another bot, and [`AnotherBot::Refuse`] was asked for.
    #[error("this is the token of @{}, and the client's bot is @{}", .brought.username, .known.username)]
    AnotherBot {
        /// The bot on record.
        known: Bot,
        /// The bot of the token.
        brought: Bot,
    },
    /// The idempotency key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The token could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<TokenError> for ChangeTokenError {
    fn from(err: TokenError) -> Self {
        match err {
            TokenError::Host => Self::HostsOwn,
            TokenError::Dead => Self::BadToken,
            TokenError::Unchecked(source) => Self::Unchecked(source),
            TokenError::Taken(_) => Self::BotTaken,
            TokenError::Store(err) => Self::Store(err),
        }
    }
}

/// Checks the token with Telegram, then seals it, records its bot and has the bot restarted where
/// that is needed, in one transaction with the line in the audit log.
///
/// The gateway calls Telegram under the new token at once. Safe to repeat: the same `cause` has its
/// effect once.
///
/// # Errors
///
/// Returns [`ChangeTokenError`], and nothing is changed.
pub async fn change_token(
    deps: &Deps,
    cause: Cause,
    new: NewToken,
) -> Result<TokenChanged, ChangeTokenError> {
    let now = deps.clock.now();
    let known = deps.store.read(|snap| cause.effect::<ChangeTokenError>(snap, now))?;
    if let Some(known) = known {
        return changed_before(deps, &known);
    }
    if deps.store.read(|snap| clients::get(snap, new.client))?.is_none() {
        return Err(ChangeTokenError::UnknownClient);
    }
    let bot = check_token(deps, &new.token, Some(new.client)).await?.bot;
    let sealed = deps.sealer.seal(new.client, &new.token)?;
    let change = Change { client: new.client, bot, sealed, another: new.another_bot, by: new.by };
    let changed = deps
        .store
        .write(move |txn| {
            if cause.effect::<ChangeTokenError>(txn, now)?.is_some() {
                let client = clients::get(txn, change.client)?;
                let client = client.ok_or(ChangeTokenError::UnknownClient)?;
                return Ok(TokenChanged { client, job: None });
            }
            cause.remember(txn, now, &change.client.bits().to_be_bytes())?;
            change.make(txn, now)
        })
        .await?;
    deps.changes.notify();
    tracing::info!(
        event = "client.token_changed", client = %changed.client.id, bot = %changed.client.bot.id,
        "a client's bot has a new token"
    );
    Ok(changed)
}

fn changed_before(deps: &Deps, effect: &[u8]) -> Result<TokenChanged, ChangeTokenError> {
    let id = ClientId::from_bits(id_of(effect)?);
    let client = deps.store.read(|snap| clients::get(snap, id))?;
    Ok(TokenChanged { client: client.ok_or(ChangeTokenError::UnknownClient)?, job: None })
}

/// A change whose token Telegram has confirmed.
struct Change {
    client: ClientId,
    bot: Bot,
    sealed: Sealed,
    another: AnotherBot,
    by: Actor,
}

impl Change {
    fn make(&self, txn: &Txn<'_>, now: Timestamp) -> Result<TokenChanged, ChangeTokenError> {
        let client = clients::get(txn, self.client)?.ok_or(ChangeTokenError::UnknownClient)?;
        if clients::by_bot(txn, self.bot.id)?.is_some_and(|holder| holder != client.id) {
            return Err(ChangeTokenError::BotTaken);
        }
        let another = client.bot.id != self.bot.id;
        if another && self.another == AnotherBot::Refuse {
            let (known, brought) = (client.bot, self.bot.clone());
            return Err(ChangeTokenError::AnotherBot { known, brought });
        }
        if another && matches!(client.subscription, Subscription::Trial { .. }) {
            trials::remember(txn, client.owner, self.bot.id, client.id)?;
        }
        secrets::put(txn, client.id, &self.sealed)?;
        audit::append(txn, &self.entry(now, &client))?;
        Ok(self.put_to_work(txn, now, client)?)
    }

    /// Records the bot and has it restarted, unless it runs on under the new token by itself.
    fn put_to_work(
        &self,
        txn: &Txn<'_>,
        now: Timestamp,
        mut client: Client,
    ) -> Result<TokenChanged, StoreError> {
        let another = client.bot.id != self.bot.id;
        // A bot whose token was refused asks again only after a while.
        let runs_on = !another
            && client.runtime == RuntimeState::Running
            && client.problem != Some(BotProblem::TokenRevoked);
        client.bot = self.bot.clone();
        // Whether the owner can be reached, the same bot knows as before.
        client.problem = client
            .problem
            .filter(|problem| !another && matches!(problem, BotProblem::OwnerUnreachable));
        let mut job = None;
        if !runs_on && client.subscription.service() != Service::None {
            client.runtime = RuntimeState::Starting;
            job = Some(jobs::push(txn, now, &Job::Restart(client.id))?);
        }
        clients::put(txn, &client)?;
        Ok(TokenChanged { client, job })
    }

    fn entry(&self, now: Timestamp, client: &Client) -> audit::Entry {
        let detail = if client.bot.id == self.bot.id {
            format!("@{}", self.bot.username)
        } else {
            format!("@{} in place of @{}", self.bot.username, client.bot.username)
        };
        audit::Entry {
            at: now,
            actor: self.by.to_string(),
            action: "client.token_changed".to_owned(),
            client: Some(client.id),
            detail,
        }
    }
}

#[cfg(test)]
mod tests;
