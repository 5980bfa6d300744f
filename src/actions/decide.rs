//! Decide: an operator's word on a payment that fits no rule.

use jiff::Timestamp;

use super::cause::{Cause, KeyReused};
use super::forget_token::forget_later;
use super::grant::{await_bot, begin};
use super::life::{LiveError, Present, live};
use crate::config::Config;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, PaymentId};
use crate::domain::job::{Job, Notice};
use crate::domain::money::Money;
use crate::domain::order::{Order, OrderState, Subject};
use crate::domain::payment::{Payment, PaymentState};
use crate::domain::refund::RefundState;
use crate::domain::subscription::Event;
use crate::store::{
    Read, StoreError, Txn, audit, clients, jobs, orders, payments, refunds, secrets,
};

/// The most characters of a note that are kept.
const NOTE_CHARS: usize = 200;

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no record of the payment.
    #[error("there is no such payment")]
    UnknownPayment,
    /// Somebody has decided before.
    #[error("the payment no longer waits for a decision")]
    Decided,
    /// The money is on its way back.
    #[error("the money is being given back")]
    BeingRefunded,
    /// The order's own client does not exist and cannot be begun: one must be chosen.
    #[error("choose the client who gets the time")]
    NeedsClient,
    /// There is no such client.
    #[error("there is no such client")]
    UnknownClient,
    /// The idempotency key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who gets the time of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// This client; it may be one that is yet to begin.
    Client(Box<Client>),
    /// Whoever bought it: the days wait for the bot that is still to be brought.
    Ahead,
}

/// What came of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The payment.
    pub payment: Payment,
    /// Who has got its time; none if it waits for a bot.
    pub client: Option<Client>,
}

/// Tells who would get the time if it were granted as the order says. `None` if a client must be
/// chosen.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub fn natural_target(
    txn: &impl Read,
    payment: &Payment,
    now: Timestamp,
) -> Result<Option<Target>, StoreError> {
    let Some(order) = order_of(txn, payment)? else { return Ok(None) };
    if let Some(client) = clients::get(txn, order.client)? {
        return Ok(Some(Target::Client(Box::new(client))));
    }
    match &order.subject {
        Subject::Extension => Ok(None),
        Subject::NewClient { company, bot } => {
            let has_token = secrets::get(txn, order.client)?.is_some();
            let is_free = clients::by_bot(txn, bot.id)?.is_none();
            let begun = || Target::Client(Box::new(begin(now, &order, company, bot.clone())));
            Ok((has_token && is_free).then(begun))
        }
        // The days of one payment wait for the bot; a second one has nothing to wait for.
        Subject::BotLater { .. } => {
            let is_first = order.payment.as_ref().is_none_or(|first| *first == payment.id);
            Ok((is_first && !orders::awaits_bot(txn, &order)?).then_some(Target::Ahead))
        }
    }
}

/// Grants the payment's days to the chosen client, or to whom the order says, with all that
/// follows from a settled payment. What was given back of it is not granted.
///
/// Safe to repeat: the same `cause` grants once.
///
/// # Errors
///
/// Returns [`DecideError`], and nothing is changed.
pub async fn grant_held(
    deps: &Deps,
    cause: Cause,
    id: PaymentId,
    to: Option<ClientId>,
    by: Actor,
) -> Result<Granted, DecideError> {
    let now = deps.clock.now();
    let (present, config) = (Present::new(now, &deps.config.billing), deps.config.clone());
    let granted = deps
        .store
        .write(move |txn| {
            if cause.effect::<DecideError>(txn, now)?.is_some() {
                return granted_before(txn, &id);
            }
            let mut payment = held(txn, &id)?;
            refuse_if_refunding(txn, &id)?;
            let target = match to {
                Some(to) => clients::get(txn, to)?.map(|client| Target::Client(Box::new(client))),
                None => natural_target(txn, &payment, now)?,
            };
            let client = match (target, to) {
                (Some(Target::Client(client)), _) => {
                    let client = give(txn, &present, *client, &mut payment)?;
                    close(txn, now, &payment, OrderState::Paid)?;
                    Some(client)
                }
                (Some(Target::Ahead), _) => {
                    give_ahead(txn, now, &config, &mut payment)?;
                    None
                }
                (None, Some(_)) => return Err(DecideError::UnknownClient),
                (None, None) => return Err(DecideError::NeedsClient),
            };
            let note = format!("{id} {} days {}", payment.days, payment.amount);
            let whose = client.as_ref().map(|client| client.id);
            audit::append(txn, &entry(now, by, "payment.granted", whose, note))?;
            cause.remember(txn, now, &[])?;
            Ok::<_, DecideError>(Granted { payment, client })
        })
        .await?;
    deps.changes.notify();
    tracing::info!(
        event = "payment.granted", payment = %granted.payment.id,
        client = granted.client.as_ref().map(|client| tracing::field::display(client.id)),
        "an operator has granted a payment that waited"
    );
    Ok(granted)
}

