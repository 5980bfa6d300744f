//! An order before it is stored, with the exact request for its payment.

use super::{CreateOrderError, NewOrder, Wanted};
use crate::deps::Deps;
use crate::domain::ids::{ClientId, OrderId, UserId};
use crate::domain::order::{Order, OrderState, PaymentRequest, Subject, TIME_TO_PAY};
use crate::domain::plan::{Plan, PlanId};
use crate::domain::token::BotToken;
use crate::external::yookassa::{IdempotenceKey, NewPayment, Receipt, payment_request};
use crate::random;
use crate::texts;

/// An order before it is stored.
pub(super) struct Draft {
    pub(super) order: Order,
    pub(super) secret: Secret,
}

/// The token of the bot that is ordered.
pub(super) enum Secret {
    /// There is none to keep.
    None,
    /// Somebody has just sent it.
    Brought(BotToken),
    /// It came with an order before, for the same client.
    Kept,
}

impl Draft {
    pub(super) fn new(deps: &Deps, new: NewOrder) -> Result<Self, CreateOrderError> {
        let NewOrder { wanted, buyer, plan, email } = new;
        let (client, subject, secret) = match wanted {
            Wanted::Extension(client) => (client, Subject::Extension, Secret::None),
            Wanted::NewClient { company, token, bot } => {
                (new_id(deps)?, Subject::NewClient { company, bot }, Secret::Brought(token))
            }
            Wanted::BotLater(company) => {
                (new_id(deps)?, Subject::BotLater { company }, Secret::None)
            }
        };
        let order = order(deps, Whose { client, buyer, subject }, &plan, email)?;
        Ok(Self { order, secret })
    }

    /// Drafts what `before` asked for once more, for the same client and at today's price.
    pub(super) fn again(
        deps: &Deps,
        before: &Order,
        email: Option<String>,
    ) -> Result<Self, CreateOrderError> {
        let subject = before.subject.clone();
        let whose = Whose { client: before.client, buyer: before.buyer, subject };
        let secret = if before.has_token() { Secret::Kept } else { Secret::None };
        Ok(Self { order: order(deps, whose, &before.plan.id, email)?, secret })
    }
}

/// For whom, and what.
struct Whose {
    client: ClientId,
    buyer: UserId,
    subject: Subject,
}

fn new_id(deps: &Deps) -> Result<ClientId, CreateOrderError> {
    Ok(ClientId::new(deps.clock.now(), random::bytes()?))
}

fn order(
    deps: &Deps,
    whose: Whose,
    plan: &PlanId,
    email: Option<String>,
) -> Result<Order, CreateOrderError> {
    let now = deps.clock.now();
    let Some(plan) = deps.config.plans.get(plan).cloned() else {
        return Err(CreateOrderError::UnknownPlan(plan.clone()));
    };
    let id = OrderId::new(now, random::bytes()?);
    let Whose { client, buyer, subject } = whose;
    let request = request(deps, id, client, &plan, email)?;
    Ok(Order {
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
    })
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
