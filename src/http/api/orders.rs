//! Orders: a link to pay for a client, and what became of it.

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};

use super::call::Call;
use super::clients::NO_CLIENT;
use super::fields::{Fields, text};
use super::id::Id;
use super::page::Page;
use super::query::Query;
use super::view::{OrderView, OrderWord};
use crate::actions::create_order::{CreateOrderError, NewOrder, Wanted, create_order};
use crate::domain::ids::{ClientId, OrderId};
use crate::domain::order::Order;
use crate::domain::plan::PlanId;
use crate::http::Shared;
use crate::http::problem::{Kind, Problem};
use crate::store::{Snapshot, StoreError, clients, orders};

const KIND: &str = "orders";

/// `GET /api/orders`
pub(super) async fn list(
    State(shared): State<Shared>,
    mut query: Query,
) -> Result<Json<Page<OrderView>>, Problem> {
    let state = query.take("state", str::parse::<OrderWord>)?;
    let asked = query.page()?;
    let place = |bytes: &[u8]| bytes.try_into().ok().map(u128::from_be_bytes);
    let before = asked.after(KIND, place)?.map(OrderId::from_bits);
    let rows = asked.rows();
    let wanted = move |order: &Order| state.is_none_or(|state| state == order.state.into());
    let scan = move |snap: &Snapshot<'_>| orders::list_where(snap, before, rows, wanted);
    let found = shared.site.deps.store.scan(scan).await;
    let found = found.map_err(|err: StoreError| Problem::from(err))?;
    let place = |order: &Order| order.id.bits().to_be_bytes().to_vec();
    Ok(Json(asked.page(KIND, found, place, |order| OrderView::from(order))))
}

/// `GET /api/orders/{id}`
pub(super) async fn show(
    State(shared): State<Shared>,
    Id(id): Id<OrderId>,
) -> Result<Json<OrderView>, Problem> {
    let found = shared.site.deps.store.read(|snap| orders::get(snap, id))?;
    let found = found.ok_or(Problem::not_found("there is no such order"))?;
    Ok(Json(OrderView::from(&found)))
}

/// `POST /api/orders`: more time for a client that exists, to be paid by its owner.
pub(super) async fn create(
    State(shared): State<Shared>,
    call: Call,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<OrderView>), Problem> {
    let deps = &shared.site.deps;
    let (client, plan, email) = wanted(call.fields()?)?;
    let owner = deps.store.read(|snap| clients::get(snap, client))?.ok_or(NO_CLIENT)?.owner;
    let new = NewOrder { wanted: Wanted::Extension(client), buyer: owner, plan, email };
    let order = create_order(deps, call.cause, new).await?;
    let location = (LOCATION, format!("/api/orders/{}", order.id));
    Ok((StatusCode::CREATED, [location], Json(OrderView::from(&order))))
}

fn wanted(mut fields: Fields<'_>) -> Result<(ClientId, PlanId, Option<String>), Problem> {
    let client = fields.required("client_id", text);
    let plan = fields.required("plan_id", text);
    let email = fields.optional("email", email);
    let read = || Some((client?, plan?, email?));
    fields.end(read())
}

/// Reads the address that a receipt goes to. Whether it exists is found out by sending it.
fn email(json: &str) -> Result<String, String> {
    let address: String = text(json)?;
    let (name, host) = address.split_once('@').unwrap_or_default();
    let plain = address.len() <= 254 && address.bytes().all(|byte| byte.is_ascii_graphic());
    if plain && !name.is_empty() && host.contains('.') && !host.contains('@') {
        Ok(address)
    } else {
        Err("expected an e-mail address".to_owned())
    }
}

impl From<CreateOrderError> for Problem {
    fn from(err: CreateOrderError) -> Self {
        match err {
            CreateOrderError::UnknownPlan(_) => Self::field("plan_id", "there is no such plan"),
            CreateOrderError::NeedsEmail => Self::field("email", "required for the receipt"),
            CreateOrderError::NoShop => Kind::NoShop.into(),
            CreateOrderError::BotTaken => Kind::BotTaken.into(),
            CreateOrderError::UnknownClient => NO_CLIENT,
            CreateOrderError::KeyReused(_) => Kind::KeyReused.into(),
            // An API caller has no such bounds.
            CreateOrderError::TooManyBots
            | CreateOrderError::TooManyOrders
            | CreateOrderError::TokenGone
            | CreateOrderError::Random(_)
            | CreateOrderError::Seal(_)
            | CreateOrderError::Store(_) => Self::internal(err),
        }
    }
}
