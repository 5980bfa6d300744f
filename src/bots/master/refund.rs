//! Giving money back: from the notice of a payment that needs a person, and from its page.

use super::{Button, Desk};
use crate::actions::refund::{RefundError, refund};
use crate::bots::BotError;
use crate::bots::reply::{button, column, no_buttons};
use crate::domain::ids::PaymentId;
use crate::domain::money::Money;
use crate::store::payments;
use crate::texts::master as texts;
use crate::texts::words::say;

/// Shows what would be given back, below the notice that it came from, and asks.
pub(super) async fn ask(desk: Desk, payment: PaymentId) -> Result<(), BotError> {
    let words = desk.words();
    let Some(payment) = desk.deps.store.read(|snap| payments::get(snap, &payment))? else {
        return desk.say(say!(words, "master-no-payment")).await;
    };
    let left = payment.amount.minus(payment.refunded);
    if left == Money::ZERO {
        return desk.say(say!(words, "master-nothing-left")).await;
    }
    let text = texts::confirm_refund(words, &payment.id, left);
    let yes = button(say!(words, "master-button-refund-now"), Button::RefundNow(payment.id));
    let no = button(say!(words, "master-button-cancel"), Button::Cancel);
    desk.reply.say_with(text, column([yes, no])).await
}

pub(super) async fn give_back(desk: Desk, payment: PaymentId) -> Result<(), BotError> {
    let words = desk.words();
    let text = match refund(&desk.deps, desk.cause(), payment, None, desk.actor()).await {
        Ok(refund) => texts::refunding(words, &refund.payment, refund.amount),
        Err(RefundError::UnknownPayment) => say!(words, "master-no-payment"),
        Err(RefundError::TakenByHand) => say!(words, "master-taken-by-hand"),
        Err(RefundError::TooMuch(_)) => say!(words, "master-nothing-left"),
        Err(RefundError::NeedsReceipt) => say!(words, "master-refund-needs-receipt"),
        Err(RefundError::Store(err)) => return Err(err.into()),
        Err(err @ (RefundError::KeyReused(_) | RefundError::Random(_))) => {
            return Err(BotError::action(err));
        }
    };
    desk.reply.show(text, no_buttons()).await
}
