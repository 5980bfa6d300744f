//! Giving money back: from the notice of a payment that needs a person.

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree::case;
use teloxide::types::{CallbackQuery, Update};

use super::{Button, Operator};
use crate::actions::cause::Cause;
use crate::actions::refund::{RefundError, refund};
use crate::bots::BotError;
use crate::bots::reply::{Reply, button, column, no_buttons};
use crate::bots::talk;
use crate::deps::Deps;
use crate::domain::ids::PaymentId;
use crate::domain::money::Money;
use crate::store::payments;
use crate::texts::master as texts;

/// Returns the branch of the bot's tree for refunds.
pub(super) fn flow() -> UpdateHandler<BotError> {
    Update::filter_callback_query()
        .filter_map(|query: CallbackQuery| query.data.and_then(|data| data.parse::<Button>().ok()))
        .branch(case![Button::Refund(payment)].endpoint(ask))
        .branch(case![Button::RefundNow(payment)].endpoint(give_back))
}

/// Shows what would be given back, below the notice that it came from, and asks.
async fn ask(reply: Reply, deps: Deps, payment: PaymentId) -> Result<(), BotError> {
    let Some(payment) = deps.store.read(|snap| payments::get(snap, &payment))? else {
        return reply.say(texts::NO_PAYMENT).await;
    };
    let left = payment.amount.minus(payment.refunded);
    if left == Money::ZERO {
        return reply.say(texts::NOTHING_LEFT).await;
    }
    let words = texts::confirm_refund(&payment.id, left);
    let yes = button(texts::REFUND_NOW, Button::RefundNow(payment.id));
    reply.say_with(words, column([yes, button(texts::CANCEL, Button::Cancel)])).await
}

async fn give_back(
    reply: Reply,
    deps: Deps,
    operator: Operator,
    cause: talk::Cause,
    payment: PaymentId,
) -> Result<(), BotError> {
    let cause = Cause::new(cause.to_string());
    let words = match refund(&deps, cause, payment, None, operator.actor()).await {
        Ok(refund) => texts::refunding(&refund.payment, refund.amount),
        Err(RefundError::UnknownPayment) => texts::NO_PAYMENT.to_owned(),
        Err(RefundError::TakenByHand) => texts::TAKEN_BY_HAND.to_owned(),
        Err(RefundError::TooMuch(_)) => texts::NOTHING_LEFT.to_owned(),
        Err(RefundError::NeedsReceipt) => texts::REFUND_NEEDS_RECEIPT.to_owned(),
        Err(RefundError::Store(err)) => return Err(err.into()),
        Err(err @ (RefundError::KeyReused(_) | RefundError::Random(_))) => {
            return Err(BotError::action(err));
        }
    };
    reply.show(words, no_buttons()).await
}
