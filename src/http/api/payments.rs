//! Payments: the records of money.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;

use super::call::Call;
use super::clients::NO_CLIENT;
use super::id::Id;
use super::page::Page;
use super::query::Query;
use super::view::{PaymentView, PaymentWord, RefundView};
use crate::actions::refund::{RefundError, job_of, refund as ask_refund};
use crate::domain::ids::{ClientId, PaymentId};
use crate::domain::money::Money;
use crate::domain::payment::Payment;
use crate::http::Shared;
use crate::http::operation::Operation;
use crate::http::problem::{Kind, Problem};
use crate::http::shape::{Sum, body};
use crate::store::payments::{self, PaymentCursor};
use crate::store::{Snapshot, StoreError, clients};

const KIND: &str = "payments";

const NO_PAYMENT: Problem = Problem::not_found("there is no such payment");

body! {
    /// What is to be given back.
    RefundBody("RefundRequest") {
        required {}
        optional {
            /// How much; all that is left of the payment if it is not given.
            amount: Sum,
        }
    }
}

/// Returns what can be asked for.
pub(super) fn operations() -> Vec<Operation> {
    const ON_PAYMENT: &[&str] = &["get_payment", "refund_payment"];
    vec![
        Operation::get("/payments", "list_payments", list)
            .does("List payments", "In state `attention` a person must decide.")
            .query::<PaymentWord>("state", "Only payments in this state.")
            .lists::<PaymentView>("A page of payments, newest first.")
            .leads("/items/0/payment_id", ON_PAYMENT),
        Operation::get("/payments/{id}", "get_payment", show)
            .does("Look at a payment", "")
            .on::<PaymentId>("The payment's id.")
            .gives::<PaymentView>(StatusCode::OK, "The payment."),
        Operation::get("/clients/{id}/payments", "list_client_payments", of_client)
            .does(
                "List a client's payments",
                "Also of a client that is gone: money is not \
                forgotten.",
            )
            .on::<ClientId>("The client's id.")
            .lists::<PaymentView>("A page of payments, newest first.")
            .leads("/items/0/payment_id", ON_PAYMENT),
        Operation::post("/payments/{id}/refund", "refund_payment", refund)
            .does(
                "Give a payment back",
                "All that is left of it, or a part, through the shop that \
                took it; takes back the time that it had bought.",
            )
            .on::<PaymentId>("The payment's id.")
            .once()
            .takes::<RefundBody>()
            .gives::<RefundView>(StatusCode::ACCEPTED, "The refund is on record and on its way.")
            .leads("/task_id", &["get_task"])
            .leads("/payment_id", &["get_payment"])
            .refuses(&[
                Kind::TakenByHand,
                Kind::MoreThanLeft,
                Kind::NothingLeft,
                Kind::NeedsReceipt,
                Kind::NoShop,
            ]),
    ]
}

/// `GET /api/payments`
async fn list(
    State(shared): State<Shared>,
    mut query: Query,
) -> Result<Json<Page<PaymentView>>, Problem> {
    let state = query.take("state", str::parse::<PaymentWord>)?;
    let asked = query.page()?;
    let before = asked.after(KIND, read_place)?;
    let rows = asked.rows();
    let wanted = move |payment: &Payment| state.is_none_or(|it| it == payment.state.into());
    let scan = move |snap: &Snapshot<'_>| payments::list_where(snap, before.as_ref(), rows, wanted);
    let found = shared.site.deps.store.scan(scan).await;
    let found = found.map_err(|err: StoreError| Problem::from(err))?;
    Ok(Json(asked.page(KIND, found, place, |payment| PaymentView::from(payment))))
}

/// `GET /api/payments/{id}`
async fn show(
    State(shared): State<Shared>,
    Id(id): Id<PaymentId>,
) -> Result<Json<PaymentView>, Problem> {
    let found = shared.site.deps.store.read(|snap| payments::get(snap, &id))?;
    let found = found.ok_or(NO_PAYMENT)?;
    Ok(Json(PaymentView::from(&found)))
}

/// `GET /api/clients/{id}/payments`: also of a client that is gone, for money is not forgotten.
async fn of_client(
    State(shared): State<Shared>,
    Id(client): Id<ClientId>,
    query: Query,
) -> Result<Json<Page<PaymentView>>, Problem> {
    let asked = query.page()?;
    let kind = format!("{KIND}:{client}");
    let before = asked.after(&kind, read_place)?;
    let found = shared.site.deps.store.scan(move |snap| {
        let known = clients::get(snap, client)?.is_some();
        Ok::<_, StoreError>((known, payments::of_client(snap, client)?))
    });
    let (known, mut found) = found.await?;
    if !known && found.is_empty() {
        return Err(NO_CLIENT);
    }
    if let Some(PaymentCursor { settled_at, id }) = &before {
        found.retain(|payment| (payment.settled_at, &payment.id) < (*settled_at, id));
    }
    found.truncate(asked.rows());
    Ok(Json(asked.page(&kind, found, place, |payment| PaymentView::from(payment))))
}

/// `POST /api/payments/{id}/refund`: all that is left of it, or a part.
async fn refund(
    State(shared): State<Shared>,
    Id(payment): Id<PaymentId>,
    call: Call,
) -> Result<(StatusCode, Json<RefundView>), Problem> {
    let deps = &shared.site.deps;
    let RefundBody { amount } = call.body()?;
    let amount = amount.map(|sum| sum.0);
    if deps.till.is_none() {
        return Err(Kind::NoShop.into());
    }
    let refund = ask_refund(deps, call.cause, payment, amount, call.by).await?;
    let job = job_of(deps, refund.id)?;
    Ok((StatusCode::ACCEPTED, Json(RefundView::new(&refund, job))))
}

impl From<RefundError> for Problem {
    fn from(err: RefundError) -> Self {
        match err {
            RefundError::UnknownPayment => NO_PAYMENT,
            RefundError::TakenByHand => Kind::TakenByHand.into(),
            RefundError::TooMuch(Money::ZERO) => Kind::NothingLeft.into(),
            RefundError::TooMuch(_) => Self::new(Kind::MoreThanLeft).with_detail(err.to_string()),
            RefundError::NeedsReceipt => Kind::NeedsReceipt.into(),
            RefundError::KeyReused(_) => Kind::KeyReused.into(),
            RefundError::Random(_) | RefundError::Store(_) => Self::internal(err),
        }
    }
}

fn place(payment: &Payment) -> Vec<u8> {
    let at = payment.settled_at.as_millisecond().to_be_bytes();
    [at.as_slice(), payment.id.as_str().as_bytes()].concat()
}

fn read_place(bytes: &[u8]) -> Option<PaymentCursor> {
    let (at, id) = bytes.split_first_chunk()?;
    let settled_at = Timestamp::from_millisecond(i64::from_be_bytes(*at)).ok()?;
    let id = std::str::from_utf8(id).ok()?.parse().ok()?;
    Some(PaymentCursor { settled_at, id })
}
