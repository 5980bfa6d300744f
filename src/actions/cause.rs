//! What makes a repeated request one request.

use jiff::Timestamp;

use crate::domain::ids::JobId;
use crate::store::idempotency::{self, Kept};
use crate::store::{Read, StoreError, Txn};

/// Names the request that an action comes from: a Telegram update, or an API caller's
/// `Idempotency-Key`. The same cause has its effect once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    key: String,
    fingerprint: Vec<u8>,
}

/// The same key came with another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the idempotency key was used for another request")]
pub struct KeyReused;

impl Cause {
    /// Names a request by `key`, which is unique in its door, such as `tg:<bot>:<update>`.
    pub const fn new(key: String) -> Self {
        Self { key, fingerprint: Vec::new() }
    }

    /// Also remembers what was asked for, so that a key used for something else is noticed.
    #[must_use]
    pub fn with_fingerprint(self, fingerprint: Vec<u8>) -> Self {
        Self { fingerprint, ..self }
    }

    /// Names the answer to the request: it is kept apart from the effect, which it follows.
    pub(super) fn of_answer(&self) -> Self {
        Self { key: format!("answer:{}", self.key), fingerprint: self.fingerprint.clone() }
    }

    /// Returns the effect of the request, if it was done before.
    pub(super) fn effect<E>(&self, txn: &impl Read, now: Timestamp) -> Result<Option<Vec<u8>>, E>
    where
        E: From<StoreError> + From<KeyReused>,
    {
        match idempotency::get(txn, now, &self.key)? {
            Some(kept) if kept.fingerprint != self.fingerprint => Err(KeyReused.into()),
            Some(kept) => Ok(Some(kept.answer)),
            None => Ok(None),
        }
    }

    /// Remembers the request's effect in the transaction that has it.
    pub(super) fn remember(
        &self,
        txn: &Txn<'_>,
        now: Timestamp,
        effect: &[u8],
    ) -> Result<(), StoreError> {
        let kept = Kept { fingerprint: self.fingerprint.clone(), answer: effect.to_vec() };
        idempotency::put(txn, now, &self.key, &kept)
    }
}

/// Reads an id back that was remembered as an effect.
pub(super) fn id_of(effect: &[u8]) -> Result<u128, StoreError> {
    let bits = effect.try_into().map(u128::from_be_bytes);
    bits.map_err(|_| StoreError::Corrupt { table: "idempotency", reason: "no id".to_owned() })
}

/// Reads a job back that was remembered as an effect.
pub(super) fn job_of(effect: &[u8]) -> Result<JobId, StoreError> {
    let number = effect.try_into().map(u64::from_be_bytes).map(JobId);
    number.map_err(|_| StoreError::Corrupt { table: "idempotency", reason: "no job".to_owned() })
}
