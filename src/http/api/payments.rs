//! Payments: the records of money.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;

use super::clients::NO_CLIENT;
use super::id::Id;
use super::page::{Asked, Page};
use super::view::PaymentView;
use crate::domain::ids::{ClientId, PaymentId};
use crate::domain::payment::Payment;
use crate::http::Shared;
use crate::http::problem::Problem;
use crate::store::payments::{self, PaymentCursor};
use crate::store::{StoreError, clients};

const KIND: &str = "payments";

/// `GET /api/payments`
pub(super) async fn list(
    State(shared): State<Shared>,
    asked: Asked,
) -> Result<Json<Page<PaymentView>>, Problem> {
    let before = asked.after(KIND, read_place)?;
    let rows = asked.rows();
    let found =
        shared.site.deps.store.scan(move |snap| payments::list(snap, before.as_ref(), rows));
    let found = found.await.map_err(|err: StoreError| Problem::from(err))?;
    Ok(Json(asked.page(KIND, found, place, |payment| PaymentView::from(payment))))
}

/// `GET /api/payments/{id}`
pub(super) async fn show(
    State(shared): State<Shared>,
    Id(id): Id<PaymentId>,
) -> Result<Json<PaymentView>, Problem> {
    let found = shared.site.deps.store.read(|snap| payments::get(snap, &id))?;
    let found = found.ok_or(Problem::NotFound("there is no such payment"))?;
    Ok(Json(PaymentView::from(&found)))
}

/// `GET /api/clients/{id}/payments`: also of a client that is gone, for money is not forgotten.
pub(super) async fn of_client(
    State(shared): State<Shared>,
    Id(client): Id<ClientId>,
    asked: Asked,
) -> Result<Json<Page<PaymentView>>, Problem> {
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
