//! Telegram's Bot API: the clients that speak it, and what its answers mean.

mod error;
mod forward;
pub mod pace;
mod poll;
mod say;
mod speaker;
mod webhook;

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::DATE;
use teloxide::requests::Requester;

use super::way::{Fault, Way};
use crate::domain::client::Bot;
use crate::domain::ids::BotId;
use crate::domain::token::BotToken;
use crate::metrics::{BotMeter, BotRole, Metrics};

pub use self::error::TelegramError;
pub use self::forward::{ForwardBody, ForwardError, Forwarded, ForwardedFile, Forwarder, Patience};
pub use self::poll::{ALLOWED, NotAnUpdate, RawUpdate, get_updates};
pub use self::say::{edit, say};
pub use self::speaker::Speaker;
pub use self::webhook::{Hook, HookInfo, delete_webhook, set_webhook, webhook_info};

/// How long one `getUpdates` waits for something to happen.
pub const LONG_POLL: Duration = Duration::from_secs(50);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const SEND_TIMEOUT: Duration = Duration::from_secs(15);
const POLL_TIMEOUT: Duration = LONG_POLL.saturating_add(Duration::from_secs(10));

/// The way to Telegram: makes the bots that take it. Cheap to clone.
///
/// Long polls have connections of their own, so that no message ever waits behind one.
#[derive(Clone)]
pub struct Telegram {
    api_url: reqwest::Url,
    send: reqwest::Client,
    poll: reqwest::Client,
    metrics: Metrics,
}

/// Why there is no way to Telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The base address is no URL that paths can be added to.
    #[error("telegram.api_url is not an http or https URL")]
    ApiUrl,
    /// The HTTP client cannot be made.
    #[error("cannot set up the HTTP client for telegram")]
    Client,
}

/// Why a token was not confirmed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CheckError {
    /// Telegram knows no such token.
    #[error("telegram does not accept the token")]
    Unauthorized,
    /// Telegram has not answered; later it may.
    #[error("the token could not be checked: {0}")]
    Unreachable(TelegramError),
    /// Telegram answered with something that is not this token's bot.
    #[error("telegram answered with another bot")]
    Mismatch,
}

/// Telegram does not tell its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoDate(&'static str);

fn words(err: &reqwest::Error) -> &'static str {
    match Fault::of(err) {
        Fault::TimedOut => "no answer in time",
        Fault::Proxy(why) => why,
        Fault::Unreachable => "no connection",
        Fault::Cut => "the connection broke off",
    }
}

impl From<TelegramError> for CheckError {
    fn from(err: TelegramError) -> Self {
        match err {
            TelegramError::Unauthorized => Self::Unauthorized,
            other => Self::Unreachable(other),
        }
    }
}

impl Telegram {
    /// Makes the way to the Bot API at `api_url`; straight, unless another way is given.
    ///
    /// # Errors
    ///
    /// Returns [`SetupError`] for addresses that cannot be used.
    pub fn new(api_url: &str, way: Option<&Way>) -> Result<Self, SetupError> {
        let api_url = reqwest::Url::parse(api_url).map_err(|_| SetupError::ApiUrl)?;
        if api_url.cannot_be_a_base() || !matches!(api_url.scheme(), "http" | "https") {
            return Err(SetupError::ApiUrl);
        }
        let send = client(SEND_TIMEOUT, way)?;
        let poll = client(POLL_TIMEOUT, way)?;
        Ok(Self { api_url, send, poll, metrics: Metrics::default() })
    }

    /// Has requests counted in `metrics`.
    #[must_use]
    pub fn counted(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// Returns the bot of `token` for everything but long polls.
    pub fn sender(&self, token: &BotToken) -> teloxide::Bot {
        self.bot(token, &self.send)
    }

    /// Returns the bot of `token` for long polls.
    pub fn poller(&self, token: &BotToken) -> teloxide::Bot {
        self.bot(token, &self.poll)
    }

    /// Returns the bot of `token` that spaces its messages as Telegram wants it.
    ///
    /// Make one for each bot and clone it: each counts for itself.
    pub fn speaker(&self, role: BotRole, token: &BotToken) -> Speaker {
        Speaker::new(self.sender(token), BotMeter::new(self.metrics.clone(), role))
    }

    /// Asks Telegram which bot `token`, a client's, belongs to.
    ///
    /// # Errors
    ///
    /// Returns [`CheckError`]; none of its texts holds the token.
    pub async fn check_token(&self, token: &BotToken) -> Result<Bot, CheckError> {
        self.check(BotRole::Client, token).await
    }

    /// Asks Telegram which bot `token`, of a bot of this role, belongs to.
    ///
    /// # Errors
    ///
    /// Returns [`CheckError`]; none of its texts holds the token.
    pub async fn check(&self, role: BotRole, token: &BotToken) -> Result<Bot, CheckError> {
        let me = self.speaker(role, token).ask(self.sender(token).get_me()).await?;
        let id = i64::try_from(me.user.id.0).map(BotId).map_err(|_| CheckError::Mismatch)?;
        let username = me.user.username.as_deref().and_then(|name| name.parse().ok());
        match username {
            Some(username) if me.user.is_bot && id == token.bot() => Ok(Bot { id, username }),
            _ => Err(CheckError::Mismatch),
        }
    }

    /// Asks Telegram whether another program has the bot's updates sent to it, and returns that
    /// program's host. The rest of its address may be a secret.
    ///
    /// # Errors
    ///
    /// Returns [`CheckError`]; none of its texts holds the token.
    pub async fn webhook_host(&self, token: &BotToken) -> Result<Option<String>, CheckError> {
        let voice = self.speaker(BotRole::Client, token);
        let info = voice.ask(voice.get_webhook_info()).await?;
        Ok(info.url.map(|url| url.host_str().unwrap_or("?").to_owned()))
    }

    /// Asks Telegram what time it is there, to the second.
    ///
    /// # Errors
    ///
    /// Returns why it does not tell, without any address.
    pub async fn date(&self) -> Result<Timestamp, NoDate> {
        let answer = self.send.get(self.api_url.clone()).send().await;
        let answer = answer.map_err(|err| NoDate(words(&err)))?;
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| rfc2822::parse(date).ok());
        date.map(|date| date.timestamp()).ok_or(NoDate("its answer bears no date"))
    }

    fn bot(&self, token: &BotToken, client: &reqwest::Client) -> teloxide::Bot {
        teloxide::Bot::with_client(token.expose(), client.clone()).set_api_url(self.api_url.clone())
    }
}

fn client(timeout: Duration, way: Option<&Way>) -> Result<reqwest::Client, SetupError> {
    builder(way)?.timeout(timeout).build().map_err(|_| SetupError::Client)
}

/// Begins a client that goes this way.
fn builder(way: Option<&Way>) -> Result<reqwest::ClientBuilder, SetupError> {
    let straight = Way::default();
    way.unwrap_or(&straight).client(CONNECT_TIMEOUT).map_err(|_| SetupError::Client)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_cannot_be_used_are_refused() {
        assert!(Telegram::new("https://api.telegram.org", None).is_ok());
        assert_eq!(Telegram::new("mailto:a@b", None).err(), Some(SetupError::ApiUrl));
        assert_eq!(Telegram::new("nonsense", None).err(), Some(SetupError::ApiUrl));
    }
}
