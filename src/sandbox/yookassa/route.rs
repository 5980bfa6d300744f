//! Which call a request is, and what the shop answers to it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use axum::http::Method;
use jiff::{SignedDuration, Timestamp};

use super::answer::{Answer, Refusal};
use super::checks;
use super::faults::CallKind;
use super::ledger::{Ledger, SimStatus};
use super::list;
use super::shop::Shop;
use super::view::{MeView, PaymentView, RefundView};

/// How long a key leads to its first result.
const KEYS_LIVE: SignedDuration = SignedDuration::from_hours(24);

/// A request, as far as the shop reads it.
pub(super) struct Call<'a> {
    pub(super) kind: CallKind,
    /// The payment or the refund in the path.
    id: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) key: Option<&'a str>,
    pub(super) body: &'a [u8],
}

impl<'a> Call<'a> {
    /// Finds out which call this is; `path` has no `/v3`.
    pub(super) fn find(
        method: &Method,
        path: &'a str,
        query: &'a str,
        key: Option<&'a str>,
        body: &'a [u8],
    ) -> Result<Self, Refusal> {
        let mut parts = path.trim_matches('/').split('/');
        let parts = (parts.next(), parts.next(), parts.next(), parts.next());
        let (get, post) = (method == Method::GET, method == Method::POST);
        let (kind, id) = match parts {
            (Some("payments"), None, ..) if get => (CallKind::ListPayments, ""),
            (Some("payments"), None, ..) if post => (CallKind::CreatePayment, ""),
            (Some("payments"), Some(id), None, _) if get => (CallKind::ReadPayment, id),
            (Some("payments"), Some(id), Some("capture"), None) if post => {
                (CallKind::CapturePayment, id)
            }
            (Some("payments"), Some(id), Some("cancel"), None) if post => {
                (CallKind::CancelPayment, id)
            }
            (Some("refunds"), None, ..) if get => (CallKind::ListRefunds, ""),
            (Some("refunds"), None, ..) if post => (CallKind::CreateRefund, ""),
            (Some("refunds"), Some(id), None, _) if get => (CallKind::ReadRefund, id),
            (Some("me"), None, ..) if get => (CallKind::Me, ""),
            (Some("payments" | "refunds" | "me"), ..) => return Err(Refusal::wrong_method()),
            _ => return Err(Refusal::not_found()),
        };
        Ok(Self { kind, id, path, query, key, body })
    }

    /// Does what is asked, once for each idempotence key.
    pub(super) fn perform(&self, shop: &Arc<Shop>) -> Answer {
        let done = match self.kind {
            CallKind::CreatePayment
            | CallKind::CapturePayment
            | CallKind::CancelPayment
            | CallKind::CreateRefund => self.change_once(shop),
            CallKind::ReadPayment
            | CallKind::ListPayments
            | CallKind::ReadRefund
            | CallKind::ListRefunds
            | CallKind::Me => shop.with(|ledger| self.read(ledger, shop.base())),
        };
        done.unwrap_or_else(Answer::from)
    }

    fn change_once(&self, shop: &Arc<Shop>) -> Result<Answer, Refusal> {
        let now = shop.clock().now();
        let key = self.key.ok_or_else(|| {
            Refusal::invalid("The Idempotence-Key header is missing", "Idempotence-Key")
        })?;
        check_key(key)?;
        let mut keys = shop.keys(); // Held to the end: two requests with one key act once.
        if let Some(kept) = keys.find(key, now) {
            if kept.path == self.path && kept.body == self.body {
                return Ok(kept.answer.clone());
            }
            let used = "The Idempotence-Key has been used with another request";
            return Err(Refusal::invalid(used, "Idempotence-Key"));
        }
        let answer = shop.with(|ledger| self.change(ledger, shop.base()))?;
        keys.keep(key, now, self, &answer);
        Ok(answer)
    }

    fn change(&self, ledger: &mut Ledger, base: &str) -> Result<Answer, Refusal> {
        match self.kind {
            CallKind::CreateRefund => {
                let id = ledger.create_refund(checks::refund(self.body)?)?;
                return refund(ledger, &id);
            }
            CallKind::CapturePayment => ledger.capture(self.id, checks::captured(self.body)?)?,
            CallKind::CancelPayment => cancel(ledger, self.id)?,
            _ => {
                let id = ledger.create(checks::payment(self.body, ledger.receipt_required)?);
                return payment(ledger, &id, base);
            }
        }
        payment(ledger, self.id, base)
    }

    fn read(&self, ledger: &Ledger, base: &str) -> Result<Answer, Refusal> {
        match self.kind {
            CallKind::ReadPayment => payment(ledger, self.id, base),
            CallKind::ReadRefund => refund(ledger, self.id),
            CallKind::ListPayments => list::payments(ledger, self.query, base),
            CallKind::ListRefunds => list::refunds(ledger, self.query),
            _ => Ok(Answer::ok(&MeView::new(ledger.receipt_required))),
        }
    }
}

fn payment(ledger: &Ledger, id: &str, base: &str) -> Result<Answer, Refusal> {
    let payment = ledger.payment(id).ok_or_else(Refusal::not_found)?;
    Ok(Answer::ok(&PaymentView::new(payment, base)))
}

fn refund(ledger: &Ledger, id: &str) -> Result<Answer, Refusal> {
    let refund = ledger.refund(id).ok_or_else(Refusal::not_found)?;
    Ok(Answer::ok(&RefundView::new(refund)))
}

fn cancel(ledger: &mut Ledger, id: &str) -> Result<(), Refusal> {
    let payment = ledger.payment(id).ok_or_else(Refusal::not_found)?;
    if payment.status != SimStatus::WaitingForCapture {
        return Err(Refusal::invalid("The payment is not waiting for capture", "payment_id"));
    }
    ledger.cancel(id).map_err(|_| Refusal::not_found())
}

fn check_key(key: &str) -> Result<(), Refusal> {
    let fits = (1..=64).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"+,-_.".contains(&b));
    if fits { Ok(()) } else { Err(Refusal::invalid("1 to 64 characters", "Idempotence-Key")) }
}

/// First results by their idempotence keys.
#[derive(Default)]
pub(super) struct Keys {
    kept: HashMap<String, Kept>,
    by_age: VecDeque<(Timestamp, String)>,
}

struct Kept {
    path: String,
    body: Vec<u8>,
    answer: Answer,
}

impl Keys {
    fn find(&mut self, key: &str, now: Timestamp) -> Option<&Kept> {
        while self.by_age.front().is_some_and(|(at, _)| *at + KEYS_LIVE <= now) {
            let (_, old) = self.by_age.pop_front()?;
            self.kept.remove(&old);
        }
        self.kept.get(key)
    }

    fn keep(&mut self, key: &str, now: Timestamp, call: &Call<'_>, answer: &Answer) {
        let (path, body) = (call.path.to_owned(), call.body.to_vec());
        self.kept.insert(key.to_owned(), Kept { path, body, answer: answer.clone() });
        self.by_age.push_back((now, key.to_owned()));
    }
}