fn granted_before(txn: &impl Read, id: &PaymentId) -> Result<Granted, DecideError> {
    let payment = payments::get(txn, id)?.ok_or(DecideError::UnknownPayment)?;
    let client = payment.client.map(|client| clients::get(txn, client)).transpose()?.flatten();
    Ok(Granted { payment, client })
}

/// Has the payment's time wait for the bot that its buyer is still to bring.
fn give_ahead(
    txn: &Txn<'_>,
    now: Timestamp,
    config: &Config,
    payment: &mut Payment,
) -> Result<(), DecideError> {
    let mut order = order_of(txn, payment)?.ok_or(DecideError::NeedsClient)?;
    payment.state = PaymentState::Settled;
    payments::put(txn, payment)?;
    (order.state, order.payment) = (OrderState::Paid, Some(payment.id.clone()));
    orders::put(txn, &order)?;
    await_bot(txn, now, config, &order)?;
    let received = Notice::PaymentReceived(payment.id.clone());
    jobs::push(txn, now, &Job::Notify(order.buyer, received))?;
    Ok(())
}

/// Adds the payment's time to the client, brings its bot up, and tells its owner.
fn give(
    txn: &Txn<'_>,
    present: &Present,
    mut client: Client,
    payment: &mut Payment,
) -> Result<Client, StoreError> {
    let given_back = payment.refunded;
    (payment.state, payment.refunded) = (PaymentState::Settled, Money::ZERO);
    let less = payment.refund(given_back);
    let order = order_of(txn, payment)?;
    client.plan = order.map(|order| order.plan.id).or_else(|| client.plan.take());
    client = pass(txn, present, client, Event::Paid(payment.days.length()))?;
    if given_back > Money::ZERO {
        client = pass(txn, present, client, Event::Refunded(less))?;
    }
    payment.client = Some(client.id);
    payments::put(txn, payment)?;
    let received = Notice::PaymentReceived(payment.id.clone());
    jobs::push(txn, present.now, &Job::Notify(client.owner, received))?;
    Ok(client)
}

/// Takes what money has done into the client's life, which refuses neither.
fn pass(
    txn: &Txn<'_>,
    present: &Present,
    client: Client,
    event: Event,
) -> Result<Client, StoreError> {
    match live(txn, present, client.clone(), event) {
        Ok(lived) => Ok(lived.client),
        Err(LiveError::Refused(_)) => Ok(client),
        Err(LiveError::Store(err)) => Err(err),
    }
}

/// Leaves the money where it is and grants nothing; `note` says why, for the audit log.
///
/// It can be taken back with [`reopen`]. Safe to repeat: the same `cause` dismisses once.
///
/// # Errors
///
/// Returns [`DecideError`], and nothing is changed.
pub async fn dismiss(
    deps: &Deps,
    cause: Cause,
    id: PaymentId,
    note: &str,
    by: Actor,
) -> Result<Payment, DecideError> {
    let now = deps.clock.now();
    let note: String = note.chars().filter(|c| !c.is_control()).take(NOTE_CHARS).collect();
    let dismissed = deps
        .store
        .write(move |txn| {
            if cause.effect::<DecideError>(txn, now)?.is_some() {
                return payments::get(txn, &id)?.ok_or(DecideError::UnknownPayment);
            }
            let mut payment = held(txn, &id)?;
            refuse_if_refunding(txn, &id)?;
            let PaymentState::Attention(why) = payment.state else {
                return Err(DecideError::Decided);
            };
            payment.state = PaymentState::Dismissed(why);
            payments::put(txn, &payment)?;
            close(txn, now, &payment, OrderState::Canceled)?;
            let (client, note) = (payment.client, format!("{id} {note}"));
            audit::append(txn, &entry(now, by, "payment.dismissed", client, note))?;
            cause.remember(txn, now, &[])?;
            Ok(payment)
        })
        .await?;
    tracing::info!(
        event = "payment.dismissed", payment = %dismissed.id,
        "an operator has left a payment that waited as it is"
    );
    Ok(dismissed)
}

