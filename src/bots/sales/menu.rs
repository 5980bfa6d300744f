//! The Sales Bot's commands and menu: they win over whatever was asked.

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree::{self, case};
use teloxide::types::{Message, Update};

use super::{Step, my_bots, purchase, trial};
use crate::bots::BotError;
use crate::bots::reply::{Reply, menu};
use crate::bots::talk::Talk;
use crate::deps::Deps;
use crate::domain::ids::OrderId;
use crate::domain::token::BotToken;
use crate::texts::sales as texts;

/// What a person asks for with a command or a button of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Start,
    /// A link of ours that leads back to an order.
    Order(OrderId),
    Cancel,
    Buy,
    Try,
    MyBots,
    Questions,
    Support,
}

impl Wish {
    fn read(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let command = words.next().and_then(|word| word.split('@').next());
        match command {
            Some("/start") => {
                let order = words.next().and_then(|word| word.parse().ok());
                return Some(order.map_or(Self::Start, Self::Order));
            }
            Some("/cancel") => return Some(Self::Cancel),
            Some("/help") => return Some(Self::Questions),
            _ => {}
        }
        match text.trim() {
            texts::BUY => Some(Self::Buy),
            texts::TRY => Some(Self::Try),
            texts::MY_BOTS => Some(Self::MyBots),
            texts::QUESTIONS => Some(Self::Questions),
            texts::SUPPORT => Some(Self::Support),
            _ => None,
        }
    }
}

/// Returns the branch of the bot's tree for commands and the menu.
pub(super) fn flow() -> UpdateHandler<BotError> {
    Update::filter_message()
        .filter_map(|message: Message| message.text().and_then(Wish::read))
        .branch(case![Wish::Start].endpoint(start))
        .branch(case![Wish::Order(id)].endpoint(purchase::show_order))
        .branch(case![Wish::Cancel].endpoint(cancel))
        .branch(case![Wish::Buy].endpoint(purchase::show_plans))
        .branch(case![Wish::Try].endpoint(trial::begin))
        .branch(case![Wish::MyBots].endpoint(my_bots::show))
        .branch(case![Wish::Questions].endpoint(questions))
        .branch(dptree::endpoint(support))
}

/// Greets, whatever was going on.
async fn start(
    reply: Reply,
    deps: Deps,
    talk: Talk<Step>,
    message: Message,
) -> Result<(), BotError> {
    talk.exit();
    let name = message.from.map_or(String::new(), |from| from.first_name);
    let trial = deps.config.billing.trial_days;
    let mut rows = vec![vec![texts::BUY], vec![texts::MY_BOTS, texts::QUESTIONS]];
    if trial.is_some() {
        rows.insert(1, vec![texts::TRY]);
    }
    rows.push(vec![texts::SUPPORT]);
    reply.say_with(texts::pitch(&name, &deps.config.plans, trial), menu(rows)).await
}

async fn cancel(reply: Reply, talk: Talk<Step>) -> Result<(), BotError> {
    let words = if talk.get() == Step::Idle { texts::NOTHING_TO_CANCEL } else { texts::CANCELLED };
    talk.exit();
    reply.say(words).await
}

async fn questions(reply: Reply, deps: Deps, talk: Talk<Step>) -> Result<(), BotError> {
    talk.exit();
    let terms = &deps.config.billing;
    reply.say(texts::questions(terms.trial_days, terms.grace_days, terms.retention_days)).await
}

async fn support(reply: Reply, deps: Deps, talk: Talk<Step>) -> Result<(), BotError> {
    talk.exit();
    reply.say(texts::support(deps.config.server.support.as_deref())).await
}

/// Answers what no flow wants. A token that nobody has asked for does not stay in the chat.
pub(super) async fn unknown(reply: Reply, message: Message) -> Result<(), BotError> {
    if message.text().is_some_and(|text| text.parse::<BotToken>().is_ok()) {
        let hidden = reply.forget_message().await;
        reply.say(if hidden { texts::TOKEN_DELETED } else { texts::DELETE_TOKEN }).await?;
    }
    reply.say(texts::UNKNOWN).await
}
