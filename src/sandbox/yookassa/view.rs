//! Payments, refunds, lists and the shop in the shapes of the API.

use std::collections::BTreeMap;

use serde::Serialize;

use super::cards::{Decline, TestCard};
use super::ledger::{SimPayment, SimRefund, SimStatus};
use super::shop::SHOP_ID;
use crate::domain::money::Money;

/// A sum on the wire.
#[derive(Serialize)]
pub(super) struct Sum<'a> {
    value: String,
    currency: &'a str,
}

impl<'a> Sum<'a> {
    fn new(money: Money, currency: &'a str) -> Self {
        Self { value: money.to_string(), currency }
    }
}

/// A payment on the wire.
#[derive(Serialize)]
pub(super) struct PaymentView<'a> {
    id: &'a str,
    status: &'static str,
    amount: Sum<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    income_amount: Option<Sum<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    recipient: Recipient<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method: Option<MethodView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    captured_at: Option<String>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<RedirectView<'a>>,
    test: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    refunded_amount: Option<Sum<'a>>,
    paid: bool,
    refundable: bool,
    metadata: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_details: Option<DeclineView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_customer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_registration: Option<&'static str>,
}

#[derive(Serialize)]
struct Recipient<'a> {
    account_id: &'a str,
    gateway_id: &'static str,
}

#[derive(Serialize)]
struct MethodView<'a> {
    r#type: &'static str,
    id: &'a str,
    saved: bool,
    status: &'static str,
    title: String,
    card: CardView,
}

#[derive(Serialize)]
struct CardView {
    first6: &'static str,
    last4: &'static str,
    expiry_year: &'static str,
    expiry_month: &'static str,
    card_type: &'static str,
    issuer_country: &'static str,
}

#[derive(Serialize)]
struct RedirectView<'a> {
    r#type: &'static str,
    return_url: &'a str,
    confirmation_url: String,
}

#[derive(Serialize)]
struct DeclineView {
    party: &'static str,
    reason: &'static str,
}

impl<'a> PaymentView<'a> {
    /// Shows a payment of the shop at `base`.
    pub(super) fn new(payment: &'a SimPayment, base: &str) -> Self {
        let sum = |money| Sum::new(money, payment.currency.as_str());
        let succeeded = payment.status == SimStatus::Succeeded;
        Self {
            id: &payment.id,
            status: payment.status.as_str(),
            amount: sum(payment.amount),
            income_amount: succeeded.then(|| sum(less_fee(payment.amount))),
            description: payment.description.as_deref(),
            recipient: Recipient { account_id: &payment.account_id, gateway_id: "2400001" },
            payment_method: payment.card.map(|card| MethodView::new(&payment.id, card)),
            captured_at: payment.captured_at.map(|at| format!("{at:.3}")),
            created_at: format!("{:.3}", payment.created_at),
            expires_at: payment.expires_at.map(|at| format!("{at:.3}")),
            confirmation: (payment.status == SimStatus::Pending).then(|| RedirectView {
                r#type: "redirect",
                return_url: &payment.return_url,
                confirmation_url: format!("{base}/checkout/{}", payment.id),
            }),
            test: payment.test,
            refunded_amount: succeeded.then(|| sum(payment.refunded)),
            paid: matches!(payment.status, SimStatus::WaitingForCapture | SimStatus::Succeeded),
            refundable: succeeded && payment.left() > Money::ZERO,
            metadata: &payment.metadata,
            cancellation_details: payment.cancellation.map(DeclineView::from),
            merchant_customer_id: payment.merchant_customer_id.as_deref(),
            receipt_registration: payment.receipt_to.as_ref().map(|_| match payment.status {
                SimStatus::Succeeded => "succeeded",
                SimStatus::Canceled => "canceled",
                SimStatus::Pending | SimStatus::WaitingForCapture => "pending",
            }),
        }
    }
}

impl<'a> MethodView<'a> {
    fn new(id: &'a str, card: TestCard) -> Self {
        let last4 = card.number.get(12..).unwrap_or_default();
        Self {
            r#type: "bank_card",
            id,
            saved: false,
            status: "inactive",
            title: format!("Bank card *{last4}"),
            card: CardView {
                first6: card.number.get(..6).unwrap_or_default(),
                last4,
                expiry_year: "2039",
                expiry_month: "12",
                card_type: card.network,
                issuer_country: "RU",
            },
        }
    }
}

impl From<Decline> for DeclineView {
    fn from(decline: Decline) -> Self {
        Self { party: decline.party, reason: decline.reason }
    }
}

/// A refund on the wire.
#[derive(Serialize)]
pub(super) struct RefundView<'a> {
    id: &'a str,
    payment_id: &'a str,
    status: &'static str,
    created_at: String,
    amount: Sum<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_details: Option<DeclineView>,
}

impl<'a> RefundView<'a> {
    pub(super) fn new(refund: &'a SimRefund) -> Self {
        Self {
            id: &refund.id,
            payment_id: &refund.payment_id,
            status: refund.status.as_str(),
            created_at: format!("{:.3}", refund.created_at),
            amount: Sum::new(refund.amount, Money::CURRENCY),
            description: refund.description.as_deref(),
            cancellation_details: refund.cancellation.map(DeclineView::from),
        }
    }
}

/// A page of a list on the wire.
#[derive(Serialize)]
pub(super) struct ListView<T> {
    pub(super) r#type: &'static str,
    pub(super) items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_cursor: Option<String>,
}

/// The shop on the wire.
#[derive(Serialize)]
pub(super) struct MeView {
    account_id: &'static str,
    status: &'static str,
    test: bool,
    fiscalization: FiscalizationView,
    fiscalization_enabled: bool,
    payment_methods: [&'static str; 2],
}

#[derive(Serialize)]
struct FiscalizationView {
    enabled: bool,
    provider: &'static str,
}

impl MeView {
    pub(super) fn new(receipt_required: bool) -> Self {
        Self {
            account_id: SHOP_ID,
            status: "enabled",
            test: true,
            fiscalization: FiscalizationView { enabled: receipt_required, provider: "avanpost" },
            fiscalization_enabled: receipt_required,
            payment_methods: ["bank_card", "yoo_money"],
        }
    }
}

/// YooKassa keeps 3.5 % in this shop.
fn less_fee(amount: Money) -> Money {
    Money::from_kopecks(amount.kopecks() * 965 / 1_000).unwrap_or_default()
}
