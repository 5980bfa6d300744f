//! What an answer of Telegram, or none, means to us.

use std::time::Duration;

use teloxide::{ApiError, RequestError};

use crate::external::way::Fault;
use crate::metrics::Telling;

/// Why Telegram did not do what it was asked: the cases that callers treat differently.
///
/// Holds neither a token nor a word of anybody's message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TelegramError {
    /// This person cannot be written to: blocked the bot, left, or never started it.
    #[error("the chat cannot be written to")]
    Blocked,
    /// The token was revoked or the bot deleted.
    #[error("the token is not valid")]
    Unauthorized,
    /// Another program reads the bot's updates.
    #[error("another program reads the bot's updates")]
    Conflict,
    /// The bot's updates go to a webhook.
    #[error("a webhook is set")]
    WebhookSet,
    /// Too much was asked of Telegram; it says when to come back.
    #[error("told to wait for {} s", .0.as_secs())]
    RetryAfter(Duration),
    /// The message already looks so.
    #[error("the message is as it should be")]
    NotModified,
    /// Telegram was not reached, or broke off.
    #[error("no answer: {0}")]
    Network(&'static str),
    /// Telegram has a problem of its own.
    #[error("telegram failed")]
    Server,
    /// Telegram refused the request, and would do so again.
    #[error("refused: {0}")]
    Refused(String),
}

impl TelegramError {
    /// Tells whether the same request may succeed later.
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::RetryAfter(_) | Self::Network(_) | Self::Server => true,
            Self::Blocked
            | Self::Unauthorized
            | Self::Conflict
            | Self::WebhookSet
            | Self::NotModified
            | Self::Refused(_) => false,
        }
    }

    /// Reads an error answer: its code, its description and how long to wait.
    pub(super) fn from_answer(code: u16, description: &str, retry_after: Option<u64>) -> Self {
        match code {
            401 | 404 => Self::Unauthorized,
            403 => Self::Blocked,
            409 if description.contains("webhook") => Self::WebhookSet,
            409 => Self::Conflict,
            429 => Self::RetryAfter(Duration::from_secs(retry_after.unwrap_or(1))),
            500.. => Self::Server,
            _ => Self::from_description(description),
        }
    }

    fn from_description(description: &str) -> Self {
        const SERVER: [&str; 4] =
            ["Internal Server Error", "Bad Gateway", "Service Unavailable", "Gateway Timeout"];
        if description.starts_with("Forbidden") || description.contains("chat not found") {
            Self::Blocked
        } else if description.contains("message is not modified") {
            Self::NotModified
        } else if description.starts_with("Too Many Requests") {
            Self::RetryAfter(Duration::from_secs(1))
        } else if SERVER.iter().any(|it| description.starts_with(it)) {
            Self::Server
        } else {
            Self::Refused(without_details(description))
        }
    }
}

impl<T> Telling for Result<T, TelegramError> {
    fn result(&self) -> &'static str {
        match self {
            Ok(_) => "ok",
            Err(TelegramError::Blocked) => "blocked",
            Err(TelegramError::Unauthorized) => "unauthorized",
            Err(TelegramError::Conflict) => "conflict",
            Err(TelegramError::WebhookSet) => "webhook_set",
            Err(TelegramError::RetryAfter(_)) => "retry_after",
            Err(TelegramError::NotModified) => "not_modified",
            Err(TelegramError::Network(_)) => "network",
            Err(TelegramError::Server) => "server",
            Err(TelegramError::Refused(_)) => "refused",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Err(TelegramError::RetryAfter(wait)) => Some(*wait),
            _ => None,
        }
    }
}

impl From<RequestError> for TelegramError {
    fn from(err: RequestError) -> Self {
        match err {
            RequestError::Api(err) => err.into(),
            RequestError::RetryAfter(seconds) => Self::RetryAfter(seconds.duration()),
            RequestError::MigrateToChatId(_) => Self::Refused("the chat has moved".to_owned()),
            RequestError::Network(err) => (&*err).into(),
            // The request was done and its answer is of a form we do not know, or it never was.
            RequestError::InvalidJson { raw, .. } if raw.starts_with("{\"ok\":true") => {
                Self::Refused("an answer of unknown form".to_owned())
            }
            RequestError::InvalidJson { .. } => Self::Server,
            RequestError::Io(_) => Self::Refused("a file could not be read".to_owned()),
        }
    }
}

impl From<ApiError> for TelegramError {
    fn from(err: ApiError) -> Self {
        match err {
            ApiError::InvalidToken => Self::Unauthorized,
            ApiError::TerminatedByOtherGetUpdates => Self::Conflict,
            ApiError::CantGetUpdates => Self::WebhookSet,
            ApiError::MessageNotModified => Self::NotModified,
            ApiError::BotBlocked
            | ApiError::ChatNotFound
            | ApiError::UserDeactivated
            | ApiError::CantInitiateConversation
            | ApiError::CantTalkWithBots
            | ApiError::BotKicked
            | ApiError::BotKickedFromSupergroup
            | ApiError::BotKickedFromChannel => Self::Blocked,
            ApiError::Unknown(description) => Self::from_description(&description),
            other => Self::from_description(&other.to_string()),
        }
    }
}

/// Names the failure without the address, which holds the token.
impl From<&reqwest::Error> for TelegramError {
    fn from(err: &reqwest::Error) -> Self {
        Self::Network(match Fault::of(err) {
            Fault::TimedOut => "timed out",
            Fault::Proxy(why) => why,
            Fault::Unreachable => "cannot connect",
            Fault::Cut => "broken off",
        })
    }
}

/// Keeps Telegram's words before what they quote: "Bad Request: chat not found".
fn without_details(description: &str) -> String {
    description.splitn(3, ':').take(2).collect::<Vec<_>>().join(":").chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(description: &str) -> TelegramError {
        let answer = serde_json::json!(description);
        serde_json::from_value::<ApiError>(answer).unwrap().into()
    }

    #[test]
    fn answers_are_told_apart() {
        assert_eq!(read("Forbidden: bot was blocked by the user"), TelegramError::Blocked);
        assert_eq!(
            read("Forbidden: bot can't initiate conversation with a user"),
            TelegramError::Blocked
        );
        assert_eq!(read("Unauthorized"), TelegramError::Unauthorized);
        assert_eq!(read("Bad Gateway"), TelegramError::Server);
        assert!(read("Internal Server Error").is_passing());
        assert_eq!(
            TelegramError::from_answer(429, "Too Many Requests: retry after 7", Some(7)),
            TelegramError::RetryAfter(Duration::from_secs(7))
        );
        let webhook = "Conflict: can't use getUpdates method while webhook is active";
        assert_eq!(TelegramError::from_answer(409, webhook, None), TelegramError::WebhookSet);
    }

    #[test]
    fn what_telegram_quotes_is_left_out() {
        let told = read("Bad Request: can't parse entities: Unsupported start tag \"Anna\"");
        assert!(!format!("{told} {told:?}").contains("Anna"), "{told}");
    }

    #[tokio::test]
    async fn a_failed_request_does_not_tell_the_token() {
        use teloxide::requests::Requester;
        let token = "123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";
        let url = reqwest::Url::parse("http://127.0.0.1:1").unwrap();
        let bot = teloxide::Bot::new(token).set_api_url(url);
        let err = TelegramError::from(bot.get_me().await.unwrap_err());
        assert_eq!(err, TelegramError::Network("cannot connect"));
        assert!(!format!("{err} {err:?}").contains("AAH5"));
    }
}
