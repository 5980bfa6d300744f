//! How the shop answers: with what was asked for, or with a refusal.

use axum::http::StatusCode;
use serde::Serialize;

/// A finished answer: its status and its JSON.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
}

/// Why the shop does not do what it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    description: String,
    parameter: Option<&'static str>,
}

impl Answer {
    pub(super) fn ok(body: &impl Serialize) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// Answers that a call is still being worked on.
    pub(super) fn processing(retry_after_ms: Option<u64>) -> Self {
        #[derive(Serialize)]
        struct Processing {
            r#type: &'static str,
            description: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            retry_after: Option<u64>,
        }
        let body = Processing {
            r#type: "processing",
            description: "Request accepted, but not processed yet",
            retry_after: retry_after_ms,
        };
        Self::json(StatusCode::ACCEPTED, &body)
    }

    pub(super) fn too_many(retry_after_ms: Option<u64>) -> Self {
        let refusal = Refusal {
            status: StatusCode::TOO_MANY_REQUESTS,
            code: "too_many_requests",
            description: "Too many requests".to_owned(),
            parameter: None,
        };
        refusal.answer(retry_after_ms)
    }

    pub(super) fn failure() -> Self {
        let refusal = Refusal {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "internal_server_error",
            description: "Internal server error".to_owned(),
            parameter: None,
        };
        refusal.answer(None)
    }

    fn json(status: StatusCode, body: &impl Serialize) -> Self {
        Self { status, body: serde_json::to_vec(body).unwrap_or_default() }
    }
}

impl Refusal {
    pub(super) fn invalid(description: &str, parameter: &'static str) -> Self {
        let description = description.to_owned();
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "invalid_request",
            description,
            parameter: Some(parameter),
        }
    }

    pub(super) fn malformed(description: &str) -> Self {
        Self { parameter: None, ..Self::invalid(description, "") }
    }

    pub(super) fn not_found() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "not_found",
            ..Self::malformed("The object is not found in this shop")
        }
    }

    pub(super) fn unauthorized() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: "invalid_credentials",
            ..Self::malformed("Error in shopId or secret key. Check their validity.")
        }
    }

    pub(super) fn forbidden(description: &str) -> Self {
        Self { status: StatusCode::FORBIDDEN, code: "forbidden", ..Self::malformed(description) }
    }

    pub(super) fn wrong_method() -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            code: "invalid_request",
            ..Self::malformed("The method is not allowed here")
        }
    }

    fn answer(&self, retry_after_ms: Option<u64>) -> Answer {
        #[derive(Serialize)]
        struct Problem<'a> {
            r#type: &'static str,
            id: &'static str,
            code: &'static str,
            description: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            parameter: Option<&'static str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            retry_after: Option<u64>,
        }
        let body = Problem {
            r#type: "error",
            id: "0190c9a4-0000-7000-8000-000000000000",
            code: self.code,
            description: &self.description,
            parameter: self.parameter,
            retry_after: retry_after_ms,
        };
        Answer::json(self.status, &body)
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        refusal.answer(None)
    }
}
