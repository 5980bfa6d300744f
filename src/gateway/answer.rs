//! The gateway's own answers, in the shape of Telegram's.

use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::external::telegram::pace::ComeAgainIn;

/// Why the gateway answers in Telegram's place. The words never hold anything secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No such path, or one that could mean something else than it says.
    NoSuchPath,
    /// The method is not in the list.
    MethodNotAllowed,
    /// The call's form is wrong.
    BadRequest(&'static str),
    /// The body is larger than Telegram takes, or the file than it gives.
    TooLarge,
    /// Telegram has refused the token, and will until there is another one.
    TokenRevoked,
    /// The client's bot has no token yet, or it cannot be read now.
    NoToken,
    /// The bot does not have its data yet or any more, and must not serve without it.
    NoData,
    /// A limit of Telegram's is reached.
    TooManyRequests(ComeAgainIn),
    /// Telegram cannot be reached, or gives no answer of the known form.
    Unreachable,
}

/// Telegram's answer to a failed call.
#[derive(Debug, Serialize)]
struct Failed {
    ok: bool,
    error_code: u16,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Parameters>,
}

#[derive(Debug, Serialize)]
struct Parameters {
    retry_after: u64,
}

impl Refusal {
    const fn status(self) -> StatusCode {
        match self {
            Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::FORBIDDEN,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TokenRevoked => StatusCode::UNAUTHORIZED,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NoData => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoToken | Self::Unreachable => StatusCode::BAD_GATEWAY,
        }
    }

    fn description(self) -> String {
        match self {
            Self::NoSuchPath => "Not Found".to_owned(),
            Self::MethodNotAllowed => "Forbidden: method is not allowed".to_owned(),
            Self::BadRequest(reason) => format!("Bad Request: {reason}"),
            Self::TooLarge => "Request Entity Too Large".to_owned(),
            Self::TokenRevoked => "Unauthorized".to_owned(),
            Self::NoToken => "Bad Gateway: the bot's token cannot be read".to_owned(),
            Self::NoData => "Service Unavailable: the bot must not serve now".to_owned(),
            Self::TooManyRequests(again) => {
                format!("Too Many Requests: retry after {}", seconds(again))
            }
            Self::Unreachable => "Bad Gateway: Telegram cannot be reached".to_owned(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let parameters = match self {
            Self::TooManyRequests(again) => Some(Parameters { retry_after: seconds(again) }),
            _ => None,
        };
        let status = self.status();
        let description = self.description();
        let failed = Failed { ok: false, error_code: status.as_u16(), description, parameters };
        (status, Json(failed)).into_response()
    }
}

impl From<ComeAgainIn> for Refusal {
    fn from(again: ComeAgainIn) -> Self {
        Self::TooManyRequests(again)
    }
}

/// Whole seconds, as Telegram counts, and never too few.
const fn seconds(ComeAgainIn(wait): ComeAgainIn) -> u64 {
    wait.as_secs() + 1
}

/// What the gateway reads of an answer of Telegram's.
#[derive(Debug, Deserialize)]
pub(super) struct Verdict {
    pub(super) ok: bool,
    #[serde(default)]
    pub(super) description: String,
    parameters: Option<VerdictParameters>,
}

#[derive(Debug, Deserialize)]
struct VerdictParameters {
    retry_after: Option<u64>,
}

impl Verdict {
    /// Returns how long Telegram wants to be left alone.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.parameters.as_ref()?.retry_after.map(Duration::from_secs)
    }
}
