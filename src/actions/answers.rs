//! Remember what programs were answered, so that a repeated request is answered the same.

use super::cause::{Cause, KeyReused};
use crate::deps::Deps;
use crate::domain::answered::Answered;
use crate::store::{StoreError, idempotency};

/// Why an answer is neither known nor kept.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The idempotency key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Returns what the request was answered, if it was.
///
/// # Errors
///
/// Returns [`AnswerError`].
pub fn known(deps: &Deps, cause: &Cause) -> Result<Option<Answered>, AnswerError> {
    let now = deps.clock.now();
    let cause = cause.of_answer();
    deps.store.read(|snap| match cause.effect::<AnswerError>(snap, now)? {
        Some(bytes) => Ok(Some(idempotency::read_answer(&bytes)?)),
        None => Ok(None),
    })
}

/// Keeps what the request is about to be answered, and returns what it is to be answered: of two
/// that ask at the same time, both are told what the first was told.
///
/// # Errors
///
/// Returns [`AnswerError`]; whatever the request had done is done.
pub async fn keep(deps: &Deps, cause: Cause, given: Answered) -> Result<Answered, AnswerError> {
    let now = deps.clock.now();
    let cause = cause.of_answer();
    let write = deps.store.write(move |txn| {
        if let Some(bytes) = cause.effect::<AnswerError>(txn, now)? {
            return Ok(idempotency::read_answer(&bytes)?);
        }
        cause.remember(txn, now, &idempotency::write_answer(&given)?)?;
        Ok(given.clone())
    });
    write.await
}
