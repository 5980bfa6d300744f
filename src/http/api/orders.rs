//! Orders: a link to pay for a client, and what became of it.

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};

use super::call::Call;
use super::clients::NO_CLIENT;
use super::id::Id;
use super::page::Page;
use super::query::Query;
use super::view::{OrderView, OrderWord};
use crate::actions::create_order::{CreateOrderError, NewOrder, Wanted, create_order};
use crate::domain::ids::{ClientId, OrderId};
use crate::domain::order::Order;
use crate::http::Shared;
use crate::http::operation::Operation;
use crate::http::problem::{Kind, Problem};
use crate::http::shape::{Email, PlanChoice, body};
use crate::store::{Snapshot, StoreError, clients, orders};

const KIND: &str = "orders";

body! {
    /// An order to make.
    NewOrderBody("NewOrder") {
        required {
            /// The client that gets the time; it exists.
            client_id: ClientId,
            /// The plan that is paid for.
            plan_id: PlanChoice,
        }
        optional {
            /// Where the receipt goes; required where the shop gives receipts.
            email: Email,
        }
    }
}

/// Returns what can be asked for.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/orders", "list_orders", list)
            .does("List orders", "In state `attention` a person must decide.")
            .query::<OrderWord>("state", "Only orders in this state.")
            .lists::<OrderView>("A page of orders, newest first.")
            .leads("/items/0/order_id", &["get_order"])
            .leads("/items/0/payment_id", &["get_payment"]),
        Operation::post("/orders", "create_order", create)
            .does(
                "Make an order",
                "A link by which the owner of a client that exists pays for \
                more time. It can be paid for an hour.",
            )
            .once()
            .takes::<NewOrderBody>()
            .gives::<OrderView>(
                StatusCode::CREATED,
                "The order, with its link once YooKassa has \
                given one.",
            )
            .located()
            .leads("/order_id", &["get_order"])
            .leads("/client_id", &["get_client", "list_client_payments"])
            .refuses(&[Kind::NotFound, Kind::NoShop, Kind::BotTaken]),
        Operation::get("/orders/{id}", "get_order", show)
            .does("Look at an order", "")
            .on::<OrderId>("The order's id.")
            .gives::<OrderView>(StatusCode::OK, "The order.")
            .leads("/client_id", &["get_client"]),
    ]
}

/// `GET /api/orders`
async fn list(
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
async fn show(
    State(shared): State<Shared>,
    Id(id): Id<OrderId>,
) -> Result<Json<OrderView>, Problem> {
    let found = shared.site.deps.store.read(|snap| orders::get(snap, id))?;
    let found = found.ok_or(Problem::not_found("there is no such order"))?;
    Ok(Json(OrderView::from(&found)))
}

/// `POST /api/orders`: more time for a client that exists, to be paid by its owner.
async fn create(
    State(shared): State<Shared>,
    call: Call,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<OrderView>), Problem> {
    let deps = &shared.site.deps;
    let body: NewOrderBody = call.body()?;
    let (client, plan, email) = (body.client_id, body.plan_id.0, body.email.map(|it| it.0));
    let owner = deps.store.read(|snap| clients::get(snap, client))?.ok_or(NO_CLIENT)?.owner;
    let new = NewOrder { wanted: Wanted::Extension(client), buyer: owner, plan, email };
    let order = create_order(deps, call.cause, new).await?;
    let location = (LOCATION, format!("/api/orders/{}", order.id));
    Ok((StatusCode::CREATED, [location], Json(OrderView::from(&order))))
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
