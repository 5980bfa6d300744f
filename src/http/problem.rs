//! What went wrong, as a problem document (RFC 9457).
//!
//! `type` is for programs and never changes once released; `title` is for people; the cause is
//! for the log alone.

use std::error::Error;
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::body::Unread;
use crate::store::StoreError;

/// What every `type` begins with.
const NAMESPACE: &str = "urn:slotbox:problem:";

/// Why a request was not done. As a response it has no body yet: [`observe`](super::observe)
/// writes it, with the request's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// Something outside the body is malformed: an id, the query, a header, or the JSON itself.
    Malformed(String),
    Unauthorized,
    NoRoute,
    /// There is no such thing, as the text says.
    NotFound(&'static str),
    MethodNotAllowed,
    TooSlow,
    TooLarge,
    NotJson,
    /// The body is JSON and says something impossible.
    Invalid(Vec<FieldError>),
    /// The idempotency key was used for another request.
    KeyReused,
    BotTaken,
    PaymentOfAnother,
    NoShop,
    /// Telegram cannot be asked now; try again after this long.
    TelegramUnavailable(Duration),
    Internal,
}

/// What is wrong with one field of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FieldError {
    pub(super) field: &'static str,
    pub(super) message: String,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a [FieldError]>,
}

impl Problem {
    /// Logs what failed, once, and tells the caller nothing of it.
    pub(super) fn internal(cause: impl Error + 'static) -> Self {
        let error = &cause as &(dyn Error + 'static);
        tracing::error!(event = "http.failed", error, "a request failed");
        Self::Internal
    }

    /// Returns what is wrong with one field.
    pub(super) fn field(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field, message: message.into() }])
    }

    fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Malformed(_) => {
                (StatusCode::BAD_REQUEST, "malformed-request", "The request is malformed")
            }
            Self::Unauthorized => {
                (StatusCode::UNAUTHORIZED, "unauthorized", "The API token is wrong or missing")
            }
            Self::NoRoute | Self::NotFound(_) => {
                (StatusCode::NOT_FOUND, "not-found", "There is nothing here")
            }
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "The method is not allowed")
            }
            Self::TooSlow => {
                (StatusCode::REQUEST_TIMEOUT, "body-too-slow", "The body came too slowly")
            }
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large")
            }
            Self::NotJson => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "The body must be application/json",
            ),
            Self::Invalid(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "invalid-body", "The body has invalid fields")
            }
            Self::KeyReused => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "The Idempotency-Key was used for another request",
            ),
            Self::BotTaken => (StatusCode::CONFLICT, "bot-taken", "Another client has this bot"),
            Self::PaymentOfAnother => (
                StatusCode::CONFLICT,
                "payment-of-another-client",
                "The payment was recorded for another client",
            ),
            Self::NoShop => (StatusCode::CONFLICT, "no-shop", "No shop is set up to take payments"),
            Self::TelegramUnavailable(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "telegram-unavailable",
                "Telegram cannot be asked now",
            ),
            Self::Internal => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong here")
            }
        }
    }

    /// Writes the document into the response that this problem became.
    pub(super) fn write(&self, request_id: &str, response: &mut Response) {
        let (status, kind, title) = self.parts();
        let document = Document {
            r#type: format!("{NAMESPACE}{kind}"),
            title,
            status: status.as_u16(),
            detail: self.detail(),
            request_id,
            errors: match self {
                Self::Invalid(errors) => Some(errors),
                _ => None,
            },
        };
        // A structure of texts and numbers always has a JSON form.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        *response.body_mut() = body.into();
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, json);
    }

    fn detail(&self) -> Option<&str> {
        match self {
            Self::Malformed(detail) => Some(detail),
            Self::NotFound(detail) => Some(detail),
            _ => None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.parts().0.into_response();
        let headers = response.headers_mut();
        if self == Self::Unauthorized {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Self::TelegramUnavailable(pause) = self {
            headers.insert(RETRY_AFTER, HeaderValue::from(pause.as_secs().max(1)));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(err: StoreError) -> Self {
        Self::internal(err)
    }
}

impl From<Unread> for Problem {
    fn from(why: Unread) -> Self {
        match why {
            Unread::TooLarge => Self::TooLarge,
            Unread::TooSlow => Self::TooSlow,
            Unread::Broken => Self::Malformed("the body broke off".to_owned()),
        }
    }
}
