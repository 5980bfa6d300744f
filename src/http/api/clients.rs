//! Clients: adding one, looking at them, adding time.

mod life;

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::Call;
use super::id::Id;
use super::page::Page;
use super::query::Query;
use super::view::{ClientState, ClientView};
use crate::actions::add_client::{AddClientError, NewClient, add_client};
use crate::actions::extend::{self, ExtendError, Extension};
use crate::domain::client::{BotUsername, Client, CompanyName};
use crate::domain::ids::{ClientId, JobId, PaymentId, UserId};
use crate::domain::money::Money;
use crate::domain::plan::Days;
use crate::domain::token::BotToken;
use crate::external::telegram::TelegramError;
use crate::http::Shared;
use crate::http::operation::Operation;
use crate::http::problem::{Kind, Problem};
use crate::http::shape::{Parts, Shape, Shown, body, view};
use crate::store::clients::Needle;
use crate::store::{Snapshot, StoreError, clients};

const KIND: &str = "clients";
/// How long a client's time is if the caller does not say.
const USUAL_DAYS: i64 = 30;
/// The most characters of what is looked for: as many as a name has.
const LONGEST_NEEDLE: usize = 64;
/// When to come back if Telegram cannot be asked and says nothing.
const USUAL_PAUSE: Duration = Duration::from_secs(5);

const CLIENT: &str = "The client's id.";

pub(super) const NO_CLIENT: Problem = Problem::not_found("there is no such client");

/// What can be done to a client, wherever its id comes from.
const ON_CLIENT: &[&str] = &[
    "get_client",
    "change_client",
    "extend_client",
    "suspend_client",
    "resume_client",
    "restart_client",
    "back_up_client",
    "list_client_payments",
    "create_order",
    "delete_client",
];

/// Returns what can be asked for.
pub(super) fn operations() -> Vec<Operation> {
    let mut operations = vec![
        Operation::get("/clients", "list_clients", list)
            .does("List clients", "All of them, or those in one state or found by a search.")
            .query::<ClientState>("state", "Only clients in this state.")
            .query::<Needle>(
                "q",
                "Only clients whose business or bot has this in its name, whose \
                id begins with it, or whose owner or bot has it for a number. Case and ё for е do \
                not matter.",
            )
            .lists::<ClientView>("A page of clients, newest first.")
            .leads("/items/0/client_id", ON_CLIENT),
        Operation::post("/clients", "add_client", add)
            .does(
                "Add a client",
                "Checks the bot's token with Telegram, records the client and \
                brings its bot up; the task tells how far that is.",
            )
            .once()
            .takes::<NewClientBody>()
            .gives::<Added>(StatusCode::ACCEPTED, "The client is on record, and its bot starts.")
            .located()
            .leads("/client_id", ON_CLIENT)
            .leads("/task_id", &["get_task"])
            .refuses(&[Kind::BotTaken, Kind::PaymentOfAnother, Kind::TelegramUnavailable]),
        Operation::get("/clients/{id}", "get_client", show)
            .does("Look at a client", "")
            .on::<ClientId>(CLIENT)
            .gives::<ClientView>(StatusCode::OK, "The client."),
        Operation::post("/clients/{id}/extend", "extend_client", extend)
            .does(
                "Add time",
                "Records the payment and adds the time that it bought, in one \
                transaction; brings a paused bot back. The same `payment_id` adds time once.",
            )
            .on::<ClientId>(CLIENT)
            .once()
            .takes::<ExtensionBody>()
            .gives::<Extended>(StatusCode::OK, "The time is granted.")
            .refuses(&[Kind::PaymentOfAnother]),
    ];
    operations.extend(life::operations());
    operations
}

/// `GET /api/clients`
async fn list(
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

impl Shape for Needle {
    fn schema(_: &mut Parts) -> Value {
        json!({"type": "string", "maxLength": LONGEST_NEEDLE})
    }

    fn sample() -> Value {
        json!("barber")
    }
}

fn needle(text: &str) -> Result<Needle, &'static str> {
    let fits = text.chars().count() <= LONGEST_NEEDLE;
    if fits { Ok(Needle::new(text)) } else { Err("expected at most 64 characters") }
}

