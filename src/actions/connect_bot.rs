//! Connect the bot that an owner has paid for ahead: then the paid time begins.

use jiff::Timestamp;

use super::cause::{Cause, KeyReused, id_of};
use super::grant::begin;
use crate::deps::Deps;
use crate::domain::actor::Actor;
use crate::domain::client::{Bot, Client, CompanyName, RuntimeState};
use crate::domain::ids::{ClientId, OrderId, UserId};
use crate::domain::job::Job;
use crate::domain::order::{Order, OrderState, Subject};
use crate::domain::payment::Payment;
use crate::domain::token::BotToken;
use crate::store::secrets::{SealError, Sealed};
use crate::store::{Read, StoreError, Txn, audit, clients, jobs, orders, payments, secrets};

/// A bot for an order that waits for one.
#[derive(Clone, Debug)]
pub struct BroughtBot {
    /// The order.
    pub order: OrderId,
    /// Who brings the bot; the order's buyer alone may.
    pub owner: UserId,
    /// The token that `bot` was confirmed with.
    pub token: BotToken,
    /// The bot, as Telegram confirmed it.
    pub bot: Bot,
}

/// Why a bot was not connected.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There is no such order, or it is another buyer's.
    #[error("the buyer has no such order")]
    UnknownOrder,
    /// The order is not paid, or its money was given back.
    #[error("no paid time waits for a bot")]
    NothingWaits,
    /// The order has its bot.
    #[error("the order has its bot")]
    Connected(ClientId),
    /// Another client has the bot.
    #[error("another client has this bot")]
    BotTaken,
    /// The idempotency key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The token could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the client with exactly the time that its payment is still good for, from now on, and
/// queues its deploy, in one transaction.
///
/// Safe to repeat: the same `cause` gives the same client, and one order has one client.
///
/// # Errors
///
/// Returns [`ConnectError`], and nothing is changed.
pub async fn connect_bot(
    deps: &Deps,
    cause: Cause,
    brought: BroughtBot,
) -> Result<Client, ConnectError> {
    let now = deps.clock.now();
    let BroughtBot { order: id, owner, token, bot } = brought;
    let order = deps.store.read(|snap| orders::get(snap, id))?;
    let order = order.filter(|order| order.buyer == owner).ok_or(ConnectError::UnknownOrder)?;
    let sealed = deps.sealer.seal(order.client, &token)?;
    let connection = Connection { order: id, bot, sealed };
    let client = deps
        .store
        .write(move |txn| {
            if let Some(known) = cause.effect::<ConnectError>(txn, now)? {
                return connected_before(txn, &known);
            }
            let client = connection.make(txn, now)?;
            cause.remember(txn, now, &client.id.bits().to_be_bytes())?;
            Ok(client)
        })
        .await?;
    tracing::info!(
        event = "client.connected", client = %client.id, order = %id,
        "a bot that was paid for ahead has come"
    );
    Ok(client)
}

fn connected_before(txn: &impl Read, effect: &[u8]) -> Result<Client, ConnectError> {
    let client = clients::get(txn, ClientId::from_bits(id_of(effect)?))?;
    let gone = || StoreError::Corrupt { table: "idempotency", reason: "no client".to_owned() };
    Ok(client.ok_or_else(gone)?)
}

/// A confirmed bot and the order that waits for it.
struct Connection {
    order: OrderId,
    bot: Bot,
    sealed: Sealed,
}

impl Connection {
    fn make(&self, txn: &Txn<'_>, now: Timestamp) -> Result<Client, ConnectError> {
        let order = orders::get(txn, self.order)?.ok_or(ConnectError::UnknownOrder)?;
        let (company, mut payment) = waiting(txn, &order)?;
        if clients::by_bot(txn, self.bot.id)?.is_some() {
            return Err(ConnectError::BotTaken);
        }
        let mut client = begin(now, &order, &company, self.bot.clone());
        client.plan = Some(order.plan.id.clone());
        client.subscription = client.subscription.extend(payment.time_left(), now);
        client.runtime = RuntimeState::Starting;
        payment.client = Some(client.id);
        clients::put(txn, &client)?;
        payments::put(txn, &payment)?;
        secrets::put(txn, client.id, &self.sealed)?;
        orders::end_wait(txn, &order)?;
        jobs::push(txn, now, &Job::Deploy(client.id))?;
        audit::append(txn, &entry(now, &order, &client))?;
        Ok(client)
    }
}

/// Returns what waits for the order's bot: the business, and the payment whose time it is.
fn waiting(txn: &Txn<'_>, order: &Order) -> Result<(CompanyName, Payment), ConnectError> {
    if clients::get(txn, order.client)?.is_some() {
        return Err(ConnectError::Connected(order.client));
    }
    let (Subject::BotLater { company }, OrderState::Paid) = (&order.subject, order.state) else {
        return Err(ConnectError::NothingWaits);
    };
    if !orders::awaits_bot(txn, order)? {
        return Err(ConnectError::NothingWaits);
    }
    let payment = order.payment.as_ref().map(|id| payments::get(txn, id)).transpose()?.flatten();
    Ok((company.clone(), payment.ok_or(ConnectError::NothingWaits)?))
}

fn entry(now: Timestamp, order: &Order, client: &Client) -> audit::Entry {
    audit::Entry {
        at: now,
        actor: Actor::Owner(order.buyer).to_string(),
        action: "client.connected".to_owned(),
        client: Some(client.id),
        detail: format!("@{} for {}", client.bot.username, order.id),
    }
}
