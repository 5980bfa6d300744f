//! What people are told unasked: notices to operators and to owners.

mod morning;
mod trouble;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use self::morning::{
    backup_trouble, certificate_late, certificate_trouble, digest, jobs_dead, shop_refused,
    time_changed, webhook_trouble,
};
pub use self::trouble::{
    bot_diverted, bot_problem, client_problem, diverted, handed_over, seed_refused,
};
use super::words::{Words, say};
use crate::domain::client::{Client, CompanyName};
use crate::domain::news::NewsText;
use crate::domain::order::{Attention, Order, OrderState, Subject};
use crate::domain::payment::Payment;
use crate::domain::subscription::{Fate, Subscription, SuspendedBy, Terms};

/// What is said, and what may be pressed under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The words.
    pub text: String,
    /// One button a row.
    pub buttons: Vec<Button>,
}

/// A button under a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Button {
    /// Opens a link.
    Link {
        /// What stands on it.
        label: String,
        /// Where it leads.
        url: String,
    },
    /// Comes back to the bot that said it.
    Press {
        /// What stands on it.
        label: String,
        /// What the bot gets; at most 64 bytes.
        data: String,
    },
}

impl Message {
    pub(super) fn plain(text: String) -> Self {
        Self { text, buttons: Vec::new() }
    }

    pub(super) fn with(mut self, label: String, data: String) -> Self {
        if data.len() <= 64 {
            self.buttons.push(Button::Press { label, data });
        }
        self
    }

    fn with_link(mut self, label: String, url: String) -> Self {
        self.buttons.push(Button::Link { label, url });
        self
    }
}

/// Says a message about a client, which names the business, its bot and its id.
macro_rules! say_of {
    ($words:expr, $client:expr, $id:literal $(, $name:ident = $value:expr)*) => {
        say!(
            $words,
            $id,
            company = $client.company.as_str(),
            bot = $client.bot.username.as_str(),
            client = $client.id.to_string()
            $(, $name = $value)*
        )
    };
}
use say_of;

/// To an operator: a plan was sold.
pub fn new_sale(words: Words, order: &Order, company: &str) -> Message {
    let what = match order.subject {
        Subject::NewClient { .. } => "new",
        Subject::BotLater { .. } => "later",
        Subject::Extension => "extension",
    };
    Message::plain(say!(
        words,
        "notices-new-sale",
        what = what,
        company = company,
        plan = order.plan.name.as_str(),
        length = words.days(i64::from(order.plan.days.get())),
        amount = words.money(order.plan.price),
        order = order.id.to_string(),
    ))
}

/// To an operator: money came that needs a decision.
pub fn attention(words: Words, payment: &Payment, why: Attention) -> Message {
    let why = match why {
        Attention::PaidTwice => "paid-twice",
        Attention::PaidAfterClosing => "paid-after-closing",
        Attention::AmountDiffers => "amount-differs",
        Attention::ShopDiffers => "shop-differs",
        Attention::BotTaken => "bot-taken",
        Attention::ClientGone => "client-gone",
    };
    Message::plain(say!(
        words,
        "notices-attention",
        why = why,
        amount = words.money(payment.amount),
        payment = payment.id.as_str(),
        order = payment.order.map_or_else(|| "none".to_owned(), |order| order.to_string()),
    ))
    .with(say!(words, "notices-button-refund"), format!("refund:{}", payment.id))
    .with(say!(words, "notices-button-decide"), format!("held:{}", payment.id))
}

/// To an operator: the bot answers.
pub fn deploy_done(words: Words, client: &Client) -> Message {
    Message::plain(say_of!(words, client, "notices-deploy-done"))
}

/// To an operator: the bot could not be started.
pub fn deploy_failed(words: Words, client: &Client) -> Message {
    Message::plain(say_of!(words, client, "notices-deploy-failed"))
        .with(say!(words, "notices-button-restart"), format!("restart:{}", client.id))
}

/// To an operator: the bot did not work in the new release.
pub fn roll_out_stopped(words: Words, client: &Client) -> Message {
    Message::plain(say_of!(words, client, "notices-roll-out-stopped"))
}

/// To an operator: paid for, and the bot does not run.
pub fn paid_not_delivered(words: Words, client: &Client) -> Message {
    Message::plain(say_of!(words, client, "notices-paid-not-delivered"))
        .with(say!(words, "notices-button-restart"), format!("restart:{}", client.id))
}

/// To an operator: the refund that was asked for is done.
pub fn refund_done(words: Words, payment: &Payment) -> Message {
    Message::plain(say!(
        words,
        "notices-refund-done",
        payment = payment.id.as_str(),
        amount = words.money(payment.refunded),
    ))
}

/// To an operator: the provider will not give the money back.
pub fn refund_refused(words: Words, payment: &Payment) -> Message {
    Message::plain(say!(
        words,
        "notices-refund-refused",
        payment = payment.id.as_str(),
        amount = words.money(payment.amount),
    ))
}

/// To an operator: paid for a week ago, and the owner has not brought the bot.
pub fn bot_not_brought(words: Words, order: &Order, payment: &Payment) -> Message {
    Message::plain(say!(
        words,
        "notices-bot-not-brought",
        company = order.company().map_or("—", CompanyName::as_str),
        buyer = order.buyer.to_string(),
        amount = words.money(payment.amount.minus(payment.refunded)),
        order = order.id.to_string(),
    ))
    .with(say!(words, "notices-button-refund"), format!("refund:{}", payment.id))
}

