//! Payments, one record for each, and notifications as they came.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rows::{AttentionRow, instant, valid};
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::ids::{ClientId, OrderId, PaymentId};
use crate::domain::money::Money;
use crate::domain::payment::{Payment, PaymentState, Source};
use crate::domain::plan::Days;

const TABLE: &str = "payments";

/// A payment as it lies on disk. A new shape is a new variant at the end.
#[derive(Serialize, Deserialize)]
enum Row {
    V1 {
        manual: bool,
        order: Option<u128>,
        client: Option<u128>,
        amount: i64,
        refunded: i64,
        days: u16,
        state: StateRow,
        settled_at: i64,
    },
}

#[derive(Serialize, Deserialize)]
enum StateRow {
    Settled,
    Refunded,
    Attention(AttentionRow),
    Dismissed(AttentionRow),
}

impl From<PaymentState> for StateRow {
    fn from(state: PaymentState) -> Self {
        match state {
            PaymentState::Settled => Self::Settled,
            PaymentState::Refunded => Self::Refunded,
            PaymentState::Attention(why) => Self::Attention(why.into()),
            PaymentState::Dismissed(why) => Self::Dismissed(why.into()),
        }
    }
}

impl From<StateRow> for PaymentState {
    fn from(row: StateRow) -> Self {
        match row {
            StateRow::Settled => Self::Settled,
            StateRow::Refunded => Self::Refunded,
            StateRow::Attention(why) => Self::Attention(why.into()),
            StateRow::Dismissed(why) => Self::Dismissed(why.into()),
        }
    }
}

impl From<&Payment> for Row {
    fn from(payment: &Payment) -> Self {
        Self::V1 {
            manual: payment.source == Source::Manual,
            order: payment.order.map(OrderId::bits),
            client: payment.client.map(ClientId::bits),
            amount: payment.amount.kopecks(),
            refunded: payment.refunded.kopecks(),
            days: payment.days.get(),
            state: payment.state.into(),
            settled_at: payment.settled_at.as_millisecond(),
        }
    }
}

impl Row {
    fn parse(self, id: PaymentId) -> Result<Payment, StoreError> {
        let Self::V1 { manual, order, client, amount, refunded, days, state, settled_at } = self;
        Ok(Payment {
            id,
            source: if manual { Source::Manual } else { Source::YooKassa },
            order: order.map(OrderId::from_bits),
            client: client.map(ClientId::from_bits),
            amount: valid(TABLE, Money::from_kopecks(amount))?,
            refunded: valid(TABLE, Money::from_kopecks(refunded))?,
            days: valid(TABLE, Days::new(i64::from(days)))?,
            state: state.into(),
            settled_at: instant(TABLE, settled_at)?,
        })
    }
}

/// Where a list of payments goes on: behind the payment recorded at this time under this id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentCursor {
    /// When the last payment seen was recorded.
    pub settled_at: Timestamp,
    /// Its id.
    pub id: PaymentId,
}

/// Returns the record of this payment.
///
/// # Errors
///
/// Returns [`StoreError`], as everything in this file, if the store cannot be read or written.
pub fn get(txn: &impl Read, id: &PaymentId) -> Result<Option<Payment>, StoreError> {
    let row = txn.payments().get_row::<Row>(id.as_str())?;
    row.map(|row| row.parse(id.clone())).transpose()
}

/// Writes a payment, new or changed. Its time never changes.
///
/// # Errors
///
/// As [`get`].
pub fn put(txn: &Txn<'_>, payment: &Payment) -> Result<(), StoreError> {
    let (id, at) = (payment.id.as_str(), payment.settled_at.as_millisecond());
    txn.payments().insert_row(id, &Row::from(payment))?;
    txn.payments_by_time().insert((at, id), ())?;
    if let Some(client) = payment.client {
        txn.payments_by_client().insert((client.bits(), at, id), ())?;
    }
    if matches!(payment.state, PaymentState::Attention(_)) {
        txn.payments_held().insert(id, ())?;
    } else {
        txn.payments_held().remove(id)?;
    }
    Ok(())
}

/// Returns the payments that wait for a person, those that have waited longest first.
///
/// # Errors
///
/// As [`get`].
pub fn held(txn: &impl Read) -> Result<Vec<Payment>, StoreError> {
    let mut found = Vec::new();
    for entry in txn.payments_held().range(..) {
        let (id, ()) = entry?;
        found.extend(get(txn, &valid(TABLE, id.parse())?)?);
    }
    found.sort_by_key(|payment| payment.settled_at);
    Ok(found)
}

