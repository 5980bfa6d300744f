//! Extend a client by hand: an operator took the money, or an API caller says so.

use jiff::Timestamp;

use super::cause::{Cause, KeyReused};
use super::life::{LiveError, Present, live};
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, OrderId, PaymentId};
use crate::domain::job::{Job, Notice};
use crate::domain::money::Money;
use crate::domain::payment::{Payment, PaymentState, Source};
use crate::domain::plan::Days;
use crate::domain::subscription::Event;
use crate::random::{self, NoRandom};
use crate::store::{StoreError, Txn, audit, clients, jobs, payments};

/// Time to add, and what was paid for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Whose time it is.
    pub client: ClientId,
    /// How much is added.
    pub days: Days,
    /// What was paid; may be nothing.
    pub amount: Money,
    /// The receipt's name; the same one extends once. One is made if it is not given.
    pub payment: Option<PaymentId>,
    /// Who says so.
    pub by: Actor,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extended {
    /// The client as it is now.
    pub client: Client,
    /// Whether the request added time; not if the payment had been recorded before it.
    pub applied: bool,
}

/// Why a client was not extended.
#[derive(Debug, thiserror::Error)]
pub enum ExtendError {
    /// There is no such client.
    #[error("there is no such client")]
    UnknownClient,
    /// The payment was recorded for another client.
    #[error("this payment was recorded for another client")]
    PaymentOfAnother,
    /// The idempotency key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The system gave no random bytes.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds paid time to a client, with a record of the payment; brings a paused bot back.
///
/// Safe to repeat: the same `cause` and the same payment add time once.
///
/// # Errors
///
/// Returns [`ExtendError`], and nothing is changed.
pub async fn extend(
    deps: &Deps,
    cause: Cause,
    extension: Extension,
) -> Result<Extended, ExtendError> {
    let present = Present::new(deps.clock.now(), &deps.config.billing);
    let now = present.now;
    let made = made_payment_id(now)?;
    let (extended, is_new) = deps
        .store
        .write(move |txn| {
            let client = clients::get(txn, extension.client)?.ok_or(ExtendError::UnknownClient)?;
            if cause.effect::<ExtendError>(txn, now)?.is_some() {
                return Ok((Extended { client, applied: true }, false)); // The same answer as before.
            }
            if is_recorded(txn, &extension)? {
                return Ok((Extended { client, applied: false }, false));
            }
            cause.remember(txn, now, &[])?;
            let id = extension.payment.as_ref().unwrap_or(&made);
            Ok::<_, ExtendError>((add(txn, &present, client, &extension, id)?, true))
        })
        .await?;
    deps.changes.notify();
    if is_new {
        log(&extended.client);
    }
    Ok(extended)
}

fn log(client: &Client) {
    let until = client.subscription.granted_until();
    tracing::info!(
        event = "subscription.extended", client = %client.id, until = ?until,
        "a subscription was extended by hand"
    );
}

/// Names a receipt that was not given a name.
pub(super) fn made_payment_id(now: Timestamp) -> Result<PaymentId, NoRandom> {
    let letters = OrderId::new(now, random::bytes()?).to_string().replace("o_", "m_");
    letters.parse().map_err(|_| NoRandom)
}

fn is_recorded(txn: &Txn<'_>, extension: &Extension) -> Result<bool, ExtendError> {
    let Some(id) = &extension.payment else { return Ok(false) };
    match payments::get(txn, id)? {
        Some(payment) if payment.client == Some(extension.client) => Ok(true),
        Some(_) => Err(ExtendError::PaymentOfAnother),
        None => Ok(false),
    }
}

fn add(
    txn: &Txn<'_>,
    present: &Present,
    client: Client,
    extension: &Extension,
    id: &PaymentId,
) -> Result<Extended, ExtendError> {
    let now = present.now;
    let client = match live(txn, present, client, Event::Paid(extension.days.length())) {
        Ok(lived) => lived.client,
        Err(LiveError::Refused(_)) => return Err(ExtendError::UnknownClient), // It never is.
        Err(LiveError::Store(err)) => return Err(err.into()),
    };
    record(txn, now, extension, id)?;
    jobs::push(txn, now, &Job::Notify(client.owner, Notice::PaymentReceived(id.clone())))?;
    Ok(Extended { client, applied: true })
}

fn record(
    txn: &Txn<'_>,
    now: Timestamp,
    extension: &Extension,
    id: &PaymentId,
) -> Result<(), StoreError> {
    let payment = Payment {
        id: id.clone(),
        source: Source::Manual,
        order: None,
        client: Some(extension.client),
        amount: extension.amount,
        refunded: Money::ZERO,
        days: extension.days,
        state: PaymentState::Settled,
        settled_at: now,
    };
    payments::put(txn, &payment)?;
    let entry = audit::Entry {
        at: now,
        actor: extension.by.to_string(),
        action: "client.extended".to_owned(),
        client: Some(extension.client),
        detail: format!("{id} {} days {}", extension.days, extension.amount),
    };
    audit::append(txn, &entry)
}
