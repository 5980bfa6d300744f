//! The certificate of the public listener, the account with its authority, and what failed last.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rows::instant;
use super::secrets::Sealed;
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::ladder::Ladder;

const TABLE: &str = "certificates";
const CERTIFICATE: &str = "certificate";
const TROUBLE: &str = "trouble";

/// A certificate as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The directory of the authority that gave it.
    pub directory: String,
    /// It and its chain, in PEM.
    pub chain: String,
    /// Its key in PEM, sealed.
    pub key: Sealed,
}

/// Why there is no new certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The failures so far.
    pub ladder: Ladder,
    /// The name that a certificate was asked for.
    pub domain: String,
    /// What was said of the last failure.
    pub words: String,
}

#[derive(Serialize, Deserialize)]
enum CertificateRow {
    V1 { directory: String, chain: String, key: Vec<u8> },
}

#[derive(Serialize, Deserialize)]
enum TroubleRow {
    V1 { failures: u32, validations: Vec<i64>, next: Option<i64>, domain: String, words: String },
}

/// Returns the certificate that was got last.
///
/// # Errors
///
/// Returns [`StoreError`], as everything in this file, if the store cannot be read or written.
pub fn get(txn: &impl Read) -> Result<Option<Kept>, StoreError> {
    let row = txn.certificates().get_row::<CertificateRow>(CERTIFICATE)?;
    Ok(row.map(|CertificateRow::V1 { directory, chain, key }| Kept {
        directory,
        chain,
        key: Sealed::from_bytes(key),
    }))
}

/// Keeps a new certificate; the trouble is over.
///
/// # Errors
///
/// As [`get`].
pub fn put(txn: &Txn<'_>, kept: &Kept) -> Result<(), StoreError> {
    let Kept { directory, chain, key } = kept.clone();
    let row = CertificateRow::V1 { directory, chain, key: key.as_bytes().to_vec() };
    txn.certificates().insert_row(CERTIFICATE, &row)?;
    txn.certificates().remove(TROUBLE)?;
    Ok(())
}

/// Returns the sealed key of the account at `directory`.
///
/// # Errors
///
/// As [`get`].
pub fn account(txn: &impl Read, directory: &str) -> Result<Option<Sealed>, StoreError> {
    Ok(txn.certificates().get(&account_key(directory))?.map(Sealed::from_bytes))
}

/// Keeps the sealed key of the account at `directory`.
///
/// # Errors
///
/// As [`get`].
pub fn put_account(txn: &Txn<'_>, directory: &str, key: &Sealed) -> Result<(), StoreError> {
    txn.certificates().insert(&account_key(directory), key.as_bytes())?;
    Ok(())
}

fn account_key(directory: &str) -> String {
    format!("account:{directory}")
}

/// Returns what failed since the last certificate.
///
/// # Errors
///
/// As [`get`].
pub fn trouble(txn: &impl Read) -> Result<Option<Trouble>, StoreError> {
    let row = txn.certificates().get_row::<TroubleRow>(TROUBLE)?;
    let Some(TroubleRow::V1 { failures, validations, next, domain, words }) = row else {
        return Ok(None);
    };
    let at = |millis| instant(TABLE, millis);
    let validations = validations.into_iter().map(at).collect::<Result<_, _>>()?;
    let ladder = Ladder { failures, validations, next: next.map(at).transpose()? };
    Ok(Some(Trouble { ladder, domain, words }))
}

/// Keeps what failed.
///
/// # Errors
///
/// As [`get`].
pub fn put_trouble(txn: &Txn<'_>, trouble: &Trouble) -> Result<(), StoreError> {
    let Trouble { ladder, domain, words } = trouble.clone();
    let row = TroubleRow::V1 {
        failures: ladder.failures,
        validations: ladder.validations.into_iter().map(Timestamp::as_millisecond).collect(),
        next: ladder.next.map(Timestamp::as_millisecond),
        domain,
        words,
    };
    txn.certificates().insert_row(TROUBLE, &row)?;
    Ok(())
}
