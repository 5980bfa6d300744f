//! A payment in the books.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::money::Money;
use crate::sandbox::yookassa::cards::{Decline, TestCard};

/// A payment as the shop keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimPayment {
    /// Its name.
    pub id: String,
    /// How it stands.
    pub status: SimStatus,
    /// What it costs.
    pub amount: Money,
    /// The currency of all its sums.
    pub currency: String,
    /// What was given back.
    pub refunded: Money,
    /// What is on its way back.
    pub refunding: Money,
    /// The shop that is paid.
    pub account_id: String,
    /// Whether it is play money.
    pub test: bool,
    /// Whether the money is taken at once.
    pub capture: bool,
    /// What the payer reads.
    pub description: Option<String>,
    /// The merchant's own fields.
    pub metadata: BTreeMap<String, String>,
    /// The merchant's name for the payer.
    pub merchant_customer_id: Option<String>,
    /// Where the payer's browser goes afterwards.
    pub return_url: String,
    /// The receipt's e-mail address or phone number.
    pub receipt_to: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When the money was taken.
    pub captured_at: Option<Timestamp>,
    /// When held money falls back.
    pub expires_at: Option<Timestamp>,
    /// What was paid with.
    pub card: Option<TestCard>,
    /// Who ended it and why.
    pub cancellation: Option<Decline>,
}

/// How a payment or a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimStatus {
    /// Waits.
    Pending,
    /// The money is held.
    WaitingForCapture,
    /// Done; final.
    Succeeded,
    /// Over; final.
    Canceled,
}

impl SimPayment {
    /// Returns what may still be given back.
    pub(in super::super) fn left(&self) -> Money {
        self.amount.minus(self.refunded).minus(self.refunding)
    }
}

impl SimStatus {
    /// Returns the word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::WaitingForCapture => "waiting_for_capture",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}
