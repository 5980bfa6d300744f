//! The Sales Bot's commands and menu: they win over whatever was asked.

use teloxide::types::Message;

use super::counter::Counter;
use super::tour::{self, Stop};
use super::{Step, my_bots, order, purchase, trial};
use crate::bots::BotError;
use crate::bots::reply::menu;
use crate::domain::ids::OrderId;
use crate::domain::token::BotToken;
use crate::texts::sales as texts;
use crate::texts::words::{Words, is_label, say};

/// What a person asks for with a command or a button of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Start,
    /// A link of ours that leads back to an order.
    Order(OrderId),
    Tour,
    Buy,
    Try,
    Bots,
    Questions,
    Support,
    Privacy,
    Help,
    Cancel,
}

/// Says what stands on a button of the menu.
type Label = fn(Words) -> String;

/// What stands on the menu, and what it asks for.
pub(super) const LABELS: [(Label, Wish); 6] = [
    (|words| say!(words, "sales-menu-buy"), Wish::Buy),
    (|words| say!(words, "sales-menu-try"), Wish::Try),
    (|words| say!(words, "sales-menu-tour"), Wish::Tour),
    (|words| say!(words, "sales-menu-bots"), Wish::Bots),
    (|words| say!(words, "sales-menu-questions"), Wish::Questions),
    (|words| say!(words, "sales-menu-support"), Wish::Support),
];

impl Wish {
    /// Reads a command, or a label of the menu in any language.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let command = match words.next().and_then(|word| word.split('@').next()) {
            Some("/start") => {
                let order = words.next().and_then(|word| word.parse().ok());
                Some(order.map_or(Self::Start, Self::Order))
            }
            Some("/tour" | "/demo") => Some(Self::Tour),
            Some("/buy" | "/plans") => Some(Self::Buy),
            Some("/try") => Some(Self::Try),
            Some("/bots") => Some(Self::Bots),
            Some("/faq") => Some(Self::Questions),
            Some("/support") => Some(Self::Support),
            Some("/privacy") => Some(Self::Privacy),
            Some("/help") => Some(Self::Help),
            Some("/cancel") => Some(Self::Cancel),
            _ => None,
        };
        command.or_else(|| {
            let known = LABELS.into_iter().find(|(label, _)| is_label(text, label));
            known.map(|(_, wish)| wish)
        })
    }
}

/// Does what a command or a button of the menu asks for.
pub(super) async fn grant(counter: Counter, wish: Wish, message: &Message) -> Result<(), BotError> {
    let (words, deps) = (counter.words(), &counter.deps);
    let (terms, help) = (&deps.config.billing, deps.config.server.support.as_deref());
    if wish == Wish::Cancel {
        return cancel(counter).await;
    }
    counter.talk.exit();
    match wish {
        Wish::Start => start(counter, message).await,
        Wish::Order(id) => order::check(counter, id).await,
        Wish::Tour => tour::show(counter, Stop::Services).await,
        Wish::Buy => purchase::show_plans(counter).await,
        Wish::Try => trial::begin(counter).await,
        Wish::Bots => my_bots::overview(counter).await,
        Wish::Questions => {
            let text =
                texts::questions(words, terms.trial_days, terms.grace_days, terms.retention_days);
            counter.say(text).await
        }
        Wish::Support => counter.say(texts::support(words, help)).await,
        Wish::Privacy => counter.say(texts::privacy(words, terms.retention_days, help)).await,
        Wish::Help => counter.say(texts::help(words, terms.trial_days)).await,
        Wish::Cancel => Ok(()),
    }
}

/// Greets, whatever was going on.
async fn start(counter: Counter, message: &Message) -> Result<(), BotError> {
    let (words, deps) = (counter.words(), &counter.deps);
    let name = message.from.as_ref().map_or("", |from| from.first_name.as_str());
    let trial = deps.config.billing.trial_days;
    let label = |wish: Wish| {
        let known = LABELS.into_iter().find(|(_, it)| *it == wish);
        known.map_or_else(String::new, |(label, _)| label(words))
    };
    let mut rows = vec![
        vec![label(Wish::Buy)],
        vec![label(Wish::Tour), label(Wish::Bots)],
        vec![label(Wish::Questions), label(Wish::Support)],
    ];
    if trial.is_some() {
        rows.insert(1, vec![label(Wish::Try)]);
    }
    let text = texts::pitch(words, name, &deps.config.plans, trial);
    counter.reply.say_with(text, menu(rows)).await
}

async fn cancel(counter: Counter) -> Result<(), BotError> {
    let words = counter.words();
    let said = if counter.talk.get() == Step::Idle {
        say!(words, "sales-nothing-to-cancel")
    } else {
        say!(words, "sales-cancelled")
    };
    counter.talk.exit();
    counter.say(said).await
}

/// Answers what no flow wants. A token that nobody has asked for does not stay in the chat.
pub(super) async fn unknown(counter: Counter, message: &Message) -> Result<(), BotError> {
    if message.text().is_some_and(|text| text.trim().parse::<BotToken>().is_ok()) {
        counter.hide_token().await?;
        return counter.say(say!(counter.words(), "sales-token-unasked")).await;
    }
    counter.say(say!(counter.words(), "sales-unknown")).await
}
