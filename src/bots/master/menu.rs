//! The Master Bot's commands and menu: they win over whatever was asked.

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree::{self, case};
use teloxide::types::{CallbackQuery, Message, Update};

use super::{Button, Step, add_client, clients, manual_payment};
use crate::bots::BotError;
use crate::bots::reply::{Reply, menu, no_buttons};
use crate::bots::talk::Talk;
use crate::deps::Deps;
use crate::domain::job::Job;
use crate::domain::token::BotToken;
use crate::store::{StoreError, queue};
use crate::texts::master::{self as texts, QueueView};

/// What an operator asks for with a command or a button of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Start,
    Help,
    Queue,
    Clients,
    AddClient,
    TakePayment,
    Cancel,
}

impl Wish {
    fn read(text: &str) -> Option<Self> {
        let command = text.split_whitespace().next().and_then(|word| word.split('@').next());
        match command {
            Some("/start") => return Some(Self::Start),
            Some("/help") => return Some(Self::Help),
            Some("/queue") => return Some(Self::Queue),
            Some("/clients") => return Some(Self::Clients),
            Some("/cancel") => return Some(Self::Cancel),
            _ => {}
        }
        match text.trim() {
            texts::ADD_CLIENT => Some(Self::AddClient),
            texts::TAKE_PAYMENT => Some(Self::TakePayment),
            texts::CLIENTS => Some(Self::Clients),
            texts::HELP => Some(Self::Help),
            texts::CANCEL => Some(Self::Cancel),
            _ => None,
        }
    }
}

/// Returns the branch of the bot's tree for commands, the menu and the button that leaves.
pub(super) fn flow() -> UpdateHandler<BotError> {
    let written = Update::filter_message()
        .filter_map(|message: Message| message.text().and_then(Wish::read))
        .branch(case![Wish::Start].endpoint(start))
        .branch(case![Wish::Help].endpoint(help))
        .branch(case![Wish::Queue].endpoint(show_queue))
        .branch(case![Wish::Clients].endpoint(clients::show_first))
        .branch(case![Wish::AddClient].endpoint(add_client::begin))
        .branch(case![Wish::TakePayment].endpoint(manual_payment::begin))
        .branch(dptree::endpoint(cancel));
    let pressed = Update::filter_callback_query()
        .filter_map(|query: CallbackQuery| query.data.and_then(|data| data.parse::<Button>().ok()))
        .branch(case![Button::Cancel].endpoint(leave));
    dptree::entry().branch(written).branch(pressed)
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
    let rows = [texts::ADD_CLIENT, texts::TAKE_PAYMENT, texts::CLIENTS, texts::HELP];
    let words = texts::start(&name, look_at_queue(&deps).await?);
    reply.say_with(words, menu(rows.map(|label| vec![label]).to_vec())).await
}

async fn help(reply: Reply, talk: Talk<Step>) -> Result<(), BotError> {
    talk.exit();
    reply.say(texts::help()).await
}

async fn show_queue(reply: Reply, deps: Deps, talk: Talk<Step>) -> Result<(), BotError> {
    talk.exit();
    reply.say(texts::queue(look_at_queue(&deps).await?)).await
}

async fn cancel(reply: Reply, talk: Talk<Step>) -> Result<(), BotError> {
    let words = if talk.get() == Step::Idle { texts::NOTHING_TO_CANCEL } else { texts::CANCELLED };
    talk.exit();
    reply.say(words).await
}

/// Leaves what the message with the button was about.
async fn leave(reply: Reply, talk: Talk<Step>) -> Result<(), BotError> {
    talk.exit();
    reply.show(texts::CANCELLED, no_buttons()).await
}

/// Answers what no flow wants. A token that nobody has asked for does not stay in the chat.
pub(super) async fn unknown(reply: Reply, message: Message) -> Result<(), BotError> {
    if message.text().is_some_and(|text| text.parse::<BotToken>().is_ok()) {
        let hidden = reply.forget_message().await;
        reply.say(if hidden { texts::TOKEN_DELETED } else { texts::DELETE_TOKEN }).await?;
    }
    reply.say(texts::UNKNOWN).await
}

/// Counts the tasks.
pub(super) async fn look_at_queue(deps: &Deps) -> Result<QueueView, StoreError> {
    let now = deps.clock.now();
    let overview = deps.store.scan(move |snap| queue::overview(snap, now)).await?;
    // What comes round by the clock is nobody's task.
    let tasks = overview.by_kind.iter().filter(|(kind, _)| !Job::is_of_timetable(kind));
    Ok(tasks.fold(QueueView::default(), |view, (_, counts)| QueueView {
        queued: view.queued + counts.queued,
        running: view.running + counts.running,
        dead: view.dead + counts.dead,
    }))
}
