//! The audit log: who did what, appended and never changed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rows::instant;
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::ids::ClientId;

const TABLE: &str = "audit";

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was done.
    pub at: Timestamp,
    /// Who did it: `operator:111`, `owner:222`, `api`, `cli:0`, `slotbox`.
    pub actor: String,
    /// What was done, as a dotted id such as `client.added`.
    pub action: String,
    /// The client that it was done to.
    pub client: Option<ClientId>,
    /// The order, payment or number that says more. Never a name or a secret.
    pub detail: String,
}

#[derive(Serialize, Deserialize)]
enum Row {
    V1 { at: i64, actor: String, action: String, client: Option<u128>, detail: String },
}

/// Appends a line.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be written.
pub fn append(txn: &Txn<'_>, entry: &Entry) -> Result<(), StoreError> {
    let number = txn.audit().last()?.map_or(0, |(number, _)| number + 1);
    let row = Row::V1 {
        at: entry.at.as_millisecond(),
        actor: entry.actor.clone(),
        action: entry.action.clone(),
        client: entry.client.map(ClientId::bits),
        detail: entry.detail.clone(),
    };
    txn.audit().insert_row(number, &row)?;
    if let Some(client) = entry.client {
        txn.audit_by_client().insert((client.bits(), number), ())?;
    }
    Ok(())
}

/// Returns up to `limit` lines with a number under `before`, newest first, with their numbers.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub fn list(
    txn: &impl Read,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<(u64, Entry)>, StoreError> {
    let rows = txn.audit().rows_back::<Row>(..before.unwrap_or(u64::MAX)).take(limit);
    rows.map(|row| row.and_then(read)).collect()
}

/// Returns up to `limit` lines about `client` with a number under `before`, newest first, with
/// their numbers.
///
/// # Errors
///
/// As [`list`].
pub fn of_client(
    txn: &impl Read,
    client: ClientId,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<(u64, Entry)>, StoreError> {
    let (start, end) = ((client.bits(), 0), (client.bits(), before.unwrap_or(u64::MAX)));
    let mut found = Vec::new();
    for entry in txn.audit_by_client().range_back(start..end).take(limit) {
        let ((_, number), ()) = entry?;
        let row = txn.audit().get_row::<Row>(number)?;
        found.extend(row.map(|row| read((number, row))).transpose()?);
    }
    Ok(found)
}

/// Returns up to `limit` lines from number `from` on, oldest first, with their numbers.
///
/// # Errors
///
/// As [`list`].
pub fn since(txn: &impl Read, from: u64, limit: usize) -> Result<Vec<(u64, Entry)>, StoreError> {
    let rows = txn.audit().rows::<Row>(from..).take(limit);
    rows.map(|row| row.and_then(read)).collect()
}

fn read((number, row): (u64, Row)) -> Result<(u64, Entry), StoreError> {
    let Row::V1 { at, actor, action, client, detail } = row;
    let client = client.map(ClientId::from_bits);
    Ok((number, Entry { at: instant(TABLE, at)?, actor, action, client, detail }))
}
