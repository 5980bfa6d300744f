//! Payments: the records of money.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;

use super::call::Call;
use super::clients::NO_CLIENT;
use super::fields::money;
use super::id::Id;
use super::page::Page;
use super::query::Query;
use super::view::{PaymentView, PaymentWord, RefundView};
use crate::actions::refund::{RefundError, job_of, refund as ask_refund};
use crate::domain::ids::{ClientId, PaymentId};
use crate::domain::money::Money;
use crate::domain::payment::Payment;
use crate::http::Shared;
use crate::http::problem::{Kind, Problem};
use crate::store::payments::{self, PaymentCursor};
use crate::store::{Snapshot, StoreError, clients};

const KIND: &str = "payments";

const NO_PAYMENT: Problem = Problem::not_found("there is no such payment");

/// `GET /api/payments`
pub(super) async fn list(
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
pub(super) async fn show(
    State(shared): State<Shared>,
    Id(id): Id<PaymentId>,
) -> Result<Json<PaymentView>, Problem> {
    let found = shared.site.deps.store.read(|snap| payments::get(snap, &id))?;
    let found = found.ok_or(NO_PAYMENT)?;
    Ok(Json(PaymentView::from(&found)))
}

/// `GET /api/clients/{id}/payments`: also of a client that is gone, for money is not forgotten.
pub(super) async fn of_client(
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
pub(super) async fn refund(
    State(shared): State<Shared>,
    Id(payment): Id<PaymentId>,
    call: Call,
) -> Result<(StatusCode, Json<RefundView>), Problem> {
    let deps = &shared.site.deps;
    let mut fields = call.fields_if_any()?;
    let amount = fields.optional("amount", money);
    let amount = fields.end(amount)?;
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
            RefundError::TooMuch(_) => Self::field("amount", err.to_string()),
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
