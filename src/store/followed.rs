//! Messages that follow a client's deploy: they are changed as it goes on, until it is over.

use serde::{Deserialize, Serialize};

use super::rows::valid;
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::ids::{ClientId, JobId, UserId};

const TABLE: &str = "followed";

/// A message of the Master Bot's that follows a deploy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Whose chat it stands in.
    pub person: UserId,
    /// Which message it is.
    pub message: i32,
    /// The deploy.
    pub job: JobId,
}

#[derive(Serialize, Deserialize)]
enum Row {
    V1 { person: i64, message: i32, job: u64 },
}

/// Returns the message that follows the client's deploy.
///
/// # Errors
///
/// Returns [`StoreError`] if the row cannot be read.
pub fn get(txn: &impl Read, client: ClientId) -> Result<Option<Followed>, StoreError> {
    let Some(row) = txn.followed().get_row(client.bits())? else { return Ok(None) };
    let Row::V1 { person, message, job } = row;
    Ok(Some(Followed { person: valid(TABLE, UserId::new(person))?, message, job: JobId(job) }))
}

/// Has a message follow the client's deploy, in place of any other.
///
/// # Errors
///
/// Returns [`StoreError`] if the row cannot be written.
pub fn put(txn: &Txn<'_>, client: ClientId, followed: Followed) -> Result<(), StoreError> {
    let Followed { person, message, job } = followed;
    let row = Row::V1 { person: person.get(), message, job: job.0 };
    txn.followed().insert_row(client.bits(), &row).map(drop)
}

/// Lets go of the message: the deploy is over.
///
/// # Errors
///
/// Returns [`StoreError`] if the row cannot be removed.
pub fn remove(txn: &Txn<'_>, client: ClientId) -> Result<(), StoreError> {
    txn.followed().remove(client.bits()).map(drop)
}
