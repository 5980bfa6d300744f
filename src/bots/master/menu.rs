//! The Master Bot's commands and menu: they win over whatever was asked.

use teloxide::types::Message;

use super::{
    Desk, Step, add_client, backups, clients, history, jobs, manual_payment, news, orders,
};
use crate::actions::show_figures::figures;
use crate::bots::BotError;
use crate::bots::reply::{menu, no_buttons};
use crate::domain::token::BotToken;
use crate::external::machine;
use crate::texts::master as texts;
use crate::texts::words::{Words, is_label, say};

/// What an operator asks for with a command or a button of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Start,
    Help,
    Queue,
    Stats,
    Clients,
    /// Look for a client; the words may come with the command.
    Find(Option<String>),
    Orders,
    Audit,
    Backups,
    Broadcast,
    AddClient,
    TakePayment,
    Cancel,
}

/// Says what stands on a button of the menu.
type Label = fn(Words) -> String;

impl Wish {
    /// Reads a command, or a label of the menu in any language.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let command = match word.split('@').next() {
            Some("/start") => Some(Self::Start),
            Some("/help") => Some(Self::Help),
            Some("/queue") => Some(Self::Queue),
            Some("/stats") => Some(Self::Stats),
            Some("/clients") => Some(Self::Clients),
            Some("/find") => {
                let words = rest.trim();
                Some(Self::Find((!words.is_empty()).then(|| words.to_owned())))
            }
            Some("/orders") => Some(Self::Orders),
            Some("/audit") => Some(Self::Audit),
            Some("/backups") => Some(Self::Backups),
            Some("/broadcast") => Some(Self::Broadcast),
            Some("/cancel") => Some(Self::Cancel),
            _ => None,
        };
        command.or_else(|| Self::of_label(text))
    }

    fn of_label(text: &str) -> Option<Self> {
        let labels: [(Label, Self); 9] = [
            (|words| say!(words, "master-button-add-client"), Self::AddClient),
            (|words| say!(words, "master-button-take-payment"), Self::TakePayment),
            (|words| say!(words, "master-button-clients"), Self::Clients),
            (|words| say!(words, "master-button-orders"), Self::Orders),
            (|words| say!(words, "master-button-queue"), Self::Queue),
            (|words| say!(words, "master-button-stats"), Self::Stats),
            (|words| say!(words, "master-button-backups"), Self::Backups),
            (|words| say!(words, "master-button-help"), Self::Help),
            (|words| say!(words, "master-button-cancel"), Self::Cancel),
        ];
        labels.into_iter().find(|(label, _)| is_label(text, label)).map(|(_, wish)| wish)
    }
}

/// Does what a command or a button of the menu asks for.
pub(super) async fn grant(desk: Desk, wish: Wish, message: &Message) -> Result<(), BotError> {
    if wish == Wish::Cancel {
        return cancel(desk).await;
    }
    desk.talk.exit();
    match wish {
        Wish::Start => start(desk, message).await,
        Wish::Help => {
            let words = desk.words();
            desk.say(say!(words, "master-help")).await
        }
        Wish::Queue => jobs::overview(desk).await,
        Wish::Stats => stats(desk).await,
        Wish::Clients => clients::turn_page(desk, None).await,
        Wish::Find(None) => clients::ask_search(desk).await,
        Wish::Find(Some(text)) => clients::search(desk, &text).await,
        Wish::Orders => orders::overview(desk).await,
        Wish::Backups => backups::overview(desk).await,
        Wish::Audit => history::audit(desk, None).await,
        Wish::Broadcast => news::begin(desk).await,
        Wish::AddClient => add_client::begin(desk).await,
        Wish::TakePayment => manual_payment::begin(desk).await,
        Wish::Cancel => Ok(()),
    }
}

/// Greets, whatever was going on.
async fn start(desk: Desk, message: &Message) -> Result<(), BotError> {
    let words = desk.words();
    let name = message.from.as_ref().map_or("", |from| from.first_name.as_str());
    let text = texts::start(words, name, jobs::look(&desk.deps).await?);
    desk.reply.say_with(text, menu(labels(words))).await
}

fn labels(words: Words) -> Vec<Vec<String>> {
    vec![
        vec![say!(words, "master-button-add-client"), say!(words, "master-button-take-payment")],
        vec![say!(words, "master-button-clients"), say!(words, "master-button-orders")],
        vec![say!(words, "master-button-queue"), say!(words, "master-button-stats")],
        vec![say!(words, "master-button-backups"), say!(words, "master-button-help")],
    ]
}

async fn stats(desk: Desk) -> Result<(), BotError> {
    let figures = figures(&desk.deps).await?;
    let queue = jobs::look(&desk.deps).await?;
    let each = u64::from(desk.deps.config.runtime.memory_mib);
    let room = machine::free_memory_mib().await.map(|free| free / each.max(1));
    desk.say(texts::stats(desk.words(), &figures, queue, room, desk.at())).await
}

async fn cancel(desk: Desk) -> Result<(), BotError> {
    let words = desk.words();
    let text = if desk.talk.get() == Step::Idle {
        say!(words, "master-nothing-to-cancel")
    } else {
        say!(words, "master-cancelled")
    };
    desk.talk.exit();
    desk.say(text).await
}

/// Leaves what the message with the button was about.
pub(super) async fn leave(desk: Desk) -> Result<(), BotError> {
    desk.talk.exit();
    desk.reply.show(say!(desk.words(), "master-cancelled"), no_buttons()).await
}

/// Answers what nobody has asked for. A token does not stay in the chat.
pub(super) async fn unknown(desk: Desk, message: &Message) -> Result<(), BotError> {
    if message.text().is_some_and(|text| text.parse::<BotToken>().is_ok()) {
        desk.hide_token().await?;
    }
    desk.say(say!(desk.words(), "master-unknown")).await
}
