//! A refund as YooKassa tells it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::answer::{Amount, Tree};
use super::error::YooKassaError;
use super::payment::Cancellation;
use crate::domain::ids::PaymentId;

/// A refund's name at YooKassa.
///
/// Invariant: 1 to 64 letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefundId(String);

/// Why a text is not a refund's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a refund id: expected 1 to 64 of A-Z a-z 0-9 - _")]
pub struct InvalidRefundId;

/// A refund as YooKassa tells it; what it did not tell is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRefund {
    /// The refund's name at YooKassa.
    pub id: RefundId,
    /// The payment that is given back, wholly or in part.
    pub payment: Option<PaymentId>,
    /// How it stands.
    pub status: RefundStatus,
    /// What is given back.
    pub amount: Option<Amount>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// Who refused it and why.
    pub cancellation: Option<Cancellation>,
}

/// How a refund stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// On its way; ask again later.
    Pending,
    /// The money is given back; final.
    Succeeded,
    /// The money was not given back; final.
    Canceled,
    /// A status that this version does not know.
    Unknown(String),
}

impl RefundId {
    /// Returns the id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RefundId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RefundId {
    type Err = InvalidRefundId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidRefundId) }
    }
}

impl RefundStatus {
    fn read(text: String) -> Self {
        match text.as_str() {
            "pending" => Self::Pending,
            "succeeded" => Self::Succeeded,
            "canceled" => Self::Canceled,
            _ => Self::Unknown(text),
        }
    }
}

impl ProviderRefund {
    /// Reads a refund; only its id and its status must be there.
    pub(super) fn read(answer: &Tree) -> Result<Self, YooKassaError> {
        let id = answer.text("/id").and_then(|id| id.parse().ok());
        let status = answer.text("/status").map(RefundStatus::read);
        Ok(Self {
            id: id.ok_or(YooKassaError::Malformed("no refund id"))?,
            payment: answer.text("/payment_id").and_then(|id| id.parse().ok()),
            status: status.ok_or(YooKassaError::Malformed("no status"))?,
            amount: answer.amount("/amount"),
            created_at: answer.instant("/created_at"),
            cancellation: Cancellation::read(answer),
        })
    }
}
