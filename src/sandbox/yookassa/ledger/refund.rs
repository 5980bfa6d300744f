//! Giving money back.

use jiff::Timestamp;

use super::{ControlError, Ledger, SimStatus};
use crate::domain::money::Money;
use crate::sandbox::yookassa::answer::Refusal;
use crate::sandbox::yookassa::cards::Decline;
use crate::sandbox::yookassa::checks::RefundWish;
use crate::sandbox::yookassa::event::ShopEvent;
use crate::sandbox::yookassa::notify::Notice;

/// A refund as the shop keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimRefund {
    /// Its name.
    pub id: String,
    /// The payment that is given back.
    pub payment_id: String,
    /// How it stands; never [`SimStatus::WaitingForCapture`].
    pub status: SimStatus,
    /// How much.
    pub amount: Money,
    /// Why, in the merchant's words.
    pub description: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who refused it and why.
    pub cancellation: Option<Decline>,
}

impl Ledger {
    pub(in super::super) fn create_refund(&mut self, wish: RefundWish) -> Result<String, Refusal> {
        let payment = self.payments.get_mut(&wish.payment_id);
        let refunded = "The payment is not found or has not succeeded";
        let payment = payment
            .filter(|payment| payment.status == SimStatus::Succeeded)
            .ok_or_else(|| Refusal::invalid(refunded, "payment_id"))?;
        if wish.amount > payment.left() {
            return Err(Refusal::invalid(
                "The amount is more than is left of the payment",
                "amount",
            ));
        }
        payment.refunding = payment.refunding.plus(wish.amount);
        let (id, place) = self.name("0015");
        let refund = SimRefund {
            id: id.clone(),
            payment_id: wish.payment_id,
            status: SimStatus::Pending,
            amount: wish.amount,
            description: wish.description,
            created_at: self.now,
            cancellation: None,
        };
        self.refund_order.insert(place, id.clone());
        self.refunds.insert(id.clone(), refund);
        if self.refunds_take_time {
            let (refund, amount) = (id.clone(), wish.amount);
            self.events.push(ShopEvent::RefundPending { refund, amount });
        } else {
            self.give_back(&id);
        }
        Ok(id)
    }

    pub(in super::super) fn refund_in_cabinet(
        &mut self,
        payment_id: &str,
        amount: Option<Money>,
    ) -> Result<String, ControlError> {
        let payment = self.payments.get(payment_id).ok_or(ControlError::Unknown)?;
        if payment.status != SimStatus::Succeeded {
            return Err(ControlError::WrongStatus);
        }
        let amount = amount.unwrap_or_else(|| payment.left());
        if amount == Money::ZERO {
            return Err(ControlError::TooMuch);
        }
        let payment_id = payment_id.to_owned();
        let wish = RefundWish { payment_id, amount, description: None };
        self.create_refund(wish).map_err(|_| ControlError::TooMuch)
    }

    pub(in super::super) fn finish_refund(&mut self, id: &str) -> Result<(), ControlError> {
        self.pending_refund(id)?;
        self.give_back(id);
        Ok(())
    }

    pub(in super::super) fn refuse_refund(&mut self, id: &str) -> Result<(), ControlError> {
        let refund = self.pending_refund(id)?;
        refund.status = SimStatus::Canceled;
        refund.cancellation =
            Some(Decline { party: "refund_network", reason: "rejected_by_payee" });
        let (payment_id, amount) = (refund.payment_id.clone(), refund.amount);
        if let Some(payment) = self.payments.get_mut(&payment_id) {
            payment.refunding = payment.refunding.minus(amount);
        }
        self.events.push(ShopEvent::RefundCanceled { refund: id.to_owned() });
        Ok(())
    }

    fn pending_refund(&mut self, id: &str) -> Result<&mut SimRefund, ControlError> {
        let refund = self.refunds.get_mut(id).ok_or(ControlError::Unknown)?;
        if refund.status == SimStatus::Pending {
            Ok(refund)
        } else {
            Err(ControlError::WrongStatus)
        }
    }

    fn give_back(&mut self, id: &str) {
        let Some(refund) = self.refunds.get_mut(id) else { return };
        refund.status = SimStatus::Succeeded;
        if let Some(payment) = self.payments.get_mut(&refund.payment_id) {
            payment.refunding = payment.refunding.minus(refund.amount);
            payment.refunded = payment.refunded.plus(refund.amount);
        }
        self.notices.push(Notice::refund(refund));
        self.events.push(ShopEvent::Refunded { refund: id.to_owned(), amount: refund.amount });
    }
}
