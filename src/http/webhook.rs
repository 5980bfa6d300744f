//! `POST /yookassa/webhook`: something at the payment provider may have changed.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use serde_json::{Value, json};

use super::body::{Unread, discard, read};
use super::limits::Class;
use super::operation::Operation;
use super::shape::{Parts, Shape, object};
use super::{Shared, address};
use crate::actions::receive::{ReceiveError, receive};
use crate::domain::ids::PaymentId;
use crate::domain::network::Network;

/// The largest notification that is read.
const LARGEST_BYTES: usize = 256 * 1024;

/// How a notification is answered; the provider sends again whatever is not a 200.
pub(super) enum Answer {
    Kept,
    Refused(StatusCode, &'static str),
}

/// What a notification must hold to be one; the rest is looked up, not believed.
struct Notice;

/// What is said back.
pub(super) struct Receipt;

/// Returns what can be asked for.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/yookassa/webhook", "take_notification", webhook)
            .does(
                "Take a notification",
                "From YooKassa's networks only. It is kept, answered, and \
                then the payment is read from YooKassa itself: nothing in the body is believed.",
            )
            .bare()
            .reads::<Notice>()
            .says::<Receipt>(StatusCode::OK, "Kept, or knowingly ignored.")
            .says::<Receipt>(StatusCode::BAD_REQUEST, "Not a notification.")
            .says::<Receipt>(StatusCode::FORBIDDEN, "The address is not trusted.")
            .says::<Receipt>(StatusCode::REQUEST_TIMEOUT, "The body came too slowly.")
            .says::<Receipt>(StatusCode::PAYLOAD_TOO_LARGE, "More than 256 KiB.")
            .says::<Receipt>(StatusCode::SERVICE_UNAVAILABLE, "It could not be kept."),
    ]
}

impl Shape for Notice {
    fn schema(parts: &mut Parts) -> Value {
        parts.named("Notification", |parts| {
            json!({
                "type": "object",
                "description": "What YooKassa sends; more is let be.",
                "properties": {
                    "type": {"type": "string", "const": "notification"},
                    // It is not for us to say which events there will be.
                    "event": {"type": ["string", "number"], "minLength": 1},
                    "object": {
                        "type": "object",
                        "properties": {"id": {
                            "anyOf": [PaymentId::schema(parts), {"type": "integer"}],
                        }},
                        "required": ["id"],
                    },
                },
                "required": ["type", "event", "object"],
            })
        })
    }

    fn sample() -> Value {
        json!({"type": "notification", "event": "payment.succeeded",
            "object": {"id": PaymentId::sample()}})
    }
}

impl Shape for Receipt {
    fn schema(parts: &mut Parts) -> Value {
        parts.named("Receipt", |parts| {
            let status = json!({"type": "string", "enum": ["ok", "error"]});
            let properties = [("status", status), ("error", String::schema(parts))];
            object("What the sender is told.", properties, &["status"])
        })
    }

    fn sample() -> Value {
        json!({"status": "ok"})
    }
}

/// Keeps the notification before it is answered, and believes nothing in it.
async fn webhook(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let config = &shared.site.deps.config;
    let proxies: &[Network] = &config.server.trusted_proxies;
    let caller = address::caller(peer.ip(), request.headers(), proxies);
    let trusted = &config.yookassa.trusted_networks;
    if !caller.is_some_and(|caller| address::is_among(caller, trusted)) {
        if shared.limits.admit(Class::Stranger, caller.unwrap_or(peer.ip())).is_err() {
            // A stranger who comes again and again fills neither the log nor the line.
            return Answer::Refused(StatusCode::FORBIDDEN, "untrusted-address").into_response();
        }
        tracing::warn!(
            event = "webhook.refused", peer = %peer.ip(), caller = ?caller,
            "a notification came from an address that is not trusted"
        );
        discard(request.into_body()).await;
        return Answer::Refused(StatusCode::FORBIDDEN, "untrusted-address").into_response();
    }
    match read(request.into_body(), LARGEST_BYTES).await {
        Ok(body) => keep(&shared, body).await.into_response(),
        Err(why) => Answer::from(why).into_response(),
    }
}

async fn keep(shared: &Shared, body: Vec<u8>) -> Answer {
    match receive(&shared.site.deps, body).await {
        Ok(()) => Answer::Kept,
        Err(ReceiveError::NotANotification(err)) => {
            tracing::warn!(event = "webhook.malformed", error = %err, "not a notification");
            Answer::Refused(StatusCode::BAD_REQUEST, "not-a-notification")
        }
        Err(ReceiveError::Store(err)) => {
            let error = &err as &dyn std::error::Error;
            tracing::error!(event = "webhook.failed", error, "a notification could not be kept");
            Answer::Refused(StatusCode::SERVICE_UNAVAILABLE, "not-kept")
        }
    }
}

impl From<Unread> for Answer {
    fn from(why: Unread) -> Self {
        match why {
            Unread::TooLarge => Self::Refused(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large"),
            Unread::TooSlow => Self::Refused(StatusCode::REQUEST_TIMEOUT, "body-too-slow"),
            Unread::Broken => Self::Refused(StatusCode::BAD_REQUEST, "body-broke-off"),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
        match self {
            Self::Kept => (headers, r#"{"status":"ok"}"#).into_response(),
            Self::Refused(status, why) => {
                let body = format!(r#"{{"status":"error","error":"{why}"}}"#);
                (status, headers, body).into_response()
            }
        }
    }
}
