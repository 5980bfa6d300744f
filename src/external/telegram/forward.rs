//! Sends other programs' calls on to Telegram, under a token that they never see.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};

use super::{SetupError, builder};
use crate::domain::token::BotToken;
use crate::external::way::{Fault, Way};
use crate::metrics::Telling;

pub use reqwest::Body as ForwardBody;

/// A call without a file takes no longer.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// An upload of 50 MB over a slow line.
const UPLOAD_TIMEOUT: Duration = Duration::from_mins(3);
/// What Telegram may take beyond the time that a long poll waits.
const POLL_MARGIN: Duration = Duration::from_secs(10);
/// No answer to a call is larger: 100 updates with the longest texts.
const ANSWER_LIMIT_BYTES: usize = 16 * 1024 * 1024;

/// How long a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// A call that is answered at once.
    Call,
    /// A call that carries a file.
    Upload,
    /// A long poll that waits so long for something to happen.
    Poll(Duration),
}

/// Telegram's answer as it came.
#[derive(Debug)]
pub struct Forwarded {
    /// The HTTP status.
    pub status: u16,
    /// The body, whole.
    pub body: Vec<u8>,
}

/// A file on its way from Telegram.
#[derive(Debug)]
pub struct ForwardedFile(Response);

/// Why there is no answer of Telegram's. Holds no address, and so no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForwardError {
    /// No connection, or it broke off.
    #[error("telegram was not reached")]
    Unreachable,
    /// The proxy is not there, or does not lead on.
    #[error("telegram was not reached: {0}")]
    Proxy(&'static str),
    /// The time was over.
    #[error("telegram did not answer in time")]
    Timeout,
    /// More came than Telegram ever sends, or something that repeats the token.
    #[error("the answer is not one of telegram's")]
    Unusable,
}

impl From<reqwest::Error> for ForwardError {
    fn from(err: reqwest::Error) -> Self {
        match Fault::of(&err) {
            Fault::TimedOut => Self::Timeout,
            Fault::Proxy(why) => Self::Proxy(why),
            Fault::Unreachable | Fault::Cut => Self::Unreachable,
        }
    }
}

impl Telling for Result<Forwarded, ForwardError> {
    fn result(&self) -> &'static str {
        match self {
            Ok(answer) => answer.result(),
            Err(_) => "network",
        }
    }

    /// The gateway reads the answer itself, and counts what it says.
    fn retry_after(&self) -> Option<Duration> {
        None
    }
}

impl Telling for Result<Result<ForwardedFile, Forwarded>, ForwardError> {
    fn result(&self) -> &'static str {
        match self {
            Ok(Ok(_)) => "ok",
            Ok(Err(answer)) => answer.result(),
            Err(_) => "network",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        None
    }
}

/// The way to Telegram for calls that come from elsewhere; cheap to clone.
#[derive(Clone, Debug)]
pub struct Forwarder {
    api_url: String,
    loopback: bool,
    calls: Client,
    polls: Client,
}

impl Forwarder {
    /// Makes the way to the Bot API at `api_url`; straight, unless another way is given.
    ///
    /// # Errors
    ///
    /// Returns [`SetupError`] for addresses that cannot be used.
    pub fn new(api_url: &str, way: Option<&Way>) -> Result<Self, SetupError> {
        let url = reqwest::Url::parse(api_url).map_err(|_| SetupError::ApiUrl)?;
        // A redirect could carry the token to another host.
        let client = || {
            let builder = builder(way)?.redirect(Policy::none());
            builder.build().map_err(|_| SetupError::Client)
        };
        let loopback = match url.host_str().map(|host| host.trim_matches(['[', ']'])) {
            Some("localhost") => true,
            host => host.and_then(|host| host.parse().ok()).is_some_and(is_loopback),
        };
        let api_url = api_url.trim_end_matches('/').to_owned();
        Ok(Self { api_url, loopback, calls: client()?, polls: client()? })
    }

    /// Tells whether the Bot API is on this host, and so has no limits of its own for it.
    pub const fn is_local(&self) -> bool {
        self.loopback
    }

