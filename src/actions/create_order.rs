//! Create an order: everything needed to deliver is held before money is asked for, or the buyer
//! has chosen to bring the bot later.

use jiff::{SignedDuration, Timestamp};

use self::draft::{Draft, Secret};
use super::cause::{Cause, KeyReused, id_of};
use super::request_payment::{RequestError, request_payment};
use crate::deps::{Deps, Till};
use crate::domain::client::{Bot, CompanyName};
use crate::domain::ids::{ClientId, OrderId, UserId};
use crate::domain::job::Job;
use crate::domain::order::{BOTS_PER_OWNER, OPEN_ORDERS_PER_BUYER, Order, Subject, WORTH_SHOWING};
use crate::domain::plan::PlanId;
use crate::domain::subscription::Service;
use crate::domain::token::BotToken;
use crate::external::yookassa::receipt_email;
use crate::random::NoRandom;
use crate::store::secrets::{SealError, Sealer};
use crate::store::{Read, StoreError, Txn, clients, jobs, orders, secrets};

mod again;
mod draft;

pub use self::again::{AgainError, order_again};

/// How long the first request for a payment may take before the queue tries it again.
const SECOND_TRY: SignedDuration = SignedDuration::from_secs(45);

/// What a buyer asks for.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// What is paid for.
    pub wanted: Wanted,
    /// Who pays.
    pub buyer: UserId,
    /// Which plan.
    pub plan: PlanId,
    /// Where the fiscal receipt goes; needed where the shop gives receipts.
    pub email: Option<String>,
}

/// What is paid for.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// More time for a client.
    Extension(ClientId),
    /// A new client with this bot.
    NewClient {
        /// The business.
        company: CompanyName,
        /// The token that `bot` was confirmed with.
        token: BotToken,
        /// The bot, as Telegram confirmed it.
        bot: Bot,
    },
    /// A new client of this name, whose bot the buyer brings once the order is paid.
    BotLater(CompanyName),
}

/// Why there is no order.
#[derive(Debug, thiserror::Error)]
pub enum CreateOrderError {
    /// The price list has no such plan.
    #[error("there is no plan {0}")]
    UnknownPlan(PlanId),
    /// No shop is set: `yookassa.shop_id` and `yookassa.secret_key`.
    #[error("no shop is set up to take payments")]
    NoShop,
    /// The shop gives receipts, and there is no address to send this one to.
    #[error("an e-mail address is needed for the receipt")]
    NeedsEmail,
    /// Another client has the bot.
    #[error("another client has this bot")]
    BotTaken,
    /// There is no such client.
    #[error("there is no such client")]
    UnknownClient,
    /// The owner has as many bots as one may have, those that are ordered included.
    #[error("one owner has at most {BOTS_PER_OWNER} bots")]
    TooManyBots,
    /// The buyer has left too many orders unpaid.
    #[error("at most {OPEN_ORDERS_PER_BUYER} orders wait for one buyer's payment")]
    TooManyOrders,
    /// The token that came with the order before is not kept any more.
    #[error("the bot's token is needed again")]
    TokenGone,
    /// The idempotency key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The system gave no random bytes.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// The token could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stores an order and its exact request, then asks the provider for the payment.
///
/// Safe to repeat: the same `cause` gives the same order. The order may come back open and without
/// a link to pay, if the provider cannot be reached now; then the queue goes on asking, and the
/// buyer gets the link as a notice. It comes back canceled if the provider refuses it.
///
/// # Errors
///
/// Returns [`CreateOrderError`], and nothing was stored.
pub async fn create_order(
    deps: &Deps,
    cause: Cause,
    new: NewOrder,
) -> Result<Order, CreateOrderError> {
    let till = deps.till.as_ref().ok_or(CreateOrderError::NoShop)?;
    keep(deps, till, cause, Draft::new(deps, new)?, Care::None).await
}

/// As [`create_order`], for somebody who presses buttons: an open order for the same is given
/// again instead of a second one, and there are bounds to what one person may order.
///
/// # Errors
///
/// As [`create_order`].
pub async fn order_once(
    deps: &Deps,
    cause: Cause,
    new: NewOrder,
) -> Result<Order, CreateOrderError> {
    let till = deps.till.as_ref().ok_or(CreateOrderError::NoShop)?;
    keep(deps, till, cause, Draft::new(deps, new)?, Care::OfPerson).await
}

/// What is looked after before an order is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Care {
    /// Nothing: a program knows what it does.
    None,
    /// That nobody orders twice by a double tap, nor without bounds.
    OfPerson,
}

