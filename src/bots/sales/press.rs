//! What a buyer says and presses, to whoever answers it. Commands and the menu win over whatever
//! was asked, and every button has its answer here.

use teloxide::types::{CallbackQuery, Message};

use super::button::Button;
use super::counter::Counter;
use super::menu::{self, Wish};
use super::{Step, change_token, connect, my_bots, news, order, purchase, renewal, tour, trial};
use crate::bots::BotError;
use crate::domain::ids::{ClientId, OrderId};
use crate::texts::words::say;

/// Answers what a buyer has written or sent.
pub(super) async fn heard(counter: Counter, step: Step, message: Message) -> Result<(), BotError> {
    if let Some(wish) = message.text().and_then(Wish::read) {
        return Box::pin(menu::grant(counter, wish, &message)).await;
    }
    if step == Step::Idle {
        return menu::unknown(counter, &message).await;
    }
    let Some(text) = message.text() else {
        return counter.say(say!(counter.words(), "sales-text-only")).await;
    };
    Box::pin(answer(counter, step, text)).await
}

/// Takes the answer to what was asked.
async fn answer(counter: Counter, step: Step, text: &str) -> Result<(), BotError> {
    match step {
        Step::Idle => Ok(()),
        Step::BuyCompany { plan } => purchase::take_company(counter, plan, text).await,
        Step::BuyEmail { plan, company } => {
            purchase::take_email(counter, (plan, company), text).await
        }
        Step::BuyToken { plan, company, email } => {
            purchase::take_token(counter, (plan, company, email), text).await
        }
        Step::RenewEmail { plan, client } => {
            renewal::take_email(counter, (plan, ClientId::from_bits(client)), text).await
        }
        Step::TryCompany => trial::take_company(counter, text).await,
        Step::TryToken { company } => trial::take_token(counter, &company, text).await,
        Step::ConnectToken { order } => {
            connect::take_token(counter, OrderId::from_bits(order), text).await
        }
        Step::NewToken { client } => {
            change_token::take_token(counter, ClientId::from_bits(client), text).await
        }
        Step::OtherToken { client } => {
            change_token::take_other(counter, ClientId::from_bits(client), text).await
        }
    }
}

/// Answers a pressed button.
pub(super) async fn pressed(
    counter: Counter,
    step: Step,
    query: CallbackQuery,
) -> Result<(), BotError> {
    let Some(button) = query.data.and_then(|data| data.parse().ok()) else {
        counter.stale();
        return Ok(());
    };
    Box::pin(open(counter, step, button)).await
}

async fn open(counter: Counter, step: Step, button: Button) -> Result<(), BotError> {
    match button {
        Button::Plans => purchase::show_plans(counter).await,
        Button::Try => trial::begin(counter).await,
        Button::Buy(plan) => purchase::begin(counter, &plan).await,
        Button::Later => {
            let Step::BuyToken { plan, company, email } = step else {
                counter.stale();
                return Ok(());
            };
            purchase::bring_later(counter, (plan, company, email)).await
        }
        Button::Renew(client) => renewal::ask_plan(counter, client).await,
        Button::Extend(client, plan) => renewal::begin(counter, client, &plan).await,
        Button::Order(id) => order::show(counter, id).await,
        Button::Check(id) => order::check(counter, id).await,
        Button::Again(id) => order::again(counter, id).await,
        Button::Connect(id) => connect::begin(counter, id).await,
        Button::Bots(page) => my_bots::show_page(counter, page).await,
        Button::Bot(client) => my_bots::show_bot(counter, client).await,
        Button::Payments(client, page) => my_bots::payments_of(counter, client, page).await,
        Button::Token(client) => change_token::begin(counter, client).await,
        Button::OtherBot(client) => change_token::begin_other(counter, client).await,
        Button::Tour(at) => tour::show(counter, at).await,
        Button::News(unwanted) => news::set(counter, unwanted).await,
    }
}
