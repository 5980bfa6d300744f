//! Refund: give money back, as its own record, and take back the time that it had bought.

use super::cause::{Cause, KeyReused, id_of};
use super::operators;
use super::settle::{SettleError, settle};
use crate::deps::{Deps, Till};
use crate::domain::actor::Actor;
use crate::domain::ids::{JobId, PaymentId, RefundId};
use crate::domain::job::{Job, Notice};
use crate::domain::money::Money;
use crate::domain::order::PaymentRequest;
use crate::domain::payment::{Payment, Source};
use crate::domain::refund::{Refund, RefundState};
use crate::external::yookassa::{
    IdempotenceKey, NewRefund, RefundStatus, Unclear, YooKassaError, refund_request,
};
use crate::random::{self, NoRandom};
use crate::store::{Read, StoreError, audit, jobs, payments, queue, refunds};
use crate::texts;

/// Why no refund was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    /// There is no record of the payment.
    #[error("there is no such payment")]
    UnknownPayment,
    /// The money did not come through the shop, so the shop cannot give it back.
    #[error("a payment taken by hand is given back by hand")]
    TakenByHand,
    /// Nothing, or more than is left of the payment.
    #[error("only {0} is left to give back")]
    TooMuch(Money),
    /// The shop gives receipts, and a refund needs one: it is made in the provider's cabinet.
    #[error("the shop gives receipts: make the refund in the provider's cabinet")]
    NeedsReceipt,
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

/// Stores a refund of `amount`, or of all that is left, with its exact request, and queues it.
///
/// Safe to repeat: the same `cause` gives the same refund.
///
/// # Errors
///
/// Returns [`RefundError`], and nothing was stored.
pub async fn refund(
    deps: &Deps,
    cause: Cause,
    payment: PaymentId,
    amount: Option<Money>,
    by: Actor,
) -> Result<Refund, RefundError> {
    if deps.config.yookassa.receipt.is_some() {
        return Err(RefundError::NeedsReceipt);
    }
    let now = deps.clock.now();
    let id = RefundId::new(now, random::bytes()?);
    let key = IdempotenceKey::from_random(random::bytes()?).as_str().to_owned();
    let description = texts::refund_description(deps.words());
    let stored = deps
        .store
        .write(move |txn| {
            if let Some(known) = cause.effect::<RefundError>(txn, now)? {
                return known_refund(txn, &known);
            }
            let found = payments::get(txn, &payment)?.ok_or(RefundError::UnknownPayment)?;
            let amount = checked(&found, amount, reserved(txn, &payment)?)?;
            let body = refund_request(&NewRefund {
                payment: payment.clone(),
                amount,
                description: description.clone(),
                receipt: None,
            });
            let request = PaymentRequest { idempotence_key: key.clone(), body };
            let state = RefundState::Asked;
            let refund =
                Refund { id, payment: payment.clone(), amount, request, state, created_at: now };
            refunds::put(txn, &refund)?;
            jobs::push_once(txn, now, &job_key(id), &Job::Refund(id))?;
            let detail = format!("{payment} {amount}");
            let (actor, action) = (by.to_string(), "payment.refund_asked".to_owned());
            let entry = audit::Entry { at: now, actor, action, client: found.client, detail };
            audit::append(txn, &entry)?;
            cause.remember(txn, now, &id.bits().to_be_bytes())?;
            Ok(refund)
        })
        .await?;
    tracing::info!(event = "refund.asked", payment = %stored.payment, "a refund was asked for");
    Ok(stored)
}

/// Returns the job that carries a refund out, for as long as it is known.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub fn job_of(deps: &Deps, id: RefundId) -> Result<Option<JobId>, StoreError> {
    deps.store.read(|snap| queue::find(snap, &job_key(id)))
}

fn job_key(id: RefundId) -> String {
    format!("refund:{id}")
}

fn known_refund(txn: &impl Read, effect: &[u8]) -> Result<Refund, RefundError> {
    let known = refunds::get(txn, RefundId::from_bits(id_of(effect)?))?;
    let missing = || StoreError::Corrupt { table: "idempotency", reason: "no refund".to_owned() };
    Ok(known.ok_or_else(missing)?)
}

/// Sums what other refunds of the payment have asked for and not yet got.
fn reserved(txn: &impl Read, payment: &PaymentId) -> Result<Money, StoreError> {
    let open = refunds::of_payment(txn, payment)?;
    let open = open.iter().filter(|refund| refund.state == RefundState::Asked);
    Ok(open.fold(Money::ZERO, |sum, refund| sum.plus(refund.amount)))
}

fn checked(
    payment: &Payment,
    amount: Option<Money>,
    reserved: Money,
) -> Result<Money, RefundError> {
    if payment.source == Source::Manual {
        return Err(RefundError::TakenByHand);
    }
    let left = payment.amount.minus(payment.refunded).minus(reserved);
    let amount = amount.unwrap_or(left);
    if amount == Money::ZERO || amount > left {
        Err(RefundError::TooMuch(left))
    } else {
        Ok(amount)
    }
}

/// Carries a refund out: the stored bytes, under the stored key, until the outcome is known.
///
/// Safe to repeat. What the refund takes back is read from the provider's payment, as for one
/// made in the cabinet.
///
/// # Errors
///
/// Returns [`SettleError`]; try again.
pub async fn carry_out(deps: &Deps, till: &Till, id: RefundId) -> Result<(), SettleError> {
    let refund = deps.store.read(|snap| refunds::get(snap, id))?;
    let Some(refund) = refund.filter(|refund| refund.state == RefundState::Asked) else {
        return Ok(());
    };
    let state = match ask(till, &refund).await {
        Ok(RefundStatus::Succeeded) => RefundState::Done,
        Ok(RefundStatus::Canceled) | Err(YooKassaError::Rejected { .. }) => RefundState::Refused,
        Ok(RefundStatus::Pending | RefundStatus::Unknown(_)) => {
            let after = std::time::Duration::from_mins(1);
            return Err(SettleError::Provider(YooKassaError::Later { after }));
        }
        Err(err) => return Err(SettleError::Provider(err)),
    };
    if state == RefundState::Done {
        settle(deps, till, &refund.payment).await?;
    }
    finish(deps, refund, state).await?;
    Ok(())
}

async fn ask(till: &Till, refund: &Refund) -> Result<RefundStatus, YooKassaError> {
    let damaged = YooKassaError::Malformed("the stored key is damaged");
    let key: IdempotenceKey = refund.request.idempotence_key.parse().map_err(|_| damaged)?;
    match till.yookassa.create_refund(&key, &refund.request.body).await {
        Ok(answer) => Ok(answer.status),
        Err(YooKassaError::Malformed(_)) => Err(YooKassaError::OutcomeUnknown(Unclear::Cut)),
        Err(err) => Err(err),
    }
}

async fn finish(deps: &Deps, refund: Refund, state: RefundState) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let (payment, config) = (refund.payment.clone(), deps.config.clone());
    deps.store
        .write(move |txn| {
            refunds::put(txn, &Refund { state, ..refund.clone() })?;
            let notice = match state {
                RefundState::Refused => Notice::RefundRefused(refund.payment.clone()),
                RefundState::Done | RefundState::Asked => {
                    Notice::RefundDone(refund.payment.clone())
                }
            };
            operators::tell(txn, now, &config, &notice)
        })
        .await?;
    tracing::info!(
        event = "refund.finished", payment = %payment, state = ?state,
        "a refund has its outcome"
    );
    Ok(())
}
