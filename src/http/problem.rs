//! What went wrong, as a problem document (RFC 9457).
//!
//! `type` is for programs and never changes once released; `title` is for people; the cause is
//! for the log alone.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use super::body::Unread;
use super::limits::whole_seconds;
use super::shape::{Parts, Shape};
use crate::store::StoreError;

mod kind;

pub(super) use self::kind::Kind;

/// What every `type` begins with.
const NAMESPACE: &str = "urn:slotbox:problem:";

/// Why a request was not done. As a response it has no body yet: [`observe`](super::observe)
/// writes it, with the request's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    kind: Kind,
    /// What exactly is wrong; never a secret.
    detail: Option<Cow<'static, str>>,
    /// What is wrong with each field of the body.
    errors: Vec<FieldError>,
    /// When to come back.
    retry_after: Option<Duration>,
}

/// What is wrong with one field of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FieldError {
    pub(super) field: Cow<'static, str>,
    pub(super) message: String,
}

/// A problem document.
#[derive(Serialize)]
pub(super) struct ProblemView<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl Shape for ProblemView<'_> {
    fn schema(parts: &mut Parts) -> Value {
        parts.named("Problem", |_| {
            json!({
                "type": "object",
                "description": "What went wrong, as RFC 9457 has it.",
                "properties": {
                    "type": {"type": "string", "description": "For programs; never changes."},
                    "title": {"type": "string", "description": "For people."},
                    "status": {"type": "integer", "description": "The status of the answer."},
                    "detail": {"type": "string", "description": "What exactly is wrong."},
                    "request_id": {"type": "string", "pattern": "^r_[0-9a-f]{16}$"},
                    "errors": {
                        "type": "array",
                        "description": "What is wrong with each field of the body.",
                        "items": {
                            "type": "object",
                            "properties": {
                                "field": {"type": "string", "description": "Empty for the whole."},
                                "message": {"type": "string"},
                            },
                            "required": ["field", "message"],
                            "additionalProperties": false,
                        },
                    },
                },
                "required": ["type", "title", "status", "request_id"],
                "additionalProperties": false,
            })
        })
    }

    fn sample() -> Value {
        sample(Kind::NotFound)
    }
}

/// Returns an example of a problem of this kind.
pub(super) fn sample(kind: Kind) -> Value {
    let mut problem = Problem::new(kind);
    if kind == Kind::InvalidBody {
        problem = Problem::field("days", "days are a whole number from 1 to 3650");
    }
    serde_json::to_value(problem.view("r_0123456789abcdef")).unwrap_or_default()
}

impl Problem {
    /// Makes a problem of this kind that has no more to say.
    pub(super) const fn new(kind: Kind) -> Self {
        Self { kind, detail: None, errors: Vec::new(), retry_after: None }
    }

    /// Something outside the body is malformed: an id, the query, a header, or the JSON itself.
    pub(super) fn malformed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(Kind::MalformedRequest) }
    }

    /// There is no such thing, as the text says.
    pub(super) const fn not_found(detail: &'static str) -> Self {
        let detail = Some(Cow::Borrowed(detail));
        Self { kind: Kind::NotFound, detail, errors: Vec::new(), retry_after: None }
    }

    /// The body is JSON and says something impossible.
    pub(super) const fn invalid(errors: Vec<FieldError>) -> Self {
        Self { kind: Kind::InvalidBody, detail: None, errors, retry_after: None }
    }

    /// Returns what is wrong with one field.
    pub(super) fn field(field: &'static str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// Logs what failed, once, and tells the caller nothing of it.
    pub(super) fn internal(cause: impl Error + 'static) -> Self {
        let error = &cause as &(dyn Error + 'static);
        tracing::error!(event = "http.failed", error, "a request failed");
        Self::new(Kind::Internal)
    }

    /// Says when to come back.
    pub(super) const fn retry_after(mut self, pause: Duration) -> Self {
        self.retry_after = Some(pause);
        self
    }

    /// Says what exactly is wrong.
    pub(super) fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    fn view<'a>(&'a self, request_id: &'a str) -> ProblemView<'a> {
        ProblemView {
            r#type: self.kind.uri(),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: self.detail.as_deref(),
            request_id,
            errors: &self.errors,
        }
    }

    /// Writes the document into the response that this problem became.
    pub(super) fn write(&self, request_id: &str, response: &mut Response) {
        // A structure of texts and numbers always has a JSON form.
        let body = serde_json::to_vec(&self.view(request_id)).unwrap_or_default();
        *response.body_mut() = body.into();
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, json);
    }
}

impl Kind {
    /// Returns the whole `type`.
    pub(super) fn uri(self) -> String {
        format!("{NAMESPACE}{}", self.name())
    }
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Self::new(kind)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        let headers = response.headers_mut();
        if self.kind == Kind::Unauthorized {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(pause) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(pause)));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Answers a path that leads nowhere.
pub(super) async fn no_route() -> Problem {
    Problem::new(Kind::NotFound)
}

/// Answers a method that a path does not have: OPTIONS with those that it has, which axum puts
/// into `Allow`; any other with a refusal that has the same header.
pub(super) async fn other_method(method: Method) -> Response {
    if method == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        Problem::new(Kind::MethodNotAllowed).into_response()
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
            Unread::TooLarge => Self::new(Kind::BodyTooLarge),
            Unread::TooSlow => Self::new(Kind::BodyTooSlow),
            Unread::Broken => Self::malformed("the body broke off"),
        }
    }
}