    /// Calls `method` with this body and the headers that describe it.
    ///
    /// # Errors
    ///
    /// Returns [`ForwardError`] if there is no answer; an error of Telegram's is an answer.
    pub async fn call(
        &self,
        token: &BotToken,
        method: &'static str,
        headers: HeaderMap,
        body: ForwardBody,
        patience: Patience,
    ) -> Result<Forwarded, ForwardError> {
        let (client, timeout) = match patience {
            Patience::Call => (&self.calls, CALL_TIMEOUT),
            Patience::Upload => (&self.calls, UPLOAD_TIMEOUT),
            Patience::Poll(wait) => (&self.polls, wait + POLL_MARGIN),
        };
        let url = format!("{}/bot{}/{method}", self.api_url, token.expose());
        let request = client.request(Method::POST, url).headers(headers).body(body);
        let response = request.timeout(timeout).send().await?;
        Forwarded::read(response, token).await
    }

    /// Asks for a file; `path` must hold nothing but plain segments.
    ///
    /// # Errors
    ///
    /// As [`Forwarder::call`]. An answer that is no file is the inner error.
    pub async fn file(
        &self,
        token: &BotToken,
        path: &str,
    ) -> Result<Result<ForwardedFile, Forwarded>, ForwardError> {
        let url = format!("{}/file/bot{}/{path}", self.api_url, token.expose());
        let response = self.calls.get(url).timeout(UPLOAD_TIMEOUT).send().await?;
        if response.status().is_success() {
            return Ok(Ok(ForwardedFile(response)));
        }
        Forwarded::read(response, token).await.map(Err)
    }

    /// Removes a webhook that somebody has set, and keeps the updates that wait for it.
    ///
    /// # Errors
    ///
    /// As [`Forwarder::call`].
    pub async fn remove_webhook(&self, token: &BotToken) -> Result<Forwarded, ForwardError> {
        let json = HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([(reqwest::header::CONTENT_TYPE, json)]);
        let body = r#"{"drop_pending_updates":false}"#.into();
        self.call(token, "deleteWebhook", headers, body, Patience::Call).await
    }
}

impl Forwarded {
    /// Names for counts what the status says.
    const fn result(&self) -> &'static str {
        match self.status {
            200..=299 => "ok",
            401 | 404 => "unauthorized",
            403 => "blocked",
            409 => "conflict",
            429 => "retry_after",
            500.. => "server",
            _ => "refused",
        }
    }

    async fn read(mut response: Response, token: &BotToken) -> Result<Self, ForwardError> {
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > ANSWER_LIMIT_BYTES {
                return Err(ForwardError::Unusable);
            }
            body.extend_from_slice(&chunk);
        }
        // Servers between us and Telegram like to repeat the address in their error pages.
        let secret = token.expose().rsplit(':').next().unwrap_or_default().as_bytes();
        if body.windows(secret.len()).any(|window| window == secret) {
            return Err(ForwardError::Unusable);
        }
        Ok(Self { status, body })
    }
}

impl ForwardedFile {
    /// Returns the file's size, if Telegram told it.
    pub fn length(&self) -> Option<u64> {
        self.0.content_length()
    }

    /// Returns the next part of the file; `None` at its end.
    ///
    /// # Errors
    ///
    /// Returns [`ForwardError`] if the file breaks off.
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, ForwardError> {
        Ok(self.0.chunk().await?.map(Into::into))
    }
}

fn is_loopback(address: std::net::IpAddr) -> bool {
    address.is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_server_is_told_from_telegrams() {
        let is_local = |url| Forwarder::new(url, None).unwrap().is_local();
        for url in ["http://127.0.0.1:8081", "http://localhost:8081/", "http://[::1]:8081"] {
            assert!(is_local(url), "{url}");
        }
        for url in ["https://api.telegram.org", "http://10.0.0.1", "http://localhost.example.org"] {
            assert!(!is_local(url), "{url}");
        }
        assert!(Forwarder::new("nonsense", None).is_err());
    }
}
