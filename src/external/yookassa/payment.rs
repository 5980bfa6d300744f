//! A payment as YooKassa tells it.

use std::net::IpAddr;

use jiff::Timestamp;
use reqwest::Url;

use super::answer::{Amount, Tree};
use super::error::YooKassaError;
use crate::domain::ids::PaymentId;

/// A payment as YooKassa tells it; what it did not tell is `None`.
///
/// The status alone says how the payment stands: real answers hold sums refunded and reasons of
/// cancellation in payments that were neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderPayment {
    /// The payment's name at YooKassa.
    pub id: PaymentId,
    /// How it stands.
    pub status: PaymentStatus,
    /// What the payer pays, before YooKassa's fee.
    pub amount: Option<Amount>,
    /// What was given back so far.
    pub refunded_amount: Option<Amount>,
    /// Whether the payer has paid.
    pub paid: Option<bool>,
    /// Whether it is play money.
    pub test: Option<bool>,
    /// The shop that is paid.
    pub account_id: Option<String>,
    /// Our order, as we wrote it into the metadata.
    pub order_id: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When the money was taken.
    pub captured_at: Option<Timestamp>,
    /// Where the payer pays; only an address that is safe to offer.
    pub confirmation_url: Option<String>,
    /// Who ended it and why.
    pub cancellation: Option<Cancellation>,
    /// The kind of payment method, such as `bank_card` or `sbp`.
    pub method: Option<String>,
}

/// How a payment stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentStatus {
    /// Waits for the payer.
    Pending,
    /// The money is held and falls back unless it is captured.
    WaitingForCapture,
    /// The money is ours; final.
    Succeeded,
    /// Nothing was paid, or it fell back; final.
    Canceled,
    /// A status that this version does not know.
    Unknown(String),
}

/// Who ended a payment or a refund and why; both are open lists of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancellation {
    /// `merchant`, `yoo_money`, `payment_network` or another.
    pub party: Option<String>,
    /// Such as `expired_on_confirmation` or `insufficient_funds`.
    pub reason: Option<String>,
}

impl PaymentStatus {
    fn read(text: String) -> Self {
        match text.as_str() {
            "pending" => Self::Pending,
            "waiting_for_capture" => Self::WaitingForCapture,
            "succeeded" => Self::Succeeded,
            "canceled" => Self::Canceled,
            _ => Self::Unknown(text),
        }
    }
}

impl Cancellation {
    pub(super) fn read(answer: &Tree) -> Option<Self> {
        let party = answer.text("/cancellation_details/party");
        let reason = answer.text("/cancellation_details/reason");
        (party.is_some() || reason.is_some()).then_some(Self { party, reason })
    }
}

impl ProviderPayment {
    /// Reads a payment; only its id and its status must be there.
    pub(super) fn read(answer: &Tree) -> Result<Self, YooKassaError> {
        let id = answer.text("/id").and_then(|id| id.parse().ok());
        let status = answer.text("/status").map(PaymentStatus::read);
        Ok(Self {
            id: id.ok_or(YooKassaError::Malformed("no payment id"))?,
            status: status.ok_or(YooKassaError::Malformed("no status"))?,
            amount: answer.amount("/amount"),
            refunded_amount: answer.amount("/refunded_amount"),
            paid: answer.flag("/paid"),
            test: answer.flag("/test"),
            account_id: answer.text("/recipient/account_id"),
            order_id: answer.text("/metadata/order_id"),
            created_at: answer.instant("/created_at"),
            captured_at: answer.instant("/captured_at"),
            confirmation_url: answer.text("/confirmation/confirmation_url").filter(|u| is_safe(u)),
            cancellation: Cancellation::read(answer),
            method: answer.text("/payment_method/type"),
        })
    }
}

/// A link goes to people: it must be https, or stay on this machine as the simulator's does.
fn is_safe(link: &str) -> bool {
    let Ok(url) = Url::parse(link) else { return false };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let loopback =
        host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_safe_link_is_offered() {
        for good in
            ["https://yoomoney.ru/x", "http://127.0.0.1:9/x", "http://[::1]/", "http://localhost/"]
        {
            assert!(is_safe(good), "{good}");
        }
        for bad in
            ["string", "", "http://yoomoney.ru/", "javascript:alert(1)", "http://127.0.0.1.ru/"]
        {
            assert!(!is_safe(bad), "{bad}");
        }
    }
}
