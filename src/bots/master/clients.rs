//! The clients: a list in pages, a search, and what is known of one.

use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup, Message};

use super::life::life_rows;
use super::{Button, Desk, Step};
use crate::actions::show_figures;
use crate::actions::undo::undoable;
use crate::bots::BotError;
use crate::bots::reply::{button, column, grid};
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::undo::Undoable;
use crate::store::{StoreError, clients, payments};
use crate::texts::master::{self as texts, Known};
use crate::texts::words::say;

/// How many clients a page holds.
const PAGE: usize = 10;
/// More clients than this are not counted in a search.
const MANY: usize = 1000;

/// Shows the clients made before `before`, newest first.
pub(super) async fn turn_page(desk: Desk, before: Option<ClientId>) -> Result<(), BotError> {
    let mut page = desk.deps.store.read(|snap| clients::list(snap, before, PAGE + 1))?;
    let more = page.len() > PAGE;
    page.truncate(PAGE);
    let older = page.last().filter(|_| more).map(|last| last.id);
    let newer = page.first().filter(|_| before.is_some()).map(|first| first.id);
    show_page(&desk, &page, (newer, older)).await
}

/// Shows the clients made after `after`: the page before.
pub(super) async fn turn_back(desk: Desk, after: ClientId) -> Result<(), BotError> {
    let mut page = desk.deps.store.read(|snap| clients::list_newer(snap, after, PAGE + 1))?;
    let more = page.len() > PAGE;
    page.drain(..page.len().saturating_sub(PAGE));
    if !more {
        return turn_page(desk, None).await; // The first page is shown full.
    }
    let (newer, older) = (page.first().map(|it| it.id), page.last().map(|it| it.id));
    show_page(&desk, &page, (newer, older)).await
}

async fn show_page(
    desk: &Desk,
    page: &[Client],
    (newer, older): (Option<ClientId>, Option<ClientId>),
) -> Result<(), BotError> {
    let words = desk.words();
    let total = desk.deps.store.read(|snap| clients::count(snap))?;
    if total == 0 {
        return desk.say(say!(words, "master-no-clients")).await;
    }
    let newer = newer.map(|id| button(say!(words, "master-button-newer"), Button::Newer(id)));
    let older = older.map(|id| button(say!(words, "master-button-older"), Button::Page(Some(id))));
    let search = button(say!(words, "master-button-search"), Button::Search);
    let rows = page.iter().map(|it| vec![client_button(desk, it, Button::Client(it.id))]);
    let turn = newer.into_iter().chain(older).collect();
    let rows = rows.chain([turn, vec![search]]);
    desk.reply.show(say!(words, "master-clients", total = total), grid(rows)).await
}

/// A client to choose.
pub(super) fn client_button(desk: &Desk, client: &Client, data: Button) -> InlineKeyboardButton {
    button(texts::client_button(desk.words(), client, desk.zone()), data)
}

/// Asks who is looked for.
pub(super) async fn ask_search(desk: Desk) -> Result<(), BotError> {
    desk.talk.set(Step::Search);
    desk.say(say!(desk.words(), "master-ask-search")).await
}

pub(super) async fn take_search(desk: Desk, message: &Message) -> Result<(), BotError> {
    match message.text() {
        Some(text) => search(desk, text).await,
        None => desk.say(say!(desk.words(), "master-text-only")).await,
    }
}

/// Shows who was found; one alone is opened at once.
pub(super) async fn search(desk: Desk, text: &str) -> Result<(), BotError> {
    let found = find(&desk, text).await?;
    if let [client] = found.as_slice() {
        desk.talk.exit();
        return show(&desk, client, None).await;
    }
    if !found.is_empty() {
        desk.talk.exit();
    }
    offer(&desk, &found, Button::Client).await
}

/// Offers the first of the clients that were found, or says that there is none.
pub(super) async fn offer(
    desk: &Desk,
    found: &[Client],
    choose: fn(ClientId) -> Button,
) -> Result<(), BotError> {
    let words = desk.words();
    if found.is_empty() {
        return desk.say(say!(words, "master-found-none")).await;
    }
    let shown = &found[..found.len().min(PAGE)];
    let text = if shown.len() < found.len() {
        say!(words, "master-found-more", count = found.len(), shown = shown.len())
    } else {
        say!(words, "master-found", count = found.len())
    };
    let pick = shown.iter().map(|it| client_button(desk, it, choose(it.id)));
    desk.reply.say_with(text, column(pick)).await
}

/// Returns the clients that a person may mean. Who is named by the whole of it, or by number, comes
/// alone: a name that stands in another one can be chosen too.
pub(super) async fn find(desk: &Desk, text: &str) -> Result<Vec<Client>, StoreError> {
    let wanted = text.trim().to_owned();
    let found = desk.deps.store.scan(move |snap| clients::search(snap, &wanted, MANY)).await?;
    let wanted = text.trim().trim_start_matches('@').to_lowercase();
    let is_named = |client: &&Client| {
        client.id.to_string() == wanted
            || client.bot.username.as_str().to_lowercase() == wanted
            || client.company.as_str().to_lowercase() == wanted
            || client.owner.to_string() == wanted
    };
    let named: Vec<_> = found.iter().filter(is_named).cloned().collect();
    Ok(if named.is_empty() { found } else { named })
}

/// Shows one client.
pub(super) async fn open(desk: Desk, client: ClientId) -> Result<(), BotError> {
    match desk.client(client).await? {
        Some(client) => show(&desk, &client, None).await,
        None => Ok(()),
    }
}

/// Shows a client as it is now, under a line that says what has just been done.
pub(super) async fn show(
    desk: &Desk,
    client: &Client,
    done: Option<String>,
) -> Result<(), BotError> {
    let now = desk.now();
    let (paid, undo) = desk.deps.store.read(|snap| {
        Ok::<_, StoreError>((payments::of_client(snap, client.id)?, undoable(snap, client, now)?))
    })?;
    let work = desk.deps.health.work(client.id);
    let known = Known {
        reported: desk.deps.health.last_report(client.id),
        last_update: work.last_update,
        given_up: work.given_up,
        payments: paid.len(),
        sum: show_figures::kept(&paid),
    };
    let card = texts::card(desk.words(), client, known, desk.at());
    let text = done.map_or_else(|| card.clone(), |done| format!("{done}\n\n{card}"));
    desk.reply.show(text, buttons(desk, client, undo.as_ref())).await
}

fn buttons(desk: &Desk, client: &Client, undo: Option<&Undoable>) -> InlineKeyboardMarkup {
    let (words, id) = (desk.words(), client.id);
    let take_back = undo.map(|undo| {
        let act = texts::act(words, undo.act);
        button(say!(words, "master-button-undo", act = act), Button::Undo(id, undo.at))
    });
    let money = vec![
        button(say!(words, "master-button-pay"), Button::Pay(id)),
        button(say!(words, "master-button-give"), Button::Give(id)),
    ];
    let record = vec![
        button(say!(words, "master-button-token"), Button::Token(id)),
        button(say!(words, "master-button-rename"), Button::Rename(id)),
        button(say!(words, "master-button-owner"), Button::Owner(id)),
    ];
    let past = vec![
        button(say!(words, "master-button-payments"), Button::Payments(id, 0)),
        button(say!(words, "master-button-log"), Button::Log(id, None)),
        button(say!(words, "master-button-output"), Button::Output(id)),
    ];
    let back = vec![button(say!(words, "master-button-back"), Button::Page(None))];
    let rows = [take_back.into_iter().collect(), money].into_iter().chain(life_rows(words, client));
    grid(rows.chain([record, past, back]))
}
