//! Rows: versioned values in postcard.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// Puts a row into the bytes that lie in `table`.
///
/// # Errors
///
/// Returns [`StoreError::Corrupt`] for a row that has no form in postcard.
pub fn encode<R: Serialize>(table: &'static str, row: &R) -> Result<Vec<u8>, StoreError> {
    postcard::to_stdvec(row).map_err(|err| corrupt(table, &err))
}

/// Reads a row of `table` back.
///
/// # Errors
///
/// Returns [`StoreError::Corrupt`] for bytes that are no such row, or more than one.
pub fn decode<R: DeserializeOwned>(table: &'static str, bytes: &[u8]) -> Result<R, StoreError> {
    match postcard::take_from_bytes(bytes) {
        Ok((row, [])) => Ok(row),
        Ok(_) => Err(StoreError::Corrupt { table, reason: "bytes are left over".to_owned() }),
        Err(err) => Err(corrupt(table, &err)),
    }
}

fn corrupt(table: &'static str, err: &postcard::Error) -> StoreError {
    StoreError::Corrupt { table, reason: err.to_string() }
}
