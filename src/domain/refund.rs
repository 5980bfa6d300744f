//! A refund that we ask for: its own record, beside the payment that it gives back.

use jiff::Timestamp;

use super::ids::{PaymentId, RefundId};
use super::money::Money;
use super::order::PaymentRequest;

/// Money to give back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Our name for it.
    pub id: RefundId,
    /// The payment that is given back, wholly or in part.
    pub payment: PaymentId,
    /// How much of it.
    pub amount: Money,
    /// The request to the provider; replayed until its outcome is known.
    pub request: PaymentRequest,
    /// How far it has come.
    pub state: RefundState,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// How far a refund has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// The provider has not said its last word.
    Asked,
    /// The money is on its way back. Final.
    Done,
    /// The provider will not give it back. Final.
    Refused,
}
