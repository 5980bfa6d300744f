//! What the Sales Bot says of orders.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::long;
use crate::domain::client::{BotUsername, Client, CompanyName};
use crate::domain::order::{Attention, Order, OrderState, Subject};
use crate::texts::words::{Words, say};

/// For whom an order is: the business and its bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderedFor {
    /// The business.
    pub company: String,
    /// The bot; empty while there is none.
    pub bot: String,
}

impl OrderedFor {
    /// Tells for whom an order is; `client` is the one that it extends.
    pub fn of(order: &Order, client: Option<&Client>) -> Self {
        let known = |company: &CompanyName, bot: Option<&BotUsername>| Self {
            company: company.as_str().to_owned(),
            bot: bot.map_or_else(String::new, |bot| bot.as_str().to_owned()),
        };
        match (&order.subject, client) {
            (Subject::NewClient { company, bot }, _) => known(company, Some(&bot.username)),
            (Subject::BotLater { company }, _) => known(company, None),
            (Subject::Extension, Some(client)) => {
                known(&client.company, Some(&client.bot.username))
            }
            (Subject::Extension, None) => Self { company: "—".to_owned(), bot: "—".to_owned() },
        }
    }
}

/// Shows an order that can be paid.
pub fn order(words: Words, order: &Order, of: &OrderedFor, zone: &TimeZone) -> String {
    let what = match order.subject {
        Subject::NewClient { .. } => "new",
        Subject::BotLater { .. } => "later",
        Subject::Extension => "extension",
    };
    say!(
        words,
        "sales-order",
        what = what,
        company = of.company.as_str(),
        bot = of.bot.as_str(),
        plan = order.plan.name.as_str(),
        length = long(words, order.plan.days),
        amount = words.money(order.plan.price),
        until = words.date_time(order.expires_at, zone),
        order = order.id.to_string(),
    )
}

/// Says that the link to pay is on its way.
pub fn link_later(words: Words, order: &Order) -> String {
    say!(words, "sales-order-no-link", order = order.id.to_string())
}

/// Whether the time of a paid order waits for its bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BotOf {
    /// The order has its bot, or needs none.
    There,
    /// The owner is still to bring it.
    Awaited,
}

/// Says how far an order has come.
pub fn order_state(words: Words, order: &Order, bot: BotOf, support: Option<&str>) -> String {
    let state = match (order.state, bot) {
        (OrderState::Open, _) => "open",
        (OrderState::Paid, BotOf::There) => "paid",
        (OrderState::Paid, BotOf::Awaited) => "waits",
        (OrderState::Canceled, _) => "canceled",
        (OrderState::Expired, _) => "expired",
        (OrderState::Attention(Attention::PaidTwice), _) => "twice",
        (
            OrderState::Attention(
                Attention::PaidAfterClosing
                | Attention::AmountDiffers
                | Attention::ShopDiffers
                | Attention::BotTaken
                | Attention::ClientGone,
            ),
            _,
        ) => "held",
    };
    let said = say!(words, "sales-order-state", state = state, order = order.id.to_string());
    match (order.state, support) {
        (OrderState::Attention(_), Some(name)) => {
            format!("{said}\n\n{}", say!(words, "sales-order-help", name = name))
        }
        _ => said,
    }
}

/// Asks for the bot that a paid order waits for.
pub fn ask_token_to_connect(words: Words, order: &Order) -> String {
    let company = order.company().map_or("—", CompanyName::as_str);
    say!(words, "sales-ask-token-to-connect", company = company)
}

/// Says that the bot of an order is connected.
pub fn connected(words: Words, client: &Client, zone: &TimeZone) -> String {
    let until: Timestamp = client.subscription.granted().until;
    let (bot, until) = (client.bot.username.as_str(), words.date_time(until, zone));
    say!(words, "sales-connected", bot = bot, until = until)
}