/// Takes a dismissal back: the payment waits for a decision again.
///
/// Safe to repeat: the same `cause` takes it back once.
///
/// # Errors
///
/// Returns [`DecideError`], and nothing is changed.
pub async fn reopen(
    deps: &Deps,
    cause: Cause,
    id: PaymentId,
    by: Actor,
) -> Result<Payment, DecideError> {
    let now = deps.clock.now();
    let reopened = deps
        .store
        .write(move |txn| {
            let mut payment = payments::get(txn, &id)?.ok_or(DecideError::UnknownPayment)?;
            if cause.effect::<DecideError>(txn, now)?.is_some() {
                return Ok(payment);
            }
            let PaymentState::Dismissed(why) = payment.state else {
                return Err(DecideError::Decided);
            };
            payment.state = PaymentState::Attention(why);
            payments::put(txn, &payment)?;
            if let Some(mut order) = order_of(txn, &payment)? {
                order.state = OrderState::Attention(why);
                orders::put(txn, &order)?;
            }
            let (client, note) = (payment.client, id.to_string());
            audit::append(txn, &entry(now, by, "payment.reopened", client, note))?;
            cause.remember(txn, now, &[])?;
            Ok::<_, DecideError>(payment)
        })
        .await?;
    tracing::info!(
        event = "payment.reopened", payment = %reopened.id,
        "a payment waits for a decision again"
    );
    Ok(reopened)
}

fn held(txn: &impl Read, id: &PaymentId) -> Result<Payment, DecideError> {
    let payment = payments::get(txn, id)?.ok_or(DecideError::UnknownPayment)?;
    match payment.state {
        PaymentState::Attention(_) => Ok(payment),
        PaymentState::Settled | PaymentState::Refunded | PaymentState::Dismissed(_) => {
            Err(DecideError::Decided)
        }
    }
}

fn refuse_if_refunding(txn: &impl Read, id: &PaymentId) -> Result<(), DecideError> {
    let asked = refunds::of_payment(txn, id)?;
    if asked.iter().any(|refund| refund.state == RefundState::Asked) {
        return Err(DecideError::BeingRefunded);
    }
    Ok(())
}

fn order_of(txn: &impl Read, payment: &Payment) -> Result<Option<Order>, StoreError> {
    Ok(payment.order.map(|id| orders::get(txn, id)).transpose()?.flatten())
}

/// Brings the order of a payment that no longer waits to its end: paid if any payment has granted
/// its time, else `otherwise`. Nothing changes while another payment of the order waits.
pub(super) fn close(
    txn: &Txn<'_>,
    now: Timestamp,
    payment: &Payment,
    otherwise: OrderState,
) -> Result<(), StoreError> {
    let Some(mut order) = order_of(txn, payment)? else { return Ok(()) };
    let waits = payments::held(txn)?;
    if waits.iter().any(|other| other.order == Some(order.id) && other.id != payment.id) {
        return Ok(());
    }
    let first = order.payment.as_ref().filter(|first| **first != payment.id);
    let first = first.map(|id| payments::get(txn, id)).transpose()?.flatten();
    // Time that waits for a bot is granted, and has no client yet.
    let was_granted =
        first.is_some_and(|it| it.client.is_some() || it.state == PaymentState::Settled);
    order.state = if was_granted { OrderState::Paid } else { otherwise };
    if clients::get(txn, order.client)?.is_none() {
        forget_later(txn, now, &order)?;
    }
    orders::put(txn, &order)
}

fn entry(
    now: Timestamp,
    by: Actor,
    action: &str,
    client: Option<ClientId>,
    detail: String,
) -> audit::Entry {
    audit::Entry { at: now, actor: by.to_string(), action: action.to_owned(), client, detail }
}

#[cfg(test)]
mod tests;
