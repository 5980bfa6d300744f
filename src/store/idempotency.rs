//! What a repeated request is answered: kept in the transaction of its effect.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::row::{decode, encode};
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::answered::Answered;

const TABLE: &str = "idempotency";

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
    txn.idempotency_by_time().insert((now.as_millisecond(), key), ())?;
    Ok(())
}

/// Forgets up to `limit` keys that are too old at `now`, oldest first, and returns how many those
/// were.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be written.
pub fn forget(txn: &Txn<'_>, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
    let until = (now - REMEMBERED).as_millisecond().saturating_add(1);
    let old = txn.idempotency_by_time().range(..(until, "")).take(limit);
    let old: Vec<_> = old.collect::<Result<_, _>>()?;
    for ((at_ms, key), ()) in &old {
        txn.idempotency_by_time().remove((*at_ms, key))?;
        // The key may have been taken again since, for something new.
        if let Some(Row::V1 { at, .. }) = txn.idempotency().get_row(key)?
            && at == *at_ms
        {
            txn.idempotency().remove(key)?;
        }
    }
    Ok(old.len())
}

/// An answer as it is kept. A new shape is a new variant at the end.
#[derive(Serialize, Deserialize)]
enum AnswerRow {
    V1 { status: u16, location: Option<String>, body: Vec<u8> },
}

/// Writes an answer down, to be kept under a key.
///
/// # Errors
///
/// Returns [`StoreError`] if it has no form in postcard.
pub fn write_answer(answer: &Answered) -> Result<Vec<u8>, StoreError> {
    let Answered { status, location, body } = answer.clone();
    encode(TABLE, &AnswerRow::V1 { status, location, body })
}

/// Reads an answer that was kept.
///
/// # Errors
///
/// Returns [`StoreError::Corrupt`] for bytes that are no answer.
pub fn read_answer(bytes: &[u8]) -> Result<Answered, StoreError> {
    let AnswerRow::V1 { status, location, body } = decode(TABLE, bytes)?;
    Ok(Answered { status, location, body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::disk::Disk;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[tokio::test]
    async fn keys_are_forgotten_after_a_week_and_not_before() {
        let store = Disk::default().open();
        let kept = Kept { fingerprint: vec![1], answer: vec![2] };
        for (key, hours) in [("a", 0), ("b", 1), ("c", 2), ("a", 100)] {
            let kept = kept.clone();
            store.write(move |txn| put(txn, at(hours), key, &kept)).await.unwrap();
        }
        let known = |hours: i64| {
            let get = |key| store.read(|snap| get(snap, at(hours), key)).unwrap().is_some();
            ["a", "b", "c"].map(get)
        };
        assert_eq!(store.write(move |txn| forget(txn, at(168), 9)).await.unwrap(), 1);
        assert_eq!(known(168), [true, true, true]);
        assert_eq!(store.write(move |txn| forget(txn, at(170), 1)).await.unwrap(), 1);
        assert_eq!(known(168), [true, false, true]);
        assert_eq!(store.write(move |txn| forget(txn, at(300), 9)).await.unwrap(), 2);
        assert_eq!(store.read(|snap| snap.idempotency().count()).unwrap(), 0);
        assert_eq!(store.read(|snap| snap.idempotency_by_time().count()).unwrap(), 0);
    }
}
