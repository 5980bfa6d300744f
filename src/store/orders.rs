//! Orders, and which of them the reconciler still looks after.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rows::{OrderStateRow, PlanRow, instant, valid};
use super::table::Rows;
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::client::Bot;
use crate::domain::ids::{BotId, ClientId, OrderId, PaymentId, UserId};
use crate::domain::order::{Order, OrderState, PaymentRequest, Subject};

const TABLE: &str = "orders";

/// An order as it lies on disk. A new shape is a new variant at the end.
#[derive(Serialize, Deserialize)]
enum Row {
    V1 {
        subject: SubjectRow,
        client: u128,
        buyer: i64,
        plan: PlanRow,
        state: OrderStateRow,
        idempotence_key: String,
        body: Vec<u8>,
        payment: Option<String>,
        confirmation_url: Option<String>,
        created_at: i64,
        expires_at: i64,
    },
}

#[derive(Serialize, Deserialize)]
enum SubjectRow {
    Extension,
    NewClient { company: String, bot: i64, bot_username: String },
    BotLater { company: String },
}

impl From<&Subject> for SubjectRow {
    fn from(subject: &Subject) -> Self {
        match subject {
            Subject::Extension => Self::Extension,
            Subject::NewClient { company, bot } => Self::NewClient {
                company: company.as_str().to_owned(),
                bot: bot.id.0,
                bot_username: bot.username.as_str().to_owned(),
            },
            Subject::BotLater { company } => {
                Self::BotLater { company: company.as_str().to_owned() }
            }
        }
    }
}

impl SubjectRow {
    fn parse(self) -> Result<Subject, StoreError> {
        Ok(match self {
            Self::Extension => Subject::Extension,
            Self::NewClient { company, bot, bot_username } => Subject::NewClient {
                company: valid(TABLE, company.parse())?,
                bot: Bot { id: BotId(bot), username: valid(TABLE, bot_username.parse())? },
            },
            Self::BotLater { company } => {
                Subject::BotLater { company: valid(TABLE, company.parse())? }
            }
        })
    }
}

impl From<&Order> for Row {
    fn from(order: &Order) -> Self {
        Self::V1 {
            subject: (&order.subject).into(),
            client: order.client.bits(),
            buyer: order.buyer.get(),
            plan: (&order.plan).into(),
            state: order.state.into(),
            idempotence_key: order.request.idempotence_key.clone(),
            body: order.request.body.clone(),
            payment: order.payment.as_ref().map(|id| id.as_str().to_owned()),
            confirmation_url: order.confirmation_url.clone(),
            created_at: order.created_at.as_millisecond(),
            expires_at: order.expires_at.as_millisecond(),
        }
    }
}

impl Row {
    fn parse(self, id: u128) -> Result<Order, StoreError> {
        let Self::V1 {
            subject,
            client,
            buyer,
            plan,
            state,
            idempotence_key,
            body,
            payment,
            confirmation_url,
            created_at,
            expires_at,
        } = self;
        Ok(Order {
            id: OrderId::from_bits(id),
            subject: subject.parse()?,
            client: ClientId::from_bits(client),
            buyer: valid(TABLE, UserId::new(buyer))?,
            plan: plan.parse(TABLE)?,
            state: state.into(),
            request: PaymentRequest { idempotence_key, body },
            payment: payment.map(|payment| valid(TABLE, payment.parse())).transpose()?,
            confirmation_url,
            created_at: instant(TABLE, created_at)?,
            expires_at: instant(TABLE, expires_at)?,
        })
    }
}

/// Returns the order with this id.
///
/// # Errors
///
/// Returns [`StoreError`], as everything in this file, if the store cannot be read or written.
pub fn get(txn: &impl Read, id: OrderId) -> Result<Option<Order>, StoreError> {
    let row = txn.orders().get_row::<Row>(id.bits())?;
    row.map(|row| row.parse(id.bits())).transpose()
}

/// Returns the order that this payment was made for.
///
/// # Errors
///
/// As [`get`].
pub fn by_payment(txn: &impl Read, payment: &PaymentId) -> Result<Option<OrderId>, StoreError> {
    Ok(txn.orders_by_payment().get(payment.as_str())?.map(OrderId::from_bits))
}

/// Returns up to `limit` orders made before `before`, newest first.
///
/// # Errors
///
/// As [`get`].
pub fn list(
    txn: &impl Read,
    before: Option<OrderId>,
    limit: usize,
) -> Result<Vec<Order>, StoreError> {
    list_where(txn, before, limit, |_| true)
}

/// As [`list`], of the orders that are `wanted`. Reads each order until there are enough.
///
/// # Errors
///
/// As [`get`].
pub fn list_where(
    txn: &impl Read,
    before: Option<OrderId>,
    limit: usize,
    wanted: impl Fn(&Order) -> bool,
) -> Result<Vec<Order>, StoreError> {
    let found = walk(txn, before);
    found.filter(|order| order.as_ref().map_or(true, &wanted)).take(limit).collect()
}

/// Walks the orders made before `before`, newest first.
pub fn walk(
    txn: &impl Read,
    before: Option<OrderId>,
) -> impl Iterator<Item = Result<Order, StoreError>> {
    let end = before.map_or(u128::MAX, OrderId::bits);
    txn.orders().rows_back::<Row>(..end).map(|entry| entry.and_then(|(id, row)| row.parse(id)))
}