/// Stores the order, unless there is one already, and asks for its payment.
async fn keep(
    deps: &Deps,
    till: &Till,
    cause: Cause,
    draft: Draft,
    care: Care,
) -> Result<Order, CreateOrderError> {
    let (now, sealer) = (deps.clock.now(), deps.sealer.clone());
    let drafted = draft.order.id;
    let stored = deps
        .store
        .write(move |txn| {
            if let Some(known) = cause.effect::<CreateOrderError>(txn, now)? {
                return known_order(txn, &known);
            }
            let same = if care == Care::OfPerson { same(txn, now, &draft.order)? } else { None };
            let is_known = same.is_some();
            let order = same.unwrap_or_else(|| draft.order.clone());
            if !is_known {
                check(txn, &order, care)?;
                put(txn, now, &order)?;
            }
            put_secret(txn, &sealer, &order, &draft.secret)?;
            cause.remember(txn, now, &order.id.bits().to_be_bytes())?;
            Ok(order)
        })
        .await?;
    let (id, client) = (stored.id, stored.client);
    if id == drafted {
        tracing::info!(event = "order.created", order = %id, client = %client, "an order was made");
    }
    request_now(deps, till, stored).await
}

/// Stores a new order, which the queue goes on with should the program end here.
fn put(txn: &Txn<'_>, now: Timestamp, order: &Order) -> Result<(), StoreError> {
    orders::put(txn, order)?;
    orders::watch(txn, order.id, now + SECOND_TRY)?;
    jobs::push_at(txn, now, now + SECOND_TRY, &Job::RequestPayment(order.id))?;
    Ok(())
}

/// Keeps the token under the id of the client that the order makes.
fn put_secret(
    txn: &Txn<'_>,
    sealer: &Sealer,
    order: &Order,
    secret: &Secret,
) -> Result<(), CreateOrderError> {
    match secret {
        Secret::None => Ok(()),
        Secret::Brought(token) => {
            Ok(secrets::put(txn, order.client, &sealer.seal(order.client, token)?)?)
        }
        Secret::Kept => {
            let kept = secrets::get(txn, order.client)?;
            kept.map(drop).ok_or(CreateOrderError::TokenGone)
        }
    }
}

/// Asks for the payment while the buyer waits; the queue asks again if that does not succeed.
async fn request_now(deps: &Deps, till: &Till, order: Order) -> Result<Order, CreateOrderError> {
    match request_payment(deps, till, order.id).await {
        Ok(order) => Ok(order),
        Err(RequestError::Store(err)) => Err(err.into()),
        Err(err @ (RequestError::Later(_) | RequestError::UnknownOrder)) => {
            let id = order.id;
            tracing::warn!(event = "order.waits", order = %id, error = %err, "no link to pay yet");
            Ok(order)
        }
    }
}

fn known_order(txn: &Txn<'_>, effect: &[u8]) -> Result<Order, CreateOrderError> {
    let id = OrderId::from_bits(id_of(effect)?);
    let missing = || StoreError::Corrupt { table: "idempotency", reason: "no order".to_owned() };
    Ok(orders::get(txn, id)?.ok_or_else(missing)?)
}

/// Returns the buyer's open order for the same, if it can be paid for a while yet. One whose
/// receipt would go elsewhere is not the same.
fn same(txn: &Txn<'_>, now: Timestamp, order: &Order) -> Result<Option<Order>, StoreError> {
    let email = receipt_email(&order.request.body);
    let open = orders::open_of(txn, order.buyer)?;
    Ok(open.into_iter().find(|known| {
        known.is_for(&order.subject, order.client, &order.plan)
            && known.expires_at > now + WORTH_SHOWING
            && receipt_email(&known.request.body) == email
    }))
}

/// The checks that only the transaction can make.
fn check(txn: &Txn<'_>, order: &Order, care: Care) -> Result<(), CreateOrderError> {
    match &order.subject {
        Subject::Extension if clients::get(txn, order.client)?.is_none() => {
            return Err(CreateOrderError::UnknownClient);
        }
        Subject::NewClient { bot, .. } if clients::by_bot(txn, bot.id)?.is_some() => {
            return Err(CreateOrderError::BotTaken);
        }
        Subject::Extension | Subject::NewClient { .. } | Subject::BotLater { .. } => {}
    }
    if care == Care::None {
        return Ok(());
    }
    if order.company().is_some() && !has_room(txn, order.buyer)? {
        return Err(CreateOrderError::TooManyBots);
    }
    if orders::open_of(txn, order.buyer)?.len() >= OPEN_ORDERS_PER_BUYER {
        return Err(CreateOrderError::TooManyOrders);
    }
    Ok(())
}

/// Tells whether an owner may have one more bot.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub fn has_room(txn: &impl Read, owner: UserId) -> Result<bool, StoreError> {
    Ok(bots_of(txn, owner)? < BOTS_PER_OWNER)
}

/// Counts the bots that an owner has, has paid for, and has ordered.
pub(super) fn bots_of(txn: &impl Read, owner: UserId) -> Result<usize, StoreError> {
    let clients = clients::by_owner(txn, owner)?;
    let living = clients.iter().filter(|it| it.subscription.service() != Service::None).count();
    let open = orders::open_of(txn, owner)?;
    let ordered = open.iter().filter(|order| order.company().is_some()).count();
    Ok(living + orders::without_bot_of(txn, owner)?.len() + ordered)
}
