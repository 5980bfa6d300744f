//! What the shop knows, and its rules: payments, refunds, and the notices that follow from them.

mod payment;
mod refund;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::answer::Refusal;
use super::cards::{Card, Decline, Verdict};
use super::checks::PaymentWish;
use super::event::ShopEvent;
use super::notify::Notice;
use super::shop::SHOP_ID;
use crate::domain::money::Money;

pub use payment::{SimPayment, SimStatus};
pub use refund::SimRefund;

/// How long a payer has.
const TIME_TO_PAY: SignedDuration = SignedDuration::from_hours(1);
/// How long money is held for the merchant to take it.
const TIME_TO_CAPTURE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Ids begin with the seconds since 2000, as real ones do.
const YEAR_2000: i64 = 946_684_800;

/// What came of paying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayOutcome {
    /// The money is the shop's.
    Succeeded,
    /// The money is held.
    Held,
    /// The card was declined and the payment is canceled.
    Declined(Decline),
}

/// Why the shop cannot do what a test or the cabinet asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// There is no such payment or refund.
    #[error("there is no such payment or refund")]
    Unknown,
    /// Its status does not allow it.
    #[error("the status does not allow it")]
    WrongStatus,
    /// More was asked back than is left.
    #[error("there is less left to give back")]
    TooMuch,
    /// The card is none of the documented ones.
    #[error("not a documented test card")]
    UnknownCard,
}

/// Orders objects by their creation; the number tells equal times apart.
pub(super) type Place = (Timestamp, u64);

/// All that the shop knows. Every change leaves its notices and events to be taken.
pub(super) struct Ledger {
    pub(super) receipt_required: bool,
    pub(super) refunds_take_time: bool,
    payments: HashMap<String, SimPayment>,
    payment_order: BTreeMap<Place, String>,
    refunds: HashMap<String, SimRefund>,
    refund_order: BTreeMap<Place, String>,
    due: BTreeSet<(Timestamp, String)>,
    made: u64,
    now: Timestamp,
    pub(super) notices: Vec<Notice>,
    pub(super) events: Vec<ShopEvent>,
}

impl Ledger {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            receipt_required: false,
            refunds_take_time: false,
            payments: HashMap::new(),
            payment_order: BTreeMap::new(),
            refunds: HashMap::new(),
            refund_order: BTreeMap::new(),
            due: BTreeSet::new(),
            made: 0,
            now,
            notices: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Turns to `now` and ends what is due by then.
    pub(super) fn turn_to(&mut self, now: Timestamp) {
        self.now = now;
        while self.due.first().is_some_and(|(at, _)| *at <= now) {
            let Some((at, id)) = self.due.pop_first() else { return };
            match self.payments.get(&id).map(|payment| (payment.status, payment.expires_at)) {
                Some((SimStatus::Pending, _)) => self.end(&id, EXPIRED_ON_CONFIRMATION),
                Some((SimStatus::WaitingForCapture, Some(end))) if end == at => {
                    self.end(&id, EXPIRED_ON_CAPTURE);
                }
                _ => {}
            }
        }
    }

