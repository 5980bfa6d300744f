//! Clients: adding one, looking at them, adding time.

pub(super) mod life;

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
use super::page::Page;
use super::query::Query;
use super::view::{ClientState, ClientView};
use crate::actions::add_client::{AddClientError, NewClient, add_client};
use crate::actions::extend::{self, ExtendError, Extension};
use crate::domain::actor::Actor;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, UserId};
use crate::domain::money::Money;
use crate::domain::plan::Days;
use crate::external::telegram::TelegramError;
use crate::http::Shared;
use crate::http::problem::{Kind, Problem};
use crate::store::clients::Needle;
use crate::store::{Snapshot, StoreError, clients};

const KIND: &str = "clients";
/// How long a client's time is if the caller does not say.
const USUAL_DAYS: i64 = 30;
/// The most characters of what is looked for: as many as a name has.
const LONGEST_NEEDLE: usize = 64;
/// When to come back if Telegram cannot be asked and says nothing.
const USUAL_PAUSE: Duration = Duration::from_secs(5);

pub(super) const NO_CLIENT: Problem = Problem::not_found("there is no such client");

/// `GET /api/clients`
pub(super) async fn list(
    State(shared): State<Shared>,
    mut query: Query,
) -> Result<Json<Page<ClientView>>, Problem> {
    let state = query.take("state", str::parse::<ClientState>)?;
    let needle = query.take("q", needle)?;
    let asked = query.page()?;
    let place = |bytes: &[u8]| bytes.try_into().ok().map(u128::from_be_bytes);
    let before = asked.after(KIND, place)?.map(ClientId::from_bits);
    let rows = asked.rows();
    let wanted = move |client: &Client| {
        state.is_none_or(|state| state == client.subscription.into())
            && needle.as_ref().is_none_or(|needle| needle.finds(client))
    };
    let scan = move |snap: &Snapshot<'_>| clients::list_where(snap, before, rows, wanted);
    let found = shared.site.deps.store.scan(scan).await;
    let found = found.map_err(|err: StoreError| Problem::from(err))?;
    let place = |client: &Client| client.id.bits().to_be_bytes().to_vec();
    Ok(Json(asked.page(KIND, found, place, |client| ClientView::from(client))))
}

fn needle(text: &str) -> Result<Needle, &'static str> {
    let fits = text.chars().count() <= LONGEST_NEEDLE;
    if fits { Ok(Needle::new(text)) } else { Err("expected at most 64 characters") }
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
    let new = new_client(call.by, call.fields()?)?;
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

fn new_client(by: Actor, mut fields: Fields<'_>) -> Result<NewClient, Problem> {
    let token = fields.required("bot_token", text);
    let owner = fields.required("admin_telegram_id", person);
    let company = fields.required("company_name", text);
    let length = fields.optional("subscription_days", days);
    let amount = fields.optional("paid_amount", money);
    let payment = fields.optional("payment_id", text);
    let usual = Days::new(USUAL_DAYS).map_err(Problem::internal)?;
    let read = || {
        let (days, amount) = (length?.unwrap_or(usual), amount?.unwrap_or(Money::ZERO));
        let (token, owner, company, payment) = (token?, owner?, company?, payment?);
        Some(NewClient { token, owner, company, days, amount, payment, by })
    };
    fields.end(read())
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
    let extension = extension(client, call.by, call.fields()?)?;
    let extended = extend::extend(&shared.site.deps, call.cause, extension).await?;
    Ok(Json(Extended {
        client_id: extended.client.id.to_string(),
        subscription_expires_at: extended.client.subscription.granted_until(),
        applied: extended.applied,
    }))
}

fn extension(client: ClientId, by: Actor, mut fields: Fields<'_>) -> Result<Extension, Problem> {
    let days = fields.required("days", days);
    let amount = fields.optional("amount", money);
    let payment = fields.optional("payment_id", text);
    let read = || {
        let (days, amount, payment) = (days?, amount?.unwrap_or(Money::ZERO), payment?);
        Some(Extension { client, days, amount, payment, by })
    };
    fields.end(read())
}

impl From<AddClientError> for Problem {
    fn from(err: AddClientError) -> Self {
        match err {
            AddClientError::BadToken => {
                Self::field("bot_token", "telegram does not accept this token")
            }
            AddClientError::Unchecked(TelegramError::RetryAfter(pause)) => {
                Self::new(Kind::TelegramUnavailable).retry_after(pause)
            }
            AddClientError::Unchecked(_) => {
                Self::new(Kind::TelegramUnavailable).retry_after(USUAL_PAUSE)
            }
            AddClientError::BotTaken => Kind::BotTaken.into(),
            AddClientError::PaymentOfAnother => Kind::PaymentOfAnother.into(),
            AddClientError::KeyReused(_) => Kind::KeyReused.into(),
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
            ExtendError::PaymentOfAnother => Kind::PaymentOfAnother.into(),
            ExtendError::KeyReused(_) => Kind::KeyReused.into(),
            ExtendError::Random(_) | ExtendError::Store(_) => Self::internal(err),
        }
    }
}