/// `GET /api/clients/{id}`
async fn show(
    State(shared): State<Shared>,
    Id(id): Id<ClientId>,
) -> Result<Json<ClientView>, Problem> {
    let found = shared.site.deps.store.read(|snap| clients::get(snap, id))?;
    found.map(|client| Json(ClientView::from(&client))).ok_or(NO_CLIENT)
}

view! {
    /// A client that was added.
    Added("AddedClient") {
        /// Names the client everywhere.
        client_id: Shown<ClientId>,
        /// The bot's public name, as Telegram gave it.
        bot_username: Shown<BotUsername>,
        /// The task that brings the bot up.
        task_id: Shown<JobId>,
        /// When the time granted ends.
        subscription_expires_at: Option<Timestamp>,
    }

    /// What came of adding time.
    Extended("Extended") {
        /// The client.
        client_id: Shown<ClientId>,
        /// When the time granted ends now.
        subscription_expires_at: Option<Timestamp>,
        /// Whether this request added time; not if the payment had been recorded before it.
        applied: bool,
    }
}

body! {
    /// A client to add.
    NewClientBody("NewClient") {
        required {
            /// The token of the client's bot, from `@BotFather`. It is checked with Telegram, kept
            /// sealed and never shown.
            bot_token: BotToken,
            /// The owner: pays, and is the bot's first administrator.
            admin_telegram_id: UserId,
            /// The business, on one line.
            company_name: CompanyName,
        }
        optional {
            /// How long the client may run; 30 if it is not given.
            subscription_days: Days,
            /// What was paid for that; nothing if it is not given.
            paid_amount: Money,
            /// The receipt's name; the same one grants time once. One is made if it is not given.
            payment_id: PaymentId,
        }
    }

    /// Time to add.
    ExtensionBody("Extension") {
        required {
            /// How much.
            days: Days,
        }
        optional {
            /// What was paid for it; nothing if it is not given.
            amount: Money,
            /// The receipt's name; the same one grants time once. One is made if it is not given.
            payment_id: PaymentId,
        }
    }
}

/// `POST /api/clients`
async fn add(
    State(shared): State<Shared>,
    call: Call,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<Added>), Problem> {
    let body: NewClientBody = call.body()?;
    let usual = Days::new(USUAL_DAYS).map_err(Problem::internal)?;
    let new = NewClient {
        token: body.bot_token,
        owner: body.admin_telegram_id,
        company: body.company_name,
        days: body.subscription_days.unwrap_or(usual),
        amount: body.paid_amount.unwrap_or(Money::ZERO),
        payment: body.payment_id,
        by: call.by,
    };
    let added = add_client(&shared.site.deps, call.cause, new).await?;
    let location = (LOCATION, format!("/api/tasks/{}", added.job));
    let answer = Added {
        client_id: added.client.id.into(),
        bot_username: added.client.bot.username.into(),
        task_id: added.job.into(),
        subscription_expires_at: added.client.subscription.granted_until(),
    };
    Ok((StatusCode::ACCEPTED, [location], Json(answer)))
}

/// `POST /api/clients/{id}/extend`
async fn extend(
    State(shared): State<Shared>,
    Id(client): Id<ClientId>,
    call: Call,
) -> Result<Json<Extended>, Problem> {
    let body: ExtensionBody = call.body()?;
    let amount = body.amount.unwrap_or(Money::ZERO);
    let (days, payment, by) = (body.days, body.payment_id, call.by);
    let extension = Extension { client, days, amount, payment, by };
    let extended = extend::extend(&shared.site.deps, call.cause, extension).await?;
    Ok(Json(Extended {
        client_id: extended.client.id.into(),
        subscription_expires_at: extended.client.subscription.granted_until(),
        applied: extended.applied,
    }))
}

/// Says when Telegram can be asked again.
fn unavailable(err: &TelegramError) -> Problem {
    let pause = match err {
        TelegramError::RetryAfter(pause) => *pause,
        _ => USUAL_PAUSE,
    };
    Problem::new(Kind::TelegramUnavailable).retry_after(pause)
}

impl From<AddClientError> for Problem {
    fn from(err: AddClientError) -> Self {
        match err {
            AddClientError::BadToken => {
                Self::field("bot_token", "telegram does not accept this token")
            }
            AddClientError::Unchecked(err) => unavailable(&err),
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
