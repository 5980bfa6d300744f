//! A purchase: a plan, the business's name, where the receipt goes, and the bot's token, or the
//! word that the bot comes later.

use super::button::Button;
use super::counter::{Counter, buy};
use super::{Step, order, token};
use crate::actions::create_order::Wanted;
use crate::bots::BotError;
use crate::bots::reply::{button, column};
use crate::domain::client::CompanyName;
use crate::domain::order::Order;
use crate::domain::plan::PlanId;
use crate::texts::sales as texts;
use crate::texts::words::say;

/// Shows the price list.
pub(super) async fn show_plans(counter: Counter) -> Result<(), BotError> {
    counter.talk.exit();
    let text = texts::plans(counter.words(), &counter.deps.config.plans);
    counter.reply.say_with(text, counter.plans(buy)).await
}

/// Takes the plan and asks for the business's name.
pub(super) async fn begin(counter: Counter, plan: &PlanId) -> Result<(), BotError> {
    let Some(plan) = counter.plan(plan, buy).await? else { return Ok(()) };
    let words = counter.words();
    if counter.deps.till.is_none() {
        return counter.say(say!(words, "sales-no-shop")).await;
    }
    if !counter.has_room().await? {
        return Ok(());
    }
    counter.talk.set(Step::BuyCompany { plan: plan.id.as_str().to_owned() });
    let heading = texts::chosen(words, &plan);
    counter.say(texts::ask_company(words, &heading, steps(&counter))).await
}

/// Takes the name and asks for what is needed next.
pub(super) async fn take_company(
    counter: Counter,
    plan: String,
    text: &str,
) -> Result<(), BotError> {
    let words = counter.words();
    let Ok(company) = text.parse::<CompanyName>() else {
        return counter.say(say!(words, "sales-bad-company")).await;
    };
    if counter.gives_receipts() {
        let company = company.as_str().to_owned();
        counter.talk.set(Step::BuyEmail { plan, company });
        return counter.say(texts::ask_email(words)).await;
    }
    ask_token(&counter, plan, &company, None).await
}

/// Takes the address and asks for the token.
pub(super) async fn take_email(
    counter: Counter,
    (plan, company): (String, String),
    text: &str,
) -> Result<(), BotError> {
    let words = counter.words();
    let Some(email) = email(text) else {
        return counter.say(say!(words, "sales-bad-email")).await;
    };
    let Ok(company) = company.parse::<CompanyName>() else {
        counter.talk.set(Step::BuyCompany { plan });
        return counter.say(say!(words, "sales-bad-company")).await;
    };
    ask_token(&counter, plan, &company, Some(email)).await
}

/// Asks for the token of an order whose token is not kept any more.
pub(super) async fn ask_token_again(
    counter: &Counter,
    before: &Order,
    email: Option<String>,
) -> Result<(), BotError> {
    let plan = before.plan.id.as_str().to_owned();
    match before.company() {
        Some(company) => ask_token(counter, plan, company, email).await,
        None => counter.say(say!(counter.words(), "sales-no-order")).await,
    }
}

async fn ask_token(
    counter: &Counter,
    plan: String,
    company: &CompanyName,
    email: Option<String>,
) -> Result<(), BotError> {
    let words = counter.words();
    counter.talk.set(Step::BuyToken { plan, company: company.as_str().to_owned(), email });
    let later = button(say!(words, "sales-button-later"), Button::Later);
    let text = texts::ask_token(words, company, steps(counter));
    counter.reply.say_with(text, column([later])).await
}

/// Takes the bot's token and makes the order.
pub(super) async fn take_token(
    counter: Counter,
    (plan, company, email): (String, String, Option<String>),
    text: &str,
) -> Result<(), BotError> {
    let Some((plan, company)) = read(&counter, &plan, &company).await? else { return Ok(()) };
    let Some(taken) = token::take(&counter, text).await? else { return Ok(()) };
    let wanted = Wanted::NewClient { company, token: taken.token, bot: taken.bot };
    order::make(&counter, wanted, plan, email).await
}

/// Makes the order for a bot that comes once it is paid for.
pub(super) async fn bring_later(
    counter: Counter,
    (plan, company, email): (String, String, Option<String>),
) -> Result<(), BotError> {
    let Some((plan, company)) = read(&counter, &plan, &company).await? else { return Ok(()) };
    order::make(&counter, Wanted::BotLater(company), plan, email).await
}

/// Reads what was kept between the steps; shows the plans if it is of no use any more.
async fn read(
    counter: &Counter,
    plan: &str,
    company: &str,
) -> Result<Option<(PlanId, CompanyName)>, BotError> {
    if let (Ok(plan), Ok(company)) = (plan.parse(), company.parse()) {
        return Ok(Some((plan, company)));
    }
    counter.talk.exit();
    let text = say!(counter.words(), "sales-plan-gone");
    counter.reply.say_with(text, counter.plans(buy)).await?;
    Ok(None)
}

/// Returns how many questions a purchase has.
fn steps(counter: &Counter) -> u8 {
    if counter.gives_receipts() { 3 } else { 2 }
}

/// Reads where a receipt could be sent: one `@`, a dot behind it, no spaces.
pub(super) fn email(text: &str) -> Option<String> {
    let text = text.trim();
    let (name, host) = text.split_once('@')?;
    let plain = |part: &str| {
        !part.is_empty()
            && !part.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@')
    };
    let dotted = host.split('.').count() > 1 && host.split('.').all(|part| !part.is_empty());
    let fits = (3..=254).contains(&text.len()) && plain(name) && plain(host) && dotted;
    fits.then(|| text.to_owned())
}
