//! What a repeated request is answered: kept in the transaction of its effect.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::tables::Read;
use super::{StoreError, Txn};

/// How long a key is remembered.
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Serialize, Deserialize)]
enum Row {
    V1 { at: i64, fingerprint: Vec<u8>, answer: Vec<u8> },
}

/// What was kept under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Tells requests apart: the same key with another request is a mistake of the caller.
    pub fingerprint: Vec<u8>,
    /// What the caller was answered, or the id of what was made.
    pub answer: Vec<u8>,
}

/// Returns what was kept under `key`, unless it is too old at `now`.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub fn get(txn: &impl Read, now: Timestamp, key: &str) -> Result<Option<Kept>, StoreError> {
    let Some(Row::V1 { at, fingerprint, answer }) = txn.idempotency().get_row(key)? else {
        return Ok(None);
    };
    let oldest = (now - REMEMBERED).as_millisecond();
    Ok((at > oldest).then_some(Kept { fingerprint, answer }))
}

/// Keeps an answer under `key`, in place of one that is too old.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be written.
pub fn put(txn: &Txn<'_>, now: Timestamp, key: &str, kept: &Kept) -> Result<(), StoreError> {
    let row = Row::V1 {
        at: now.as_millisecond(),
        fingerprint: kept.fingerprint.clone(),
        answer: kept.answer.clone(),
    };
    txn.idempotency().insert_row(key, &row)?;
    Ok(())
}