/// To the owner: the link to pay is there.
pub fn pay_link(words: Words, order: &Order, url: &str) -> Message {
    let (plan, amount) = (order.plan.name.as_str(), words.money(order.plan.price));
    Message::plain(say!(words, "notices-pay-link", plan = plan, amount = amount))
        .with_link(say!(words, "notices-button-pay"), url.to_owned())
        .with(say!(words, "notices-button-check"), format!("check:{}", order.id))
}

/// To the owner: the payment has come, and until when it lasts.
pub fn payment_received(
    words: Words,
    payment: &Payment,
    client: &Client,
    zone: &TimeZone,
) -> Message {
    let until = client.subscription.granted_until().map(|until| words.date(until, zone));
    Message::plain(say!(
        words,
        "notices-payment-received",
        amount = words.money(payment.amount),
        company = client.company.as_str(),
        until = until.unwrap_or_else(|| "—".to_owned()),
    ))
}

/// To the owner: the payment has come, and the bot is still to be brought.
pub fn paid_ahead(words: Words, payment: &Payment, order: &Order) -> Message {
    Message::plain(say!(
        words,
        "notices-paid-ahead",
        amount = words.money(payment.amount),
        company = order.company().map_or("—", CompanyName::as_str),
        length = words.days(i64::from(payment.days.get())),
    ))
    .with(say!(words, "notices-button-connect"), format!("connect:{}", order.id))
}

/// To the owner: paid for, and the bot is still to be brought.
pub fn bring_bot(words: Words, order: &Order, payment: &Payment) -> Message {
    Message::plain(say!(
        words,
        "notices-bring-bot",
        company = order.company().map_or("—", CompanyName::as_str),
        length = words.days(payment.time_left().as_hours() / 24),
    ))
    .with(say!(words, "notices-button-connect"), format!("connect:{}", order.id))
}

/// To the owner: the order was canceled or has expired.
pub fn order_closed(words: Words, order: &Order) -> Message {
    let (plan, amount) = (order.plan.name.as_str(), words.money(order.plan.price));
    let message = Message::plain(match order.state {
        OrderState::Expired => {
            say!(words, "notices-order-expired", plan = plan, amount = amount)
        }
        OrderState::Open | OrderState::Paid | OrderState::Canceled | OrderState::Attention(_) => {
            say!(words, "notices-order-canceled", plan = plan, amount = amount)
        }
    });
    message.with(say!(words, "notices-button-again"), format!("again:{}", order.id))
}

/// To the owner: what an operator tells all owners. Its words are the operator's own.
pub fn news(words: Words, text: &NewsText) -> Message {
    Message::plain(say!(words, "notices-news", text = text.as_str()))
        .with(say!(words, "notices-button-no-news"), "news:off".to_owned())
}

/// To the owner: money was given back.
pub fn refunded(words: Words, payment: &Payment) -> Message {
    Message::plain(say!(words, "notices-refunded", amount = words.money(payment.refunded)))
}

/// To the owner: the bot answers.
pub fn bot_ready(words: Words, client: &Client) -> Message {
    let bot = client.bot.username.as_str();
    Message::plain(say!(words, "notices-bot-ready", bot = bot, company = client.company.as_str()))
        .with_link(say!(words, "notices-button-open-bot"), format!("https://t.me/{bot}"))
}

/// To the owner: the bot is not ready yet, and an operator knows.
pub fn bot_delayed(words: Words, client: &Client) -> Message {
    Message::plain(say!(words, "notices-bot-delayed", bot = client.bot.username.as_str()))
}

/// To the owner: how the time granted stands.
pub fn subscription(
    words: Words,
    client: &Client,
    terms: &Terms,
    now: Timestamp,
    zone: &TimeZone,
) -> Message {
    let (bot, state) = (client.bot.username.as_str(), client.subscription);
    let until = words.date(state.archived_at(terms).unwrap_or(now), zone);
    let message = Message::plain(match state {
        Subscription::Trial { until } | Subscription::Active { paid_until: until } => {
            let days = super::days_left(until, now);
            if terms.warn_days.iter().any(|warn| days <= i64::from(warn.get())) {
                say!(words, "notices-days-left", bot = bot, days = days)
            } else {
                say!(words, "notices-works", bot = bot, until = words.date(until, zone))
            }
        }
        Subscription::Grace { paid_until } => {
            say!(words, "notices-grace", bot = bot, until = words.date(paid_until, zone))
        }
        Subscription::Suspended { by: SuspendedBy::Expiry, .. } => {
            say!(words, "notices-suspended", bot = bot, until = until)
        }
        Subscription::Suspended { by: SuspendedBy::Operator, .. } => {
            say!(words, "notices-suspended-by-operator", bot = bot, until = until)
        }
        Subscription::Cancelled { data: Fate::Kept, .. } => {
            say!(words, "notices-cancelled", bot = bot, until = until)
        }
        Subscription::Cancelled { data: Fate::Doomed, .. } => {
            say!(words, "notices-ended", bot = bot)
        }
        Subscription::Archived { .. } => say!(words, "notices-archived", bot = bot),
    });
    message.with(say!(words, "notices-button-renew"), format!("renew:{}", client.id))
}

/// To the owner: the data of a bot that does not run leaves its place soon; none if it does not.
pub fn data_ends(
    words: Words,
    client: &Client,
    terms: &Terms,
    now: Timestamp,
    zone: &TimeZone,
) -> Option<Message> {
    if matches!(client.subscription, Subscription::Archived { .. }) {
        return None;
    }
    let until = client.subscription.archived_at(terms)?;
    let (bot, days) = (client.bot.username.as_str(), super::days_left(until, now));
    let until = words.date(until, zone);
    Some(Message::plain(say!(words, "notices-data-ends", bot = bot, days = days, until = until)))
}
