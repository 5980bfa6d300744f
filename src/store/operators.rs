//! Operators who came by a link, and the link itself: only its hash lies here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rows::{instant, valid};
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::ids::UserId;

const TABLE: &str = "operators";
const LINK_TABLE: &str = "operator_link";
/// There is one link at a time.
const LINK: &str = "link";

/// The link that makes an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The SHA-256 of its code.
    pub hash: [u8; 32],
    /// Until when it may be followed.
    pub until: Timestamp,
    /// Who followed it; nobody else may.
    pub used_by: Option<UserId>,
    /// Who sent a wrong code, and how often.
    pub tries: Vec<(UserId, u8)>,
}

#[derive(Serialize, Deserialize)]
enum Row {
    V1 { since: i64 },
}

#[derive(Serialize, Deserialize)]
enum LinkRow {
    V1 { hash: [u8; 32], until: i64, used_by: Option<i64>, tries: Vec<(i64, u8)> },
}

/// Returns those who came by a link, and since when.
///
/// # Errors
///
/// Returns [`StoreError`], as everything in this file, if the store cannot be read or written.
pub fn all(txn: &impl Read) -> Result<Vec<(UserId, Timestamp)>, StoreError> {
    let rows = txn.operators().rows::<Row>(..);
    rows.map(|row| {
        let (id, Row::V1 { since }) = row?;
        Ok((valid(TABLE, UserId::new(id))?, instant(TABLE, since)?))
    })
    .collect()
}

/// Tells whether a person came by a link.
///
/// # Errors
///
/// As [`all`].
pub fn contains(txn: &impl Read, person: UserId) -> Result<bool, StoreError> {
    txn.operators().contains(person.get())
}

/// Adds a person.
///
/// # Errors
///
/// As [`all`].
pub fn put(txn: &Txn<'_>, person: UserId, since: Timestamp) -> Result<(), StoreError> {
    let row = Row::V1 { since: since.as_millisecond() };
    txn.operators().insert_row(person.get(), &row).map(drop)
}

/// Removes a person, and tells whether there was one.
///
/// # Errors
///
/// As [`all`].
pub fn remove(txn: &Txn<'_>, person: UserId) -> Result<bool, StoreError> {
    Ok(txn.operators().remove(person.get())?.is_some())
}

/// Returns the last link that was made.
///
/// # Errors
///
/// As [`all`].
pub fn link(txn: &impl Read) -> Result<Option<Link>, StoreError> {
    let Some(row) = txn.operator_link().get_row(LINK)? else { return Ok(None) };
    let LinkRow::V1 { hash, until, used_by, tries } = row;
    let person = |id| valid(LINK_TABLE, UserId::new(id));
    Ok(Some(Link {
        hash,
        until: instant(LINK_TABLE, until)?,
        used_by: used_by.map(person).transpose()?,
        tries: tries
            .into_iter()
            .map(|(id, count)| Ok((person(id)?, count)))
            .collect::<Result<_, StoreError>>()?,
    }))
}

/// Keeps the link; the one before is of no use any more.
///
/// # Errors
///
/// As [`all`].
pub fn put_link(txn: &Txn<'_>, link: &Link) -> Result<(), StoreError> {
    let row = LinkRow::V1 {
        hash: link.hash,
        until: link.until.as_millisecond(),
        used_by: link.used_by.map(UserId::get),
        tries: link.tries.iter().map(|(person, count)| (person.get(), *count)).collect(),
    };
    txn.operator_link().insert_row(LINK, &row).map(drop)
}