    /// Returns when the next payment is due to end.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    pub(super) fn payment(&self, id: &str) -> Option<&SimPayment> {
        self.payments.get(id)
    }

    pub(super) fn refund(&self, id: &str) -> Option<&SimRefund> {
        self.refunds.get(id)
    }

    pub(super) fn payments(&self) -> Vec<SimPayment> {
        self.payment_order.values().filter_map(|id| self.payments.get(id)).cloned().collect()
    }

    pub(super) fn refunds(&self) -> Vec<SimRefund> {
        self.refund_order.values().filter_map(|id| self.refunds.get(id)).cloned().collect()
    }

    /// Returns the payments before `below`, newest first.
    pub(super) fn payments_before(
        &self,
        below: Place,
    ) -> impl Iterator<Item = (Place, &SimPayment)> {
        let places = self.payment_order.range(..below).rev();
        places.filter_map(|(place, id)| Some((*place, self.payments.get(id)?)))
    }

    /// Returns the refunds before `below`, newest first.
    pub(super) fn refunds_before(&self, below: Place) -> impl Iterator<Item = (Place, &SimRefund)> {
        let places = self.refund_order.range(..below).rev();
        places.filter_map(|(place, id)| Some((*place, self.refunds.get(id)?)))
    }

    /// Creates a payment that waits for its payer.
    pub(super) fn create(&mut self, wish: PaymentWish) -> String {
        let id = self.insert(wish);
        self.due.insert((self.now + TIME_TO_PAY, id.clone()));
        let amount = self.payments.get(&id).map_or(Money::ZERO, |payment| payment.amount);
        self.events.push(ShopEvent::Created { payment: id.clone(), amount });
        id
    }

    /// Puts a payment into the books that has long succeeded.
    pub(super) fn insert_succeeded(
        &mut self,
        amount: Money,
        metadata: BTreeMap<String, String>,
    ) -> String {
        let id = self.insert(PaymentWish { amount, capture: true, metadata, ..Default::default() });
        if let Some(payment) = self.payments.get_mut(&id) {
            payment.status = SimStatus::Succeeded;
            payment.captured_at = Some(self.now);
            payment.card = Verdict::of(Card::Ok).map(|verdict| *verdict.0);
        }
        id
    }

    fn insert(&mut self, wish: PaymentWish) -> String {
        let (id, place) = self.name("000f");
        let payment = SimPayment {
            id: id.clone(),
            status: SimStatus::Pending,
            amount: wish.amount,
            currency: Money::CURRENCY.to_owned(),
            refunded: Money::ZERO,
            refunding: Money::ZERO,
            account_id: SHOP_ID.to_owned(),
            test: true,
            capture: wish.capture,
            description: wish.description,
            metadata: wish.metadata,
            merchant_customer_id: wish.merchant_customer_id,
            return_url: wish.return_url,
            receipt_to: wish.receipt_to,
            created_at: self.now,
            captured_at: None,
            expires_at: None,
            card: None,
            cancellation: None,
        };
        self.payment_order.insert(place, id.clone());
        self.payments.insert(id.clone(), payment);
        id
    }

    fn name(&mut self, kind: &str) -> (String, Place) {
        self.made += 1;
        let second = (self.now.as_second() - YEAR_2000) & 0xffff_ffff;
        let id = format!("{second:08x}-{kind}-5000-8000-{:012x}", self.made & 0xffff_ffff_ffff);
        (id, (self.now, self.made))
    }

    pub(super) fn pay(
        &mut self,
        id: &str,
        Verdict(card): Verdict,
    ) -> Result<PayOutcome, ControlError> {
        let now = self.now;
        let payment = self.payments.get_mut(id).ok_or(ControlError::Unknown)?;
        if payment.status != SimStatus::Pending {
            return Err(ControlError::WrongStatus);
        }
        payment.card = Some(*card);
        if let Some(decline) = card.decline {
            self.end(id, decline);
            return Ok(PayOutcome::Declined(decline));
        }
        if payment.capture {
            self.take(id);
            return Ok(PayOutcome::Succeeded);
        }
        let end = now + TIME_TO_CAPTURE;
        payment.status = SimStatus::WaitingForCapture;
        payment.expires_at = Some(end);
        self.notices.push(Notice::payment(payment));
        self.due.insert((end, id.to_owned()));
        self.events.push(ShopEvent::Held { payment: id.to_owned() });
        Ok(PayOutcome::Held)
    }

    pub(super) fn expire(&mut self, id: &str) -> Result<(), ControlError> {
        let payment = self.payments.get(id).ok_or(ControlError::Unknown)?;
        if payment.status != SimStatus::Pending {
            return Err(ControlError::WrongStatus);
        }
        self.end(id, EXPIRED_ON_CONFIRMATION);
        Ok(())
    }

    pub(super) fn cancel(&mut self, id: &str) -> Result<(), ControlError> {
        let payment = self.payments.get(id).ok_or(ControlError::Unknown)?;
        if payment.status != SimStatus::WaitingForCapture {
            return Err(ControlError::WrongStatus);
        }
        self.end(id, CANCELED_BY_MERCHANT);
        Ok(())
    }

    /// Takes held money, or a part of it.
    pub(super) fn capture(&mut self, id: &str, amount: Option<Money>) -> Result<(), Refusal> {
        let payment = self.payments.get_mut(id).ok_or_else(Refusal::not_found)?;
        if payment.status != SimStatus::WaitingForCapture {
            return Err(Refusal::invalid("The payment is not waiting for capture", "payment_id"));
        }
        let amount = amount.unwrap_or(payment.amount);
        if amount > payment.amount {
            return Err(Refusal::invalid("The amount is more than is held", "amount"));
        }
        payment.amount = amount;
        self.take(id);
        Ok(())
    }

    pub(super) fn alter(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut SimPayment),
    ) -> Result<(), ControlError> {
        change(self.payments.get_mut(id).ok_or(ControlError::Unknown)?);
        Ok(())
    }

    fn take(&mut self, id: &str) {
        let Some(payment) = self.payments.get_mut(id) else { return };
        payment.status = SimStatus::Succeeded;
        payment.captured_at = Some(self.now);
        payment.expires_at = None;
        self.notices.push(Notice::payment(payment));
        self.events.push(ShopEvent::Paid { payment: id.to_owned(), amount: payment.amount });
    }

    fn end(&mut self, id: &str, why: Decline) {
        let Some(payment) = self.payments.get_mut(id) else { return };
        payment.status = SimStatus::Canceled;
        payment.cancellation = Some(why);
        payment.expires_at = None;
        self.notices.push(Notice::payment(payment));
        self.events.push(ShopEvent::Canceled { payment: id.to_owned(), reason: why.reason });
    }
}

const EXPIRED_ON_CONFIRMATION: Decline =
    Decline { party: "yoo_money", reason: "expired_on_confirmation" };
const EXPIRED_ON_CAPTURE: Decline = Decline { party: "yoo_money", reason: "expired_on_capture" };
const CANCELED_BY_MERCHANT: Decline = Decline { party: "merchant", reason: "canceled_by_merchant" };
