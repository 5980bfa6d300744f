//! What is remembered of the host's own backups.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rows::instant;
use super::tables::Read;
use super::{StoreError, Txn, clients};
use crate::domain::backup::{Coverage, Failed, Made, Record};

const TABLE: &str = "backups";
const MADE: &str = "made";
const TRIED: &str = "tried";
const FAILED: &str = "failed";

#[derive(Serialize, Deserialize)]
enum MadeRow {
    V1 {
        id: String,
        began: i64,
        ended: i64,
        files: u64,
        bytes: u64,
        kept_bytes: u64,
        stored_bytes: u64,
        clients: u64,
        carried: u64,
        oldest: Option<i64>,
        missing: u64,
    },
}

#[derive(Serialize, Deserialize)]
enum TriedRow {
    V1 { at: i64 },
}

#[derive(Serialize, Deserialize)]
enum FailedRow {
    V1 { at: i64, why: String, cure: String },
}

/// Returns what is remembered.
///
/// # Errors
///
/// Returns [`StoreError`], as everything in this file, if the store cannot be read or written.
pub fn get(txn: &impl Read) -> Result<Record, StoreError> {
    let made = txn.backups().get_row::<MadeRow>(MADE)?.map(MadeRow::parse).transpose()?;
    let tried_at = match txn.backups().get_row::<TriedRow>(TRIED)? {
        Some(TriedRow::V1 { at }) => Some(instant(TABLE, at)?),
        None => None,
    };
    let failed = match txn.backups().get_row::<FailedRow>(FAILED)? {
        Some(FailedRow::V1 { at, why, cure }) => {
            Some(Failed { at: instant(TABLE, at)?, why, cure })
        }
        None => None,
    };
    Ok(Record { made, tried_at, failed })
}

/// Remembers that an attempt begins.
///
/// # Errors
///
/// As [`get`].
pub fn begin(txn: &Txn<'_>, now: Timestamp) -> Result<(), StoreError> {
    txn.backups().insert_row(TRIED, &TriedRow::V1 { at: now.as_millisecond() })?;
    Ok(())
}

/// Remembers a backup that succeeded; the failures before it are of the past.
///
/// # Errors
///
/// As [`get`].
pub fn succeed(txn: &Txn<'_>, made: &Made) -> Result<(), StoreError> {
    txn.backups().insert_row(MADE, &MadeRow::from(made))?;
    txn.backups().remove(FAILED)?;
    Ok(())
}

/// Remembers why there is no new backup.
///
/// # Errors
///
/// As [`get`].
pub fn fail(txn: &Txn<'_>, failed: &Failed) -> Result<(), StoreError> {
    let Failed { at, why, cure } = failed.clone();
    txn.backups().insert_row(FAILED, &FailedRow::V1 { at: at.as_millisecond(), why, cure })?;
    Ok(())
}

/// Returns since when there is something to lose: a client, or money.
///
/// Reads all clients if there is no payment.
///
/// # Errors
///
/// As [`get`].
pub fn something_since(txn: &impl Read) -> Result<Option<Timestamp>, StoreError> {
    let mut first = match txn.payments_by_time().first()? {
        Some(((at, _), ())) => Some(instant(TABLE, at)?),
        None => None,
    };
    clients::each(txn, |client| {
        first = Some(first.map_or(client.created_at, |it| it.min(client.created_at)));
    })?;
    Ok(first)
}

impl From<&Made> for MadeRow {
    fn from(made: &Made) -> Self {
        let Coverage { all, carried, oldest, missing } = made.clients;
        Self::V1 {
            id: made.id.clone(),
            began: made.began_at.as_millisecond(),
            ended: made.ended_at.as_millisecond(),
            files: made.files,
            bytes: made.bytes,
            kept_bytes: made.kept_bytes,
            stored_bytes: made.stored_bytes,
            clients: all,
            carried,
            oldest: oldest.map(Timestamp::as_millisecond),
            missing,
        }
    }
}

impl MadeRow {
    fn parse(self) -> Result<Made, StoreError> {
        let Self::V1 { id, began, ended, files, bytes, kept_bytes, stored_bytes, .. } = &self;
        let Self::V1 { clients, carried, oldest, missing, .. } = &self;
        let oldest = oldest.map(|at| instant(TABLE, at)).transpose()?;
        Ok(Made {
            id: id.clone(),
            began_at: instant(TABLE, *began)?,
            ended_at: instant(TABLE, *ended)?,
            files: *files,
            bytes: *bytes,
            kept_bytes: *kept_bytes,
            stored_bytes: *stored_bytes,
            clients: Coverage { all: *clients, carried: *carried, oldest, missing: *missing },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use crate::store::disk::OPTIONS;

    #[tokio::test]
    async fn a_success_is_remembered_and_ends_the_failures_before_it() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("t.redb"), OPTIONS).unwrap();
        let record = || store.read(|snap| get(snap)).unwrap();
        assert_eq!(record(), Record::default());
        let at = |minute: i64| Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap();
        let failed = Failed { at: at(1), why: "full".to_owned(), cure: "make room".to_owned() };
        let kept = failed.clone();
        let write = store.write::<_, StoreError>(move |txn| {
            begin(txn, at(0))?;
            fail(txn, &kept)
        });
        write.await.unwrap();
        assert_eq!(record(), Record { made: None, tried_at: Some(at(0)), failed: Some(failed) });
        let made = Made {
            id: "20261123T100000Z-7".to_owned(),
            began_at: at(2),
            ended_at: at(3),
            files: 4,
            bytes: 5,
            kept_bytes: 6,
            stored_bytes: 7,
            clients: Coverage { all: 8, carried: 9, oldest: Some(at(0)), missing: 10 },
        };
        let kept = made.clone();
        let write = store.write::<_, StoreError>(move |txn| {
            begin(txn, at(2))?;
            succeed(txn, &kept)
        });
        write.await.unwrap();
        let expected = Record { made: Some(made), tried_at: Some(at(2)), failed: None };
        assert_eq!(record(), expected);
    }
}
