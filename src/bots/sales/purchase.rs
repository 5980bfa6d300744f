//! A purchase: a plan, the business's name, the bot's token, and the link to pay.

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree::{self, case};
use teloxide::types::{CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update};

use super::button::Button;
use super::{Step, token};
use crate::actions::cause::Cause;
use crate::actions::check_payment::{CheckPaymentError, check_payment};
use crate::actions::create_order::{CreateOrderError, NewOrder, Wanted, create_order};
use crate::bots::BotError;
use crate::bots::reply::{Reply, button, column};
use crate::bots::talk::{self, Talk};
use crate::deps::Deps;
use crate::domain::client::CompanyName;
use crate::domain::ids::OrderId;
use crate::domain::order::{Order, OrderState};
use crate::domain::plan::PlanId;
use crate::texts::sales as texts;

/// Returns the branch of the bot's tree for purchases.
pub(super) fn flow() -> UpdateHandler<BotError> {
    let pressed = Update::filter_callback_query()
        .filter_map(|query: CallbackQuery| query.data.and_then(|data| data.parse::<Button>().ok()))
        .branch(case![Button::Plans].endpoint(show_plans))
        .branch(case![Button::Buy(plan)].endpoint(begin))
        .branch(case![Button::Check(order)].endpoint(check));
    let written = Update::filter_message()
        .branch(case![Step::BuyCompany { plan }].endpoint(take_company))
        .branch(case![Step::BuyEmail { plan, company }].endpoint(take_email))
        .branch(case![Step::BuyToken { plan, company, email }].endpoint(take_token));
    dptree::entry().branch(pressed).branch(written)
}

/// Shows the price list.
pub(super) async fn show_plans(reply: Reply, deps: Deps, talk: Talk<Step>) -> Result<(), BotError> {
    talk.exit();
    reply.say_with(texts::plans(&deps.config.plans), plans(&deps)).await
}

/// Takes the plan and asks for the business's name.
async fn begin(reply: Reply, deps: Deps, talk: Talk<Step>, plan: PlanId) -> Result<(), BotError> {
    let Some(plan) = deps.config.plans.get(&plan) else {
        return reply.show(texts::PLAN_GONE, plans(&deps)).await;
    };
    if deps.till.is_none() {
        return reply.say(texts::NO_SHOP).await;
    }
    talk.set(Step::BuyCompany { plan: plan.id.as_str().to_owned() });
    reply.say(texts::ask_company(&texts::chosen(plan))).await
}

async fn take_company(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    message: Message,
    plan: String,
) -> Result<(), BotError> {
    let Some(text) = message.text() else { return reply.say(texts::TEXT_ONLY).await };
    let Ok(name) = text.parse::<CompanyName>() else {
        return reply.say(texts::NAME_TOO_LONG).await;
    };
    let company = name.as_str().to_owned();
    if deps.config.yookassa.receipt.is_some() {
        talk.set(Step::BuyEmail { plan, company });
        return reply.say(texts::ASK_EMAIL).await;
    }
    talk.set(Step::BuyToken { plan, company, email: None });
    reply.say(texts::ask_token(&name)).await
}

async fn take_email(
    reply: Reply,
    talk: Talk<Step>,
    message: Message,
    (plan, company): (String, String),
) -> Result<(), BotError> {
    let Some(email) = message.text().map(str::trim).filter(|text| is_email(text)) else {
        return reply.say(texts::BAD_EMAIL).await;
    };
    let Ok(name) = company.parse::<CompanyName>() else {
        talk.set(Step::BuyCompany { plan });
        return reply.say(texts::NAME_TOO_LONG).await;
    };
    talk.set(Step::BuyToken { plan, company, email: Some(email.to_owned()) });
    reply.say(texts::ask_token(&name)).await
}

/// Takes the bot's token and makes the order.
async fn take_token(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    message: Message,
    cause: talk::Cause,
    (plan, company, email): (String, String, Option<String>),
) -> Result<(), BotError> {
    let Some(text) = message.text() else { return reply.say(texts::TEXT_ONLY).await };
    let (Ok(plan), Ok(company)) = (plan.parse::<PlanId>(), company.parse::<CompanyName>()) else {
        talk.exit();
        return reply.say_with(texts::PLAN_GONE, plans(&deps)).await;
    };
    let Some(checked) = token::take(&reply, &deps, text).await? else { return Ok(()) };
    let wanted = Wanted::NewClient { company, token: checked.token, bot: checked.bot };
    order(&reply, &deps, &talk, cause, wanted, plan, email).await
}