/// Returns the open orders of one buyer, oldest first.
///
/// # Errors
///
/// As [`get`].
pub fn open_of(txn: &impl Read, buyer: UserId) -> Result<Vec<Order>, StoreError> {
    let buyer = buyer.get();
    found(txn, txn.orders_open().range((buyer, 0)..=(buyer, u128::MAX)))
}

/// Returns the orders of one buyer that are paid and wait for their bots, oldest first.
///
/// # Errors
///
/// As [`get`].
pub fn without_bot_of(txn: &impl Read, buyer: UserId) -> Result<Vec<Order>, StoreError> {
    let buyer = buyer.get();
    found(txn, txn.orders_without_bot().range((buyer, 0)..=(buyer, u128::MAX)))
}

/// Returns all orders that are paid and wait for their bots, by buyer.
///
/// # Errors
///
/// As [`get`].
pub fn without_bot(txn: &impl Read) -> Result<Vec<Order>, StoreError> {
    found(txn, txn.orders_without_bot().range(..))
}

/// Returns the orders for one client, oldest first.
///
/// # Errors
///
/// As [`get`].
pub fn of_client(txn: &impl Read, client: ClientId) -> Result<Vec<Order>, StoreError> {
    let client = client.bits();
    let mut orders = Vec::new();
    for entry in txn.orders_by_client().range((client, 0)..=(client, u128::MAX)) {
        let ((_, id), ()) = entry?;
        orders.extend(get(txn, OrderId::from_bits(id))?);
    }
    Ok(orders)
}

/// Returns the orders that a list by buyer names.
fn found(txn: &impl Read, list: Rows<'_, (i64, u128), ()>) -> Result<Vec<Order>, StoreError> {
    let mut orders = Vec::new();
    for entry in list {
        let ((_, id), ()) = entry?;
        orders.extend(get(txn, OrderId::from_bits(id))?);
    }
    Ok(orders)
}

/// Has a paid order wait for its bot.
///
/// # Errors
///
/// As [`get`].
pub fn await_bot(txn: &Txn<'_>, order: &Order) -> Result<(), StoreError> {
    txn.orders_without_bot().insert((order.buyer.get(), order.id.bits()), ())?;
    Ok(())
}

/// Tells whether the order is paid and waits for its bot.
///
/// # Errors
///
/// As [`get`].
pub fn awaits_bot(txn: &impl Read, order: &Order) -> Result<bool, StoreError> {
    txn.orders_without_bot().contains((order.buyer.get(), order.id.bits()))
}

/// Ends the wait: the bot has come, or the money was given back.
///
/// # Errors
///
/// As [`get`].
pub fn end_wait(txn: &Txn<'_>, order: &Order) -> Result<(), StoreError> {
    txn.orders_without_bot().remove((order.buyer.get(), order.id.bits()))?;
    Ok(())
}

/// Writes an order, new or changed, and keeps the lists by payment, by buyer and by client in step.
///
/// An order stays with its client, and what a list holds already is not written again.
///
/// # Errors
///
/// As [`get`].
pub fn put(txn: &Txn<'_>, order: &Order) -> Result<(), StoreError> {
    let id = order.id.bits();
    let was_known = txn.orders().insert_row(id, &Row::from(order))?;
    if !was_known {
        txn.orders_by_client().insert((order.client.bits(), id), ())?;
    }
    let open = (order.buyer.get(), id);
    if order.state != OrderState::Open {
        txn.orders_open().remove(open)?;
    } else if !was_known {
        txn.orders_open().insert(open, ())?;
    }
    if let Some(payment) = &order.payment
        && by_payment(txn, payment)? != Some(order.id)
    {
        txn.orders_by_payment().insert(payment.as_str(), id)?;
    }
    Ok(())
}

/// Has the reconciler look at the order at `next`, and after that as often as it says.
///
/// # Errors
///
/// As [`get`].
pub fn watch(txn: &Txn<'_>, id: OrderId, next: Timestamp) -> Result<(), StoreError> {
    txn.orders_watched().insert(id.bits(), next.as_millisecond())?;
    Ok(())
}

/// Ends the reconciler's interest: the provider has said its last word.
///
/// # Errors
///
/// As [`get`].
pub fn unwatch(txn: &Txn<'_>, id: OrderId) -> Result<(), StoreError> {
    txn.orders_watched().remove(id.bits())?;
    Ok(())
}

/// Tells whether the reconciler looks after the order.
///
/// # Errors
///
/// As [`get`].
pub fn is_watched(txn: &impl Read, id: OrderId) -> Result<bool, StoreError> {
    txn.orders_watched().contains(id.bits())
}

/// Returns up to `limit` watched orders that are due at `now`, oldest first.
///
/// # Errors
///
/// As [`get`].
pub fn due(txn: &impl Read, now: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError> {
    let mut found = Vec::new();
    for entry in txn.orders_watched().range(..) {
        let (id, next) = entry?;
        if next <= now.as_millisecond() {
            found.push(OrderId::from_bits(id));
        }
        if found.len() == limit {
            break;
        }
    }
    Ok(found)
}

/// Returns the orders that can still be paid, newest first.
///
/// # Errors
///
/// As [`get`].
pub fn open(txn: &impl Read) -> Result<Vec<Order>, StoreError> {
    let mut found = Vec::new();
    for entry in txn.orders_watched().range_back(..) {
        let (id, _) = entry?;
        found.extend(get(txn, OrderId::from_bits(id))?);
    }
    found.retain(|order| order.state == OrderState::Open);
    Ok(found)
}
