//! The certificate of the public listener, the account with its authority, and what failed last.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rows::instant;
use super::secrets::Sealed;
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::ladder::{Ladder, Stage};

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
    V1 {
        failures: u32,
        validations: Vec<i64>,
        next: Option<i64>,
        domain: String,
        words: String,
    },
    V2 {
        failures: u32,
        validations: Vec<i64>,
        looking: Option<i64>,
        next: Option<i64>,
        is_rehearsal: bool,
        held_back: u32,
        domain: String,
        words: String,
    },
}

/// Returns the certificate that was got last for `domain`; without one, the last of all.
///
/// # Errors
///
/// Returns [`StoreError`], as everything in this file, if the store cannot be read or written.
pub fn get(txn: &impl Read, domain: &str) -> Result<Option<Kept>, StoreError> {
    let table = txn.certificates();
    let own = table.get_row::<CertificateRow>(&certificate_key(domain))?;
    let row = if own.is_some() { own } else { table.get_row::<CertificateRow>(CERTIFICATE)? };
    Ok(row.map(|CertificateRow::V1 { directory, chain, key }| Kept {
        directory,
        chain,
        key: Sealed::from_bytes(key),
    }))
}

/// Keeps a new certificate for `domain`.
///
/// # Errors
///
/// As [`get`].
pub fn put(txn: &Txn<'_>, domain: &str, kept: &Kept) -> Result<(), StoreError> {
    let Kept { directory, chain, key } = kept.clone();
    let row = CertificateRow::V1 { directory, chain, key: key.as_bytes().to_vec() };
    txn.certificates().insert_row(CERTIFICATE, &row)?;
    txn.certificates().insert_row(&certificate_key(domain), &row)?;
    Ok(())
}

fn certificate_key(domain: &str) -> String {
    format!("certificate:{domain}")
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
    Ok(record(txn)?.filter(|it| it.ladder.failures > 0))
}

/// Returns what is remembered of attempts, also if the last one went well.
///
/// # Errors
///
/// As [`get`].
pub fn record(txn: &impl Read) -> Result<Option<Trouble>, StoreError> {
    let Some(row) = txn.certificates().get_row::<TroubleRow>(TROUBLE)? else { return Ok(None) };
    let at = |millis| instant(TABLE, millis);
    let all = |millis: Vec<i64>| millis.into_iter().map(at).collect::<Result<_, _>>();
    Ok(Some(match row {
        TroubleRow::V1 { failures, validations, next, domain, words } => {
            let (validations, next) = (all(validations)?, next.map(at).transpose()?);
            let ladder = Ladder { failures, validations, next, ..Ladder::default() };
            Trouble { ladder, domain, words }
        }
        TroubleRow::V2 {
            failures,
            validations,
            looking,
            next,
            is_rehearsal,
            held_back,
            domain,
            words,
        } => {
            let validations = all(validations)?;
            let (looking, next) = (looking.map(at).transpose()?, next.map(at).transpose()?);
            let stage = if is_rehearsal { Stage::Rehearsal } else { Stage::Real };
            let ladder = Ladder { failures, validations, looking, next, stage, held_back };
            Trouble { ladder, domain, words }
        }
    }))
}

/// Keeps what is to be remembered of attempts.
///
/// # Errors
///
/// As [`get`].
pub fn put_record(txn: &Txn<'_>, record: &Trouble) -> Result<(), StoreError> {
    let Trouble { ladder, domain, words } = record.clone();
    let row = TroubleRow::V2 {
        failures: ladder.failures,
        validations: ladder.validations.into_iter().map(Timestamp::as_millisecond).collect(),
        looking: ladder.looking.map(Timestamp::as_millisecond),
        next: ladder.next.map(Timestamp::as_millisecond),
        is_rehearsal: ladder.stage == Stage::Rehearsal,
        held_back: ladder.held_back,
        domain,
        words,
    };
    txn.certificates().insert_row(TROUBLE, &row)?;
    Ok(())
}
