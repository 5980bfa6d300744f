//! The clients: a list in pages, and what is known of one.

use teloxide::dispatching::{UpdateFilterExt, UpdateHandler};
use teloxide::dptree::case;
use teloxide::types::{CallbackQuery, InlineKeyboardMarkup, Update};

use super::life::life_buttons;
use super::{Button, Step};
use crate::bots::BotError;
use crate::bots::reply::{Reply, button, column};
use crate::bots::talk::Talk;
use crate::deps::Deps;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::store::{StoreError, clients};
use crate::texts::master as texts;

/// How many clients a page holds.
const PAGE: usize = 10;

/// Returns the branch of the bot's tree for the clients.
pub(super) fn flow() -> UpdateHandler<BotError> {
    Update::filter_callback_query()
        .filter_map(|query: CallbackQuery| query.data.and_then(|data| data.parse::<Button>().ok()))
        .branch(case![Button::Page(before)].endpoint(turn_page))
        .branch(case![Button::Client(client)].endpoint(open))
}

/// Shows the newest clients.
pub(super) async fn show_first(reply: Reply, deps: Deps, talk: Talk<Step>) -> Result<(), BotError> {
    talk.exit();
    turn_page(reply, deps, None).await
}

/// Shows the clients made before `before`, newest first.
async fn turn_page(reply: Reply, deps: Deps, before: Option<ClientId>) -> Result<(), BotError> {
    let (total, mut page) = deps.store.read(|snap| {
        Ok::<_, StoreError>((clients::count(snap)?, clients::list(snap, before, PAGE + 1)?))
    })?;
    if total == 0 {
        return reply.say(texts::NO_CLIENTS).await;
    }
    let more = page.len() > PAGE;
    page.truncate(PAGE);
    let zone = &deps.config.server.timezone;
    let next = page.last().filter(|_| more).map(|last| Button::Page(Some(last.id)));
    let rows = page.iter().map(|it| button(texts::client_button(it, zone), Button::Client(it.id)));
    let first = before.map(|_| button(texts::BACK, Button::Page(None)));
    let turn = next.map(|next| button(texts::NEXT, next));
    reply.show(texts::clients(total), column(rows.chain(turn).chain(first))).await
}

/// Shows one client.
async fn open(reply: Reply, deps: Deps, client: ClientId) -> Result<(), BotError> {
    match deps.store.read(|snap| clients::get(snap, client))? {
        Some(client) => show(&reply, &deps, &client, None).await,
        None => reply.say(texts::CLIENT_GONE).await,
    }
}

/// Shows a client as it is now, under a line that says what has just been done.
pub(super) async fn show(
    reply: &Reply,
    deps: &Deps,
    client: &Client,
    done: Option<&str>,
) -> Result<(), BotError> {
    let card = texts::card(client, deps.clock.now(), &deps.config.server.timezone);
    let words = done.map_or_else(|| card.clone(), |done| format!("{done}\n\n{card}"));
    reply.show(words, buttons(client)).await
}

fn buttons(client: &Client) -> InlineKeyboardMarkup {
    let pay = button(texts::TAKE_PAYMENT, Button::Pay(client.id));
    let back = button(texts::BACK, Button::Page(None));
    column([pay].into_iter().chain(life_buttons(client)).chain([back]))
}
