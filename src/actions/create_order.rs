//! Create an order: everything needed to deliver is held before money is asked for.

use jiff::SignedDuration;

use super::cause::{Cause, KeyReused, id_of};
use super::request_payment::{RequestError, request_payment};
use crate::deps::{Deps, Till};
use crate::domain::client::{Bot, CompanyName};
use crate::domain::ids::{ClientId, OrderId, UserId};
use crate::domain::job::Job;
use crate::domain::order::{Order, OrderState, PaymentRequest, Subject, TIME_TO_PAY};
use crate::domain::plan::{Plan, PlanId};
use crate::domain::token::BotToken;
use crate::external::yookassa::{IdempotenceKey, NewPayment, Receipt, payment_request};
use crate::random::{self, NoRandom};
use crate::store::secrets::{SealError, Sealed};
use crate::store::{StoreError, Txn, clients, jobs, orders, secrets};
use crate::texts;

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
    let (order, sealed) = prepare(deps, new)?;
    let now = deps.clock.now();
    let stored = deps
        .store
        .write(move |txn| {
            if let Some(known) = cause.effect::<CreateOrderError>(txn, now)? {
                return known_order(txn, &known);
            }
            check(txn, &order)?;
            orders::put(txn, &order)?;
            orders::watch(txn, order.id, now + SECOND_TRY)?;
            if let Some(sealed) = &sealed {
                secrets::put(txn, order.client, sealed)?;
            }
            jobs::push_at(txn, now, now + SECOND_TRY, &Job::RequestPayment(order.id))?;
            cause.remember(txn, now, &order.id.bits().to_be_bytes())?;
            Ok(order.clone())
        })
        .await?;
    let (id, client) = (stored.id, stored.client);
    tracing::info!(event = "order.created", order = %id, client = %client, "an order was made");
    request_now(deps, till, stored).await
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

/// The checks that only the transaction can make.
fn check(txn: &Txn<'_>, order: &Order) -> Result<(), CreateOrderError> {
    match &order.subject {
        Subject::Extension if clients::get(txn, order.client)?.is_none() => {
            Err(CreateOrderError::UnknownClient)
        }
        Subject::NewClient { bot, .. } if clients::by_bot(txn, bot.id)?.is_some() => {
            Err(CreateOrderError::BotTaken)
        }
        Subject::Extension | Subject::NewClient { .. } => Ok(()),
    }
}

fn prepare(deps: &Deps, new: NewOrder) -> Result<(Order, Option<Sealed>), CreateOrderError> {
    let now = deps.clock.now();
    let NewOrder { wanted, buyer, plan, email } = new;
    let Some(plan) = deps.config.plans.get(&plan).cloned() else {
        return Err(CreateOrderError::UnknownPlan(plan));
    };
    let id = OrderId::new(now, random::bytes()?);
    let (client, subject, sealed) = match wanted {
        Wanted::Extension(client) => (client, Subject::Extension, None),
        Wanted::NewClient { company, token, bot } => {
            let client = ClientId::new(now, random::bytes()?);
            let sealed = deps.sealer.seal(client, &token)?;
            (client, Subject::NewClient { company, bot }, Some(sealed))
        }
    };
    let request = request(deps, id, client, &plan, email)?;
    let order = Order {
        id,
        subject,
        client,
        buyer,
        plan,
        state: OrderState::Open,
        request,
        payment: None,
        confirmation_url: None,
        created_at: now,
        expires_at: now + TIME_TO_PAY,
    };
    Ok((order, sealed))
}

fn request(
    deps: &Deps,
    order: OrderId,
    client: ClientId,
    plan: &Plan,
    email: Option<String>,
) -> Result<PaymentRequest, CreateOrderError> {
    let base = match &deps.config.server.domain {
        Some(domain) => format!("https://{domain}"),
        None => format!("http://{}", deps.config.server.local_listen),
    };
    let body = payment_request(&NewPayment {
        order,
        client,
        amount: plan.price,
        description: texts::payment_description(deps.words(), plan),
        return_url: format!("{base}/payment/success?order={order}"),
        receipt: receipt(deps, plan, email)?,
    });
    let key = IdempotenceKey::from_random(random::bytes()?);
    Ok(PaymentRequest { idempotence_key: key.as_str().to_owned(), body })
}

fn receipt(
    deps: &Deps,
    plan: &Plan,
    email: Option<String>,
) -> Result<Option<Receipt>, CreateOrderError> {
    let Some(settings) = &deps.config.yookassa.receipt else { return Ok(None) };
    Ok(Some(Receipt {
        customer_email: email.ok_or(CreateOrderError::NeedsEmail)?,
        item: texts::payment_description(deps.words(), plan),
        vat_code: settings.vat_code,
        tax_system_code: Some(settings.tax_system_code),
        payment_subject: settings.payment_subject.clone(),
        payment_mode: settings.payment_mode.clone(),
    }))
}
