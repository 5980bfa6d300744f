//! An order: made, shown, checked, and made once more.

use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};

use super::button::Button;
use super::counter::{Counter, buy};
use super::{Step, purchase};
use crate::actions::check_payment::{CheckPaymentError, check_payment};
use crate::actions::create_order::{
    AgainError, CreateOrderError, NewOrder, Wanted, order_again, order_once,
};
use crate::bots::BotError;
use crate::bots::reply::{button, column};
use crate::domain::ids::OrderId;
use crate::domain::order::{BOTS_PER_OWNER, OPEN_ORDERS_PER_BUYER, Order, OrderState};
use crate::domain::plan::PlanId;
use crate::external::yookassa::receipt_email;
use crate::store::{StoreError, clients, orders};
use crate::texts::sales::{self as texts, BotOf, OrderedFor};
use crate::texts::words::say;

/// Makes the order and shows the link to pay; says why where there is none.
pub(super) async fn make(
    counter: &Counter,
    wanted: Wanted,
    plan: PlanId,
    email: Option<String>,
) -> Result<(), BotError> {
    let new = NewOrder { wanted, buyer: counter.person(), plan, email };
    match order_once(&counter.deps, counter.cause(), new).await {
        Ok(order) => {
            counter.talk.exit();
            tell(counter, &order).await
        }
        Err(err) => refuse(counter, err).await,
    }
}

/// Says why there is no order. The conversation goes on only where another answer would help.
async fn refuse(counter: &Counter, err: CreateOrderError) -> Result<(), BotError> {
    let words = counter.words();
    let said = match err {
        CreateOrderError::BotTaken => return counter.say(say!(words, "sales-bot-taken")).await,
        CreateOrderError::UnknownPlan(_) => {
            counter.talk.exit();
            let text = say!(words, "sales-plan-gone");
            return counter.reply.say_with(text, counter.plans(buy)).await;
        }
        CreateOrderError::NoShop => say!(words, "sales-no-shop"),
        CreateOrderError::UnknownClient => say!(words, "sales-not-yours"),
        CreateOrderError::TooManyBots => say!(words, "sales-too-many-bots", count = BOTS_PER_OWNER),
        CreateOrderError::TooManyOrders => {
            say!(words, "sales-too-many-orders", count = OPEN_ORDERS_PER_BUYER)
        }
        CreateOrderError::Store(err) => return Err(err.into()),
        CreateOrderError::NeedsEmail
        | CreateOrderError::TokenGone
        | CreateOrderError::KeyReused(_)
        | CreateOrderError::Random(_)
        | CreateOrderError::Seal(_) => return Err(BotError::action(err)),
    };
    counter.talk.exit();
    counter.say(said).await
}

/// Shows an order of this person's.
pub(super) async fn show(counter: Counter, id: OrderId) -> Result<(), BotError> {
    let order = counter.deps.store.read(|snap| orders::get(snap, id))?;
    match order.filter(|order| order.buyer == counter.person()) {
        Some(order) => tell(&counter, &order).await,
        None => counter.say(say!(counter.words(), "sales-no-order")).await,
    }
}

/// Asks for an order's payment: its buyer has pressed the button, or comes back from the page that
/// takes the money.
pub(super) async fn check(counter: Counter, id: OrderId) -> Result<(), BotError> {
    match check_payment(&counter.deps, id, counter.person()).await {
        Ok(order) => tell_state(&counter, &order).await,
        Err(CheckPaymentError::UnknownOrder) => {
            counter.say(say!(counter.words(), "sales-no-order")).await
        }
        Err(CheckPaymentError::Store(err)) => Err(err.into()),
    }
}

/// Orders the same once more.
pub(super) async fn again(counter: Counter, id: OrderId) -> Result<(), BotError> {
    match order_again(&counter.deps, counter.cause(), id, counter.person()).await {
        Ok(order) => {
            counter.talk.exit();
            tell(&counter, &order).await
        }
        Err(AgainError::UnknownOrder) => counter.say(say!(counter.words(), "sales-no-order")).await,
        Err(AgainError::TokenGone(before)) => {
            let email = receipt_email(&before.request.body);
            purchase::ask_token_again(&counter, &before, email).await
        }
        Err(AgainError::Create(CreateOrderError::BotTaken)) => {
            counter.say(say!(counter.words(), "sales-again-taken")).await
        }
        Err(AgainError::Create(CreateOrderError::NeedsEmail)) => ask_email(&counter, id).await,
        Err(AgainError::Create(err)) => refuse(&counter, err).await,
    }
}

/// Asks where the receipt goes: the shop gave none when the order was made before.
async fn ask_email(counter: &Counter, id: OrderId) -> Result<(), BotError> {
    let words = counter.words();
    let Some(before) = counter.deps.store.read(|snap| orders::get(snap, id))? else {
        return counter.say(say!(words, "sales-no-order")).await;
    };
    let plan = before.plan.id.as_str().to_owned();
    counter.talk.set(match before.company() {
        Some(company) => Step::BuyEmail { plan, company: company.as_str().to_owned() },
        None => Step::RenewEmail { plan, client: before.client.bits() },
    });
    counter.say(say!(words, "sales-ask-email-again")).await
}

/// Shows an order with what can be done about it.
async fn tell(counter: &Counter, order: &Order) -> Result<(), BotError> {
    if order.state != OrderState::Open {
        return tell_state(counter, order).await;
    }
    let words = counter.words();
    let text = match order.confirmation_url {
        Some(_) => texts::order(words, order, &ordered_for(counter, order)?, counter.zone()),
        None => texts::link_later(words, order),
    };
    counter.reply.say_with(text, pay_buttons(counter, order)).await
}

/// Says how far an order has come.
async fn tell_state(counter: &Counter, order: &Order) -> Result<(), BotError> {
    let words = counter.words();
    let waits = counter.deps.store.read(|snap| orders::awaits_bot(snap, order))?;
    let bot = if waits { BotOf::Awaited } else { BotOf::There };
    let text = texts::order_state(words, order, bot, counter.deps.config.server.support.as_deref());
    let buttons = match order.state {
        OrderState::Open => pay_buttons(counter, order),
        OrderState::Canceled | OrderState::Expired => {
            column([button(say!(words, "sales-button-again"), Button::Again(order.id))])
        }
        OrderState::Paid if waits => {
            column([button(say!(words, "sales-button-connect"), Button::Connect(order.id))])
        }
        OrderState::Paid | OrderState::Attention(_) => return counter.say(text).await,
    };
    counter.reply.say_with(text, buttons).await
}

fn pay_buttons(counter: &Counter, order: &Order) -> InlineKeyboardMarkup {
    let words = counter.words();
    let url = order.confirmation_url.as_deref().and_then(|url| url.parse().ok());
    let pay = url.map(|url| InlineKeyboardButton::url(say!(words, "sales-button-pay"), url));
    let check = button(say!(words, "sales-button-check"), Button::Check(order.id));
    column(pay.into_iter().chain([check]))
}

/// Tells for whom an order is.
pub(super) fn ordered_for(counter: &Counter, order: &Order) -> Result<OrderedFor, StoreError> {
    let client = counter.deps.store.read(|snap| clients::get(snap, order.client))?;
    Ok(OrderedFor::of(order, client.as_ref()))
}
