//! Clients: adding one, looking at them, adding time.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};
use jiff::Timestamp;
use serde::Serialize;

use super::call::Call;
use super::fields::{Fields, days, money, number, text};
use super::id::Id;
use super::page::{Asked, Page};
use super::view::ClientView;
use crate::actions::add_client::{AddClientError, NewClient, add_client};
use crate::actions::extend::{self, ExtendError, Extension};
use crate::domain::actor::Actor;
use crate::domain::ids::{ClientId, UserId};
use crate::domain::money::Money;
use crate::domain::plan::Days;
use crate::external::telegram::TelegramError;
use crate::http::Shared;
use crate::http::problem::Problem;
use crate::store::{StoreError, clients};

const KIND: &str = "clients";
/// How long a client's time is if the caller does not say.
const USUAL_DAYS: i64 = 30;
/// When to come back if Telegram cannot be asked and says nothing.
const USUAL_PAUSE: Duration = Duration::from_secs(5);

pub(super) const NO_CLIENT: Problem = Problem::NotFound("there is no such client");

/// `GET /api/clients`
pub(super) async fn list(
    State(shared): State<Shared>,
    asked: Asked,
) -> Result<Json<Page<ClientView>>, Problem> {
    let place = |bytes: &[u8]| bytes.try_into().ok().map(u128::from_be_bytes);
    let before = asked.after(KIND, place)?.map(ClientId::from_bits);
    let rows = asked.rows();
    let found = shared.site.deps.store.scan(move |snap| clients::list(snap, before, rows)).await;
    let found = found.map_err(|err: StoreError| Problem::from(err))?;
    let place = |client: &crate::domain::client::Client| client.id.bits().to_be_bytes().to_vec();
    Ok(Json(asked.page(KIND, found, place, |client| ClientView::from(client))))
}

/// `GET /api/clients/{id}`
pub(super) async fn show(
    State(shared): State<Shared>,
    Id(id): Id<ClientId>,
) -> Result<Json<ClientView>, Problem> {
    let found = shared.site.deps.store.read(|snap| clients::get(snap, id))?;
    found.map(|client| Json(ClientView::from(&client))).ok_or(NO_CLIENT)
}

/// What a caller gets who added a client.
#[derive(Serialize)]
pub(super) struct Added {
    client_id: String,
    bot_username: String,
    task_id: String,
    subscription_expires_at: Option<Timestamp>,
}

/// `POST /api/clients`
pub(super) async fn add(
    State(shared): State<Shared>,
    call: Call,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<Added>), Problem> {
    let new = new_client(call.fields()?, call.by)?;
    let added = add_client(&shared.site.deps, call.cause, new).await?;
    let answer = Added {
        client_id: added.client.id.to_string(),
        bot_username: added.client.bot.username.to_string(),
        task_id: added.job.to_string(),
        subscription_expires_at: added.client.subscription.granted_until(),
    };
    let location = (LOCATION, format!("/api/tasks/{}", answer.task_id));
    Ok((StatusCode::ACCEPTED, [location], Json(answer)))
}

fn new_client(mut fields: Fields<'_>, by: Actor) -> Result<NewClient, Problem> {
    let token = fields.required("bot_token", text);
    let owner = fields.required("admin_telegram_id", person);
    let company = fields.required("company_name", text);
    let length = fields.optional("subscription_days", days);
    let amount = fields.optional("paid_amount", money);
    let payment = fields.optional("payment_id", text);
    let usual = Days::new(USUAL_DAYS).map_err(Problem::internal)?;
    let read = (token, owner, company, length, amount, payment);
    let (Some(token), Some(owner), Some(company), Some(length), Some(amount), Some(payment)) = read
    else {
        return Err(fields.problem());
    };
    let (days, amount) = (length.unwrap_or(usual), amount.unwrap_or(Money::ZERO));
    Ok(NewClient { token, owner, company, days, amount, payment, by })
}

fn person(json: &str) -> Result<UserId, String> {
    UserId::new(number(json)?).map_err(|err| err.to_string())
}

/// What a caller gets who added time.
#[derive(Serialize)]
pub(super) struct Extended {
    client_id: String,
    subscription_expires_at: Option<Timestamp>,
    applied: bool,
}

/// `POST /api/clients/{id}/extend`
pub(super) async fn extend(
    State(shared): State<Shared>,
    Id(client): Id<ClientId>,
    call: Call,
) -> Result<Json<Extended>, Problem> {
    let extension = extension(client, call.fields()?, call.by)?;
    let extended = extend::extend(&shared.site.deps, call.cause, extension).await?;
    Ok(Json(Extended {
        client_id: extended.client.id.to_string(),
        subscription_expires_at: extended.client.subscription.granted_until(),
        applied: extended.applied,
    }))
}

fn extension(client: ClientId, mut fields: Fields<'_>, by: Actor) -> Result<Extension, Problem> {
    let days = fields.required("days", days);
    let amount = fields.optional("amount", money);
    let payment = fields.optional("payment_id", text);
    let (Some(days), Some(amount), Some(payment)) = (days, amount, payment) else {
        return Err(fields.problem());
    };
    let amount = amount.unwrap_or(Money::ZERO);
    Ok(Extension { client, days, amount, payment, by })
}

impl From<AddClientError> for Problem {
    fn from(err: AddClientError) -> Self {
        match err {
            AddClientError::BadToken => {
                Self::field("bot_token", "telegram does not accept this token")
            }
            AddClientError::Unchecked(TelegramError::RetryAfter(pause)) => {
                Self::TelegramUnavailable(pause)
            }
            AddClientError::Unchecked(_) => Self::TelegramUnavailable(USUAL_PAUSE),
            AddClientError::BotTaken => Self::BotTaken,
            AddClientError::PaymentOfAnother => Self::PaymentOfAnother,
            AddClientError::KeyReused(_) => Self::KeyReused,
            AddClientError::Random(_) | AddClientError::Seal(_) | AddClientError::Store(_) => {
                Self::internal(err)
            }
        }
    }
}

impl From<ExtendError> for Problem {
    fn from(err: ExtendError) -> Self {
        match err {
            ExtendError::UnknownClient => NO_CLIENT,
            ExtendError::PaymentOfAnother => Self::PaymentOfAnother,
            ExtendError::KeyReused(_) => Self::KeyReused,
            ExtendError::Random(_) | ExtendError::Store(_) => Self::internal(err),
        }
    }
}
