//! Check a token that somebody brings: which bot it is, and whether that bot is free to be had.

use crate::deps::Deps;
use crate::domain::client::Bot;
use crate::domain::ids::{BotId, ClientId};
use crate::domain::token::BotToken;
use crate::external::telegram::{CheckError, TelegramError};
use crate::store::{StoreError, clients};

/// Why a token is of no use.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The token is the Master Bot's or the Sales Bot's.
    #[error("this is the token of a bot of the host itself")]
    Host,
    /// Telegram does not know the token: it was revoked, or the bot deleted.
    #[error("telegram does not accept this token")]
    Dead,
    /// The token could not be checked now.
    #[error("telegram cannot be asked about the token now")]
    Unchecked(#[source] TelegramError),
    /// Another client has the bot.
    #[error("another client has this bot")]
    Taken(ClientId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CheckError> for TokenError {
    fn from(err: CheckError) -> Self {
        match err {
            CheckError::Unauthorized | CheckError::Mismatch => Self::Dead,
            CheckError::Unreachable(source) => Self::Unchecked(source),
        }
    }
}

/// A bot that is free to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeBot {
    /// The bot, as Telegram has just confirmed it.
    pub bot: Bot,
    /// The host that another program has the bot's updates sent to; they stop going there once the
    /// bot is connected here. A program that polls instead cannot be seen before it is in the way.
    pub elsewhere: Option<String>,
}

/// Asks Telegram about `token`, which is for the client `of` or for one that does not exist yet.
///
/// That no other client has the bot must be asked again in the transaction that takes it.
///
/// # Errors
///
/// Returns [`TokenError`].
pub async fn check_token(
    deps: &Deps,
    token: &BotToken,
    of: Option<ClientId>,
) -> Result<FreeBot, TokenError> {
    if is_of_host(deps, token.bot()) {
        return Err(TokenError::Host);
    }
    let bot = deps.telegram.check_token(token).await?;
    let holder = deps.store.read(|snap| clients::by_bot(snap, bot.id))?;
    if let Some(holder) = holder.filter(|holder| Some(*holder) != of) {
        return Err(TokenError::Taken(holder));
    }
    let own = deps.config.server.domain.as_deref();
    let elsewhere = deps.telegram.webhook_host(token).await?;
    let elsewhere = elsewhere.filter(|host| Some(host.as_str()) != own);
    Ok(FreeBot { bot, elsewhere })
}

/// Tells whether the bot is the Master Bot or the Sales Bot.
fn is_of_host(deps: &Deps, bot: BotId) -> bool {
    let telegram = &deps.config.telegram;
    [&telegram.master_token, &telegram.sales_token]
        .into_iter()
        .flatten()
        .any(|own| own.bot() == bot)
}
