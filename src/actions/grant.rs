//! Grant what a confirmed payment bought, or hold money that a person must decide on.

use jiff::{SignedDuration, Timestamp};

use super::life::{LiveError, live};
use super::operators;
use super::settle::{Books, Recorded};
use crate::config::Config;
use crate::domain::client::{Bot, Client, CompanyName, RuntimeState};
use crate::domain::ids::PaymentId;
use crate::domain::job::{Job, Notice};
use crate::domain::money::Money;
use crate::domain::order::{Attention, BRING_BOT_DAYS, Order, OrderState, Subject};
use crate::domain::payment::{ConfirmedPayment, Payment, PaymentState, Source};
use crate::domain::subscription::{Event, Subscription};
use crate::store::{StoreError, Txn, clients, jobs, orders, payments};

/// Grants the order's time and records the payment. The caller has seen that there is no record
/// of the payment yet, in this same transaction.
pub(super) fn grant(
    txn: &Txn<'_>,
    books: &Books,
    mut order: Order,
    confirmed: &ConfirmedPayment,
) -> Result<Recorded, StoreError> {
    if order.is_without_bot() && clients::get(txn, order.client)?.is_none() {
        return grant_ahead(txn, books, order, confirmed);
    }
    let mut client = match client_to_extend(txn, books, &order)? {
        Ok(client) => client,
        Err(why) => {
            let (id, amount) = (confirmed.id(), confirmed.amount());
            return hold(txn, books, &mut order, id, amount, why);
        }
    };
    let mut payment = record(books, &order, confirmed.id(), confirmed.amount());
    payment.client = Some(client.id);
    let given_back = payment.refund(confirmed.refunded());
    client.plan = Some(order.plan.id.clone());
    let mut client = pass(txn, books, client, Event::Paid(order.plan.days.length()))?;
    if payment.refunded > Money::ZERO {
        client = pass(txn, books, client, Event::Refunded(given_back))?;
    }
    let until = client.subscription.granted().until;
    payments::put(txn, &payment)?;
    close_paid(txn, books, &mut order, &payment)?;
    Ok(Recorded::Settled { payment: payment.id, order: order.id, client: client.id, until })
}

/// Records the payment of a bot that is still to be brought: its days wait, and their owner is
/// reminded now and then. Nothing waits if the money was given back before we heard of it.
fn grant_ahead(
    txn: &Txn<'_>,
    books: &Books,
    mut order: Order,
    confirmed: &ConfirmedPayment,
) -> Result<Recorded, StoreError> {
    let mut payment = record(books, &order, confirmed.id(), confirmed.amount());
    payment.refund(confirmed.refunded());
    payments::put(txn, &payment)?;
    close_paid(txn, books, &mut order, &payment)?;
    if payment.state == PaymentState::Settled {
        await_bot(txn, books.now, &books.config, &order)?;
    }
    Ok(Recorded::AwaitsBot(payment.id, order.id))
}

/// Has the order wait for its bot, and plans who is reminded of that and when; a notice about an
/// order that no longer waits says nothing.
pub(super) fn await_bot(
    txn: &Txn<'_>,
    now: Timestamp,
    config: &Config,
    order: &Order,
) -> Result<(), StoreError> {
    orders::await_bot(txn, order)?;
    let reminder = Job::Notify(order.buyer, Notice::BringBot(order.id));
    for days in BRING_BOT_DAYS {
        let at = now + SignedDuration::from_hours(days * 24);
        jobs::push_at(txn, now, at, &reminder)?;
    }
    let last = BRING_BOT_DAYS.last().copied().unwrap_or_default();
    for operator in operators::all(txn, config)? {
        let notice = Job::Notify(operator, Notice::BotNotBrought(order.id));
        jobs::push_at(txn, now, now + SignedDuration::from_hours(last * 24), &notice)?;
    }
    Ok(())
}

/// Closes a paid order and tells whom it concerns.
fn close_paid(
    txn: &Txn<'_>,
    books: &Books,
    order: &mut Order,
    payment: &Payment,
) -> Result<(), StoreError> {
    order.state = OrderState::Paid;
    order.payment = Some(payment.id.clone());
    orders::put(txn, order)?;
    orders::unwatch(txn, order.id)?;
    tell_operators(txn, books, &Notice::NewSale(order.id))?;
    let received = Notice::PaymentReceived(payment.id.clone());
    jobs::push(txn, books.now, &Job::Notify(order.buyer, received))?;
    if payment.refunded > Money::ZERO {
        // It was given back before we heard of it: nobody else will tell.
        let refunded = Notice::Refunded(payment.id.clone());
        jobs::push(txn, books.now, &Job::Notify(order.buyer, refunded))?;
    }
    Ok(())
}

/// Records money that was not granted, and asks the operators.
pub(super) fn hold(
    txn: &Txn<'_>,
    books: &Books,
    order: &mut Order,
    id: &PaymentId,
    amount: Money,
    why: Attention,
) -> Result<Recorded, StoreError> {
    let mut payment = record(books, order, id, amount);
    payment.state = PaymentState::Attention(why);
    payments::put(txn, &payment)?;
    order.state = OrderState::Attention(why);
    orders::put(txn, order)?;
    orders::unwatch(txn, order.id)?;
    tell_operators(txn, books, &Notice::Attention(id.clone()))?;
    Ok(Recorded::Held(id.clone(), order.id, order.client, why))
}

/// Has every operator told.
pub(super) fn tell_operators(
    txn: &Txn<'_>,
    books: &Books,
    notice: &Notice,
) -> Result<(), StoreError> {
    operators::tell(txn, books.now, &books.config, notice)
}

/// Returns the client that the order extends, as it was or newly begun.
fn client_to_extend(
    txn: &Txn<'_>,
    books: &Books,
    order: &Order,
) -> Result<Result<Client, Attention>, StoreError> {
    let known = clients::get(txn, order.client)?;
    Ok(match (&order.subject, known) {
        (_, Some(client)) => Ok(client),
        (Subject::Extension | Subject::BotLater { .. }, None) => Err(Attention::ClientGone),
        (Subject::NewClient { bot, .. }, None) if clients::by_bot(txn, bot.id)?.is_some() => {
            Err(Attention::BotTaken)
        }
        (Subject::NewClient { company, bot }, None) => {
            Ok(begin(books.now, order, company, bot.clone()))
        }
    })
}

/// Makes the client that begins with the order; its time is still to be granted.
pub(super) fn begin(now: Timestamp, order: &Order, company: &CompanyName, bot: Bot) -> Client {
    Client {
        id: order.client,
        company: company.clone(),
        owner: order.buyer,
        bot,
        plan: None,
        subscription: Subscription::Active { paid_until: now },
        runtime: RuntimeState::None,
        problem: None,
        created_at: now,
    }
}

/// Takes what money has done into the client's life. Neither a payment nor a refund is refused to
/// a client that there is.
pub(super) fn pass(
    txn: &Txn<'_>,
    books: &Books,
    client: Client,
    event: Event,
) -> Result<Client, StoreError> {
    match live(txn, &books.present(), client.clone(), event) {
        Ok(lived) => Ok(lived.client),
        Err(LiveError::Refused(_)) => Ok(client),
        Err(LiveError::Store(err)) => Err(err),
    }
}

fn record(books: &Books, order: &Order, id: &PaymentId, amount: Money) -> Payment {
    Payment {
        id: id.clone(),
        source: Source::YooKassa,
        order: Some(order.id),
        client: None,
        amount,
        refunded: Money::ZERO,
        days: order.plan.days,
        state: PaymentState::Settled,
        settled_at: books.now,
    }
}
