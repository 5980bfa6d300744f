//! Refunds that we asked for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rows::{instant, valid};
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::ids::{PaymentId, RefundId};
use crate::domain::money::Money;
use crate::domain::order::PaymentRequest;
use crate::domain::refund::{Refund, RefundState};

const TABLE: &str = "refunds";
/// Where the time of the last sweep lies in [`Read::meta`], in milliseconds.
const SWEPT: &str = "refunds_swept_ms";

/// A refund as it lies on disk. A new shape is a new variant at the end.
#[derive(Serialize, Deserialize)]
enum Row {
    V1 {
        payment: String,
        amount: i64,
        idempotence_key: String,
        body: Vec<u8>,
        state: StateRow,
        created_at: i64,
    },
}

#[derive(Serialize, Deserialize)]
enum StateRow {
    Asked,
    Done,
    Refused,
}

impl From<&Refund> for Row {
    fn from(refund: &Refund) -> Self {
        Self::V1 {
            payment: refund.payment.as_str().to_owned(),
            amount: refund.amount.kopecks(),
            idempotence_key: refund.request.idempotence_key.clone(),
            body: refund.request.body.clone(),
            state: match refund.state {
                RefundState::Asked => StateRow::Asked,
                RefundState::Done => StateRow::Done,
                RefundState::Refused => StateRow::Refused,
            },
            created_at: refund.created_at.as_millisecond(),
        }
    }
}

impl Row {
    fn parse(self, id: RefundId) -> Result<Refund, StoreError> {
        let Self::V1 { payment, amount, idempotence_key, body, state, created_at } = self;
        Ok(Refund {
            id,
            payment: valid(TABLE, payment.parse())?,
            amount: valid(TABLE, Money::from_kopecks(amount))?,
            request: PaymentRequest { idempotence_key, body },
            state: match state {
                StateRow::Asked => RefundState::Asked,
                StateRow::Done => RefundState::Done,
                StateRow::Refused => RefundState::Refused,
            },
            created_at: instant(TABLE, created_at)?,
        })
    }
}

/// Returns the refund with this id.
///
/// # Errors
///
/// Returns [`StoreError`], as everything in this file, if the store cannot be read or written.
pub fn get(txn: &impl Read, id: RefundId) -> Result<Option<Refund>, StoreError> {
    let row = txn.refunds().get_row::<Row>(id.bits())?;
    row.map(|row| row.parse(id)).transpose()
}

/// Writes a refund, new or changed.
///
/// # Errors
///
/// As [`get`].
pub fn put(txn: &Txn<'_>, refund: &Refund) -> Result<(), StoreError> {
    txn.refunds().insert_row(refund.id.bits(), &Row::from(refund))?;
    txn.refunds_by_payment().insert((refund.payment.as_str(), refund.id.bits()), ())?;
    Ok(())
}

/// Returns the refunds of one payment, oldest first.
///
/// # Errors
///
/// As [`get`].
pub fn of_payment(txn: &impl Read, payment: &PaymentId) -> Result<Vec<Refund>, StoreError> {
    let (start, end) = ((payment.as_str(), 0), (payment.as_str(), u128::MAX));
    let mut found = Vec::new();
    for entry in txn.refunds_by_payment().range(start..=end) {
        let ((_, id), ()) = entry?;
        found.extend(get(txn, RefundId::from_bits(id))?);
    }
    Ok(found)
}

/// Returns the refunds that were asked for from `from` on and before `to`, oldest first.
///
/// # Errors
///
/// As [`get`].
pub fn between(txn: &impl Read, from: Timestamp, to: Timestamp) -> Result<Vec<Refund>, StoreError> {
    let first = |at| RefundId::new(at, [0; 10]).bits();
    let rows = txn.refunds().rows::<Row>(first(from)..first(to));
    rows.map(|entry| entry.and_then(|(id, row)| row.parse(RefundId::from_bits(id)))).collect()
}

/// Returns when the provider's refunds were last looked through to the end.
///
/// # Errors
///
/// As [`get`].
pub fn swept(txn: &impl Read) -> Result<Option<Timestamp>, StoreError> {
    let ms = txn.meta().get(SWEPT)?;
    ms.map(|ms| instant(TABLE, valid(TABLE, i64::try_from(ms))?)).transpose()
}

/// Remembers that the provider's refunds were looked through to the end.
///
/// # Errors
///
/// As [`get`].
pub fn set_swept(txn: &Txn<'_>, at: Timestamp) -> Result<(), StoreError> {
    txn.meta().insert(SWEPT, valid(TABLE, u64::try_from(at.as_millisecond()))?)?;
    Ok(())
}
