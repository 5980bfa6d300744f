//! `POST /telegram/webhook/{bot}`: Telegram brings an update.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::Shared;
use super::body::{discard, read};
use super::limits::Class;
use super::operation::Operation;
use super::shape::{Parts, Shape};
use super::webhook::{Answer, Receipt};
use crate::actions::take_update::{TakeError, is_telegrams, take_update};
use crate::domain::ids::BotId;

/// What Telegram shows, so that it is known.
const SECRET: &str = "x-telegram-bot-api-secret-token";
/// The largest update that is read; Telegram's are far smaller.
const LARGEST_BYTES: usize = 1024 * 1024;

/// What must be known of an update; the rest is the bot's.
struct Update;

/// A bot's number in the path.
struct Bot;

/// Returns what can be asked for.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/telegram/webhook/{id}", "take_update", webhook)
            .does(
                "Take an update",
                "From Telegram only, if telegram.updates = \"webhook\": it is known by the secret \
                that it was given for this bot. The update is kept before it is answered; what \
                was kept before is not kept again.",
            )
            .bare()
            .told::<Bot>("path", "id", "The bot's number.")
            .told::<String>("header", "X-Telegram-Bot-Api-Secret-Token", "The bot's secret.")
            .reads::<Update>()
            .says::<Receipt>(StatusCode::OK, "Kept, now or before.")
            .says::<Receipt>(StatusCode::BAD_REQUEST, "Not an update.")
            .says::<Receipt>(StatusCode::UNAUTHORIZED, "The secret is missing or wrong.")
            .says::<Receipt>(StatusCode::NOT_FOUND, "No updates of this bot are taken here.")
            .says::<Receipt>(StatusCode::REQUEST_TIMEOUT, "The body came too slowly.")
            .says::<Receipt>(StatusCode::PAYLOAD_TOO_LARGE, "More than 1 MiB.")
            .says::<Receipt>(StatusCode::SERVICE_UNAVAILABLE, "It could not be kept."),
    ]
}

impl Shape for Bot {
    fn schema(_: &mut Parts) -> Value {
        json!({"type": "integer", "format": "int64"})
    }

    fn sample() -> Value {
        json!(123_456_789)
    }
}

impl Shape for Update {
    fn schema(parts: &mut Parts) -> Value {
        parts.named("Update", |_| {
            json!({
                "type": "object",
                "description": "What Telegram sends; more is let be.",
                "properties": {"update_id": {"type": "integer", "format": "int64"}},
                "required": ["update_id"],
            })
        })
    }

    fn sample() -> Value {
        json!({"update_id": 1, "message": {"text": "/start"}})
    }
}

/// Keeps the update before it is answered. Whoever does not show the bot's secret learns nothing,
/// not even whether there is such a bot.
async fn webhook(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let deps = &shared.site.deps;
    let bot = BotId(id.parse().unwrap_or(0));
    if !is_telegrams(deps, bot, secret(request.headers())) {
        let caller = shared.caller(peer, request.headers());
        // A stranger who comes again and again fills neither the log nor the line.
        if shared.limits.admit(Class::Stranger, caller).is_ok() {
            tracing::warn!(event = "telegram_webhook.refused", peer = %peer.ip(), %caller,
                "an update came without the bot's secret");
            discard(request.into_body()).await;
        }
        return Answer::Refused(StatusCode::UNAUTHORIZED, "wrong-secret");
    }
    match read(request.into_body(), LARGEST_BYTES).await {
        Ok(body) => match take_update(deps, bot, &body).await {
            Ok(()) => Answer::Kept,
            Err(err) => refused(bot, &err),
        },
        Err(why) => Answer::from(why),
    }
}

fn secret(headers: &HeaderMap) -> &[u8] {
    headers.get(SECRET).map(HeaderValue::as_bytes).unwrap_or_default()
}

fn refused(bot: BotId, err: &TakeError) -> Answer {
    let (status, why) = match err {
        TakeError::NotHere => (StatusCode::NOT_FOUND, "not-here"),
        TakeError::NotAnUpdate(_) => (StatusCode::BAD_REQUEST, "not-an-update"),
        TakeError::TooMany => (StatusCode::SERVICE_UNAVAILABLE, "too-many"),
        TakeError::Seal(_) | TakeError::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "not-kept"),
    };
    match err {
        TakeError::Seal(_) | TakeError::Store(_) => {
            tracing::error!(event = "telegram_webhook.not_kept", %bot, error = %err,
                "an update could not be kept; telegram brings it again");
        }
        TakeError::NotHere | TakeError::NotAnUpdate(_) | TakeError::TooMany => {
            tracing::warn!(event = "telegram_webhook.not_taken", %bot, reason = %err,
                "an update was not taken");
        }
    }
    Answer::Refused(status, why)
}