/// Returns the payments recorded from `from` on and before `to`, oldest first.
///
/// # Errors
///
/// As [`get`].
pub fn between(
    txn: &impl Read,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Payment>, StoreError> {
    let (start, end) = ((from.as_millisecond(), ""), (to.as_millisecond(), ""));
    let mut found = Vec::new();
    for entry in txn.payments_by_time().range(start..end) {
        let ((_, id), ()) = entry?;
        found.extend(get(txn, &valid(TABLE, id.parse())?)?);
    }
    Ok(found)
}

/// Returns up to `limit` payments recorded before the cursor, newest first.
///
/// # Errors
///
/// As [`get`].
pub fn list(
    txn: &impl Read,
    before: Option<&PaymentCursor>,
    limit: usize,
) -> Result<Vec<Payment>, StoreError> {
    list_where(txn, before, limit, |_| true)
}

/// As [`list`], of the payments that are `wanted`. Reads each payment until there are enough.
///
/// # Errors
///
/// As [`get`].
pub fn list_where(
    txn: &impl Read,
    before: Option<&PaymentCursor>,
    limit: usize,
    wanted: impl Fn(&Payment) -> bool,
) -> Result<Vec<Payment>, StoreError> {
    let found = walk(txn, before);
    found.filter(|payment| payment.as_ref().map_or(true, &wanted)).take(limit).collect()
}

/// Walks the payments recorded before the cursor, newest first.
pub fn walk<'t>(
    txn: &'t impl Read,
    before: Option<&PaymentCursor>,
) -> impl Iterator<Item = Result<Payment, StoreError>> + 't {
    let end = before
        .map_or((i64::MAX, ""), |cursor| (cursor.settled_at.as_millisecond(), cursor.id.as_str()));
    txn.payments_by_time().range_back(..end).filter_map(move |entry| {
        let read = |id: String| get(txn, &valid(TABLE, id.parse())?);
        entry.and_then(|((_, id), ())| read(id)).transpose()
    })
}

/// Returns all payments of one client, newest first.
///
/// # Errors
///
/// As [`get`].
pub fn of_client(txn: &impl Read, client: ClientId) -> Result<Vec<Payment>, StoreError> {
    let (start, end) = ((client.bits(), i64::MIN, ""), (client.bits(), i64::MAX, ""));
    let mut found = Vec::new();
    for entry in txn.payments_by_client().range_back(start..end) {
        let ((_, _, id), ()) = entry?;
        found.extend(get(txn, &valid(TABLE, id.parse())?)?);
    }
    Ok(found)
}

/// Money that came in, before anything was given back: what is recorded, by where it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Takings {
    /// Through the shop, in kopecks.
    pub shop: u64,
    /// By hand, in kopecks.
    pub by_hand: u64,
    /// Behind which payment to go on, by time and id.
    counted_to: Option<(i64, String)>,
}

impl Takings {
    /// Adds what was recorded since the last look and before `until`: a record's time is taken
    /// before its commit, so the newest may still be joined by earlier ones.
    ///
    /// # Errors
    ///
    /// As [`get`].
    pub fn go_on(&mut self, txn: &impl Read, until: Timestamp) -> Result<(), StoreError> {
        let (at, id) = self.counted_to.clone().unwrap_or((i64::MIN, String::new()));
        let end = (until.as_millisecond(), "");
        if (at, id.as_str()) >= end {
            return Ok(());
        }
        for entry in txn.payments_by_time().range((at, id.as_str())..end) {
            let (key, ()) = entry?;
            if self.counted_to.as_ref() == Some(&key) {
                continue;
            }
            if let Some(payment) = get(txn, &valid(TABLE, key.1.parse())?)? {
                let kopecks = u64::try_from(payment.amount.kopecks()).unwrap_or_default();
                match payment.source {
                    Source::YooKassa => self.shop += kopecks,
                    Source::Manual => self.by_hand += kopecks,
                }
            }
            self.counted_to = Some(key);
        }
        Ok(())
    }
}

/// Keeps a notification as it came, for a month.
///
/// # Errors
///
/// As [`get`].
pub fn keep_notification(txn: &Txn<'_>, now: Timestamp, body: &[u8]) -> Result<(), StoreError> {
    #[derive(Serialize)]
    enum Row<'a> {
        V1 { at: i64, body: &'a [u8] },
    }
    let number = txn.notifications().last()?.map_or(0, |(number, _)| number + 1);
    let row = Row::V1 { at: now.as_millisecond(), body };
    txn.notifications().insert_row(number, &row)?;
    Ok(())
}

/// Forgets up to `limit` notifications that came before `until`, oldest first, and returns how
/// many those were.
///
/// # Errors
///
/// As [`get`].
pub fn forget_notifications(
    txn: &Txn<'_>,
    until: Timestamp,
    limit: usize,
) -> Result<usize, StoreError> {
    #[derive(Deserialize)]
    enum Row {
        V1 { at: i64, _body: Vec<u8> },
    }
    let mut old = Vec::new();
    for entry in txn.notifications().rows::<Row>(..).take(limit) {
        let (number, Row::V1 { at, .. }) = entry?;
        if at >= until.as_millisecond() {
            break;
        }
        old.push(number);
    }
    for number in &old {
        txn.notifications().remove(*number)?;
    }
    Ok(old.len())
}