/// Makes the order and shows the link to pay; says why where there is none.
pub(super) async fn order(
    reply: &Reply,
    deps: &Deps,
    talk: &Talk<Step>,
    cause: talk::Cause,
    wanted: Wanted,
    plan: PlanId,
    email: Option<String>,
) -> Result<(), BotError> {
    let new = NewOrder { wanted, buyer: reply.person(), plan, email };
    let refusal = match create_order(deps, Cause::new(cause.to_string()), new).await {
        Ok(order) => {
            talk.exit();
            return say_order(reply, deps, &order).await;
        }
        Err(CreateOrderError::BotTaken) => return reply.say(texts::BOT_TAKEN).await,
        Err(CreateOrderError::UnknownPlan(_)) => {
            talk.exit();
            return reply.say_with(texts::PLAN_GONE, plans(deps)).await;
        }
        Err(CreateOrderError::NoShop) => texts::NO_SHOP,
        Err(CreateOrderError::UnknownClient) => texts::NOT_YOURS,
        Err(CreateOrderError::Store(err)) => return Err(err.into()),
        Err(
            err @ (CreateOrderError::NeedsEmail
            | CreateOrderError::TooManyBots
            | CreateOrderError::TooManyOrders
            | CreateOrderError::TokenGone
            | CreateOrderError::KeyReused(_)
            | CreateOrderError::Random(_)
            | CreateOrderError::Seal(_)),
        ) => return Err(BotError::action(err)),
    };
    talk.exit();
    reply.say(refusal).await
}

/// Asks for an order's payment because its buyer pressed the button.
async fn check(reply: Reply, deps: Deps, order: OrderId) -> Result<(), BotError> {
    match check_payment(&deps, order, reply.person()).await {
        Ok(order) if order.state == OrderState::Open => {
            let words = texts::order_state(&order, deps.config.server.support.as_deref());
            reply.say_with(words, pay_buttons(&order)).await
        }
        Ok(order) => say_order(&reply, &deps, &order).await,
        Err(CheckPaymentError::UnknownOrder) => reply.say(texts::NO_ORDER).await,
        Err(CheckPaymentError::Store(err)) => Err(err.into()),
    }
}

/// Shows how far an order has come to a buyer who comes back from the page that takes the money.
pub(super) async fn show_order(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    order: OrderId,
) -> Result<(), BotError> {
    talk.exit();
    check(reply, deps, order).await
}

async fn say_order(reply: &Reply, deps: &Deps, order: &Order) -> Result<(), BotError> {
    if order.state != OrderState::Open {
        let words = texts::order_state(order, deps.config.server.support.as_deref());
        return reply.say(words).await;
    }
    let words = match order.confirmation_url {
        Some(_) => texts::pay(order, &deps.config.server.timezone),
        None => texts::link_later(order),
    };
    reply.say_with(words, pay_buttons(order)).await
}

fn pay_buttons(order: &Order) -> InlineKeyboardMarkup {
    let url = order.confirmation_url.as_deref().and_then(|url| url.parse().ok());
    let pay = url.map(|url| InlineKeyboardButton::url(texts::PAY, url));
    column(pay.into_iter().chain([button(texts::CHECK, Button::Check(order.id))]))
}

fn plans(deps: &Deps) -> InlineKeyboardMarkup {
    let plans = deps.config.plans.plans().iter();
    column(plans.map(|plan| button(texts::plan_button(plan), Button::Buy(plan.id.clone()))))
}

/// Tells whether a receipt could be sent there: one `@`, a dot behind it, no spaces.
pub(super) fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let plain = |part: &str| {
        !part.is_empty()
            && !part.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@')
    };
    let dotted = host.split('.').count() > 1 && host.split('.').all(|part| !part.is_empty());
    (3..=254).contains(&text.len()) && plain(name) && plain(host) && dotted
}
