//! Answers of the Bot API: a result, or an error in Telegram's own words.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What a method answers.
pub(super) type Answer = Result<Value, Refusal>;

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    code: u16,
    description: String,
    retry_after_s: Option<u32>,
}

impl Refusal {
    /// Refuses with 400; `why` comes after `Bad Request: `.
    pub(super) fn bad_request(why: impl AsRef<str>) -> Self {
        Self::new(400, format!("Bad Request: {}", why.as_ref()))
    }

    /// Refuses with 403; `why` comes after `Forbidden: `.
    pub(super) fn forbidden(why: &str) -> Self {
        Self::new(403, format!("Forbidden: {why}"))
    }

    /// Refuses with 409; `why` comes after `Conflict: `.
    pub(super) fn conflict(why: &str) -> Self {
        Self::new(409, format!("Conflict: {why}"))
    }

    /// The token is of no bot.
    pub(super) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized".to_owned())
    }

    /// There is no such method.
    pub(super) fn not_found() -> Self {
        Self::new(404, "Not Found".to_owned())
    }

    /// The request carries more than a bot may upload.
    pub(super) fn too_large() -> Self {
        Self::new(413, "Request Entity Too Large".to_owned())
    }

    /// The bot must wait before it sends again.
    pub(super) fn too_many_requests(retry_after_s: u32) -> Self {
        let description = format!("Too Many Requests: retry after {retry_after_s}");
        Self { code: 429, description, retry_after_s: Some(retry_after_s) }
    }

    /// Refuses with the usual words of an HTTP status.
    pub(super) fn of_status(code: u16) -> Self {
        let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(code, status.canonical_reason().unwrap_or_default().to_owned())
    }

    /// Refuses with any code.
    pub(super) fn new(code: u16, description: String) -> Self {
        Self { code, description, retry_after_s: None }
    }

    /// Returns the code, which is also the HTTP status.
    pub(super) fn code(&self) -> u16 {
        self.code
    }
}

/// Returns the HTTP status of an answer.
pub(super) fn status(answer: &Answer) -> u16 {
    answer.as_ref().map_or_else(Refusal::code, |_| 200)
}

/// Returns an answer as it goes over the wire.
pub(super) fn respond(answer: Answer) -> Response {
    match answer {
        Ok(result) => axum::Json(json!({"ok": true, "result": result})).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut body =
            json!({"ok": false, "error_code": self.code, "description": self.description});
        if let Some(retry_after_s) = self.retry_after_s {
            body["parameters"] = json!({"retry_after": retry_after_s});
        }
        (status, axum::Json(body)).into_response()
    }
}
