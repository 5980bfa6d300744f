//! What has been: a client's payments, and the audit log.

use teloxide::types::InlineKeyboardButton;

use super::{Button, Desk};
use crate::bots::BotError;
use crate::bots::reply::{button, grid};
use crate::domain::ids::ClientId;
use crate::store::audit::{self, Entry};
use crate::store::payments;
use crate::texts::Words;
use crate::texts::master::{self as texts, LogLine};
use crate::texts::words::say;

/// How many payments, or lines of the log, a page holds.
const PAGE: usize = 10;

/// Shows a page of the client's payments, newest first.
pub(super) async fn payments_of(desk: Desk, client: ClientId, page: u16) -> Result<(), BotError> {
    let Some(client) = desk.client(client).await? else { return Ok(()) };
    let words = desk.words();
    let all = desk.deps.store.read(|snap| payments::of_client(snap, client.id))?;
    let pages = all.len().div_ceil(PAGE).max(1);
    let page = usize::from(page).min(pages - 1);
    let shown: Vec<_> = all.iter().skip(page * PAGE).take(PAGE).cloned().collect();
    let text = texts::payments(words, &client, (page, pages), (&shown, all.len()), desk.zone());
    let to = |page: usize| Button::Payments(client.id, u16::try_from(page).unwrap_or(u16::MAX));
    let newer = (page > 0).then(|| newer(words, to(page.saturating_sub(1))));
    let older = (page + 1 < pages).then(|| older(words, to(page + 1)));
    let back = button(say!(words, "master-button-back-to-client"), Button::Client(client.id));
    let turn = newer.into_iter().chain(older).collect();
    desk.reply.show(text, grid([turn, vec![back]])).await
}

/// Shows the client's lines of the audit log, newest first.
pub(super) async fn log_of(
    desk: Desk,
    client: ClientId,
    before: Option<u64>,
) -> Result<(), BotError> {
    let Some(client) = desk.client(client).await? else { return Ok(()) };
    let words = desk.words();
    let lines = desk.deps.store.read(|snap| audit::of_client(snap, client.id, before, PAGE + 1))?;
    let heading = say!(words, "master-log", company = client.company.as_str());
    let back = button(say!(words, "master-button-back-to-client"), Button::Client(client.id));
    let first = before.map(|_| Button::Log(client.id, None));
    let next = |number| Button::Log(client.id, Some(number));
    show_log(&desk, &heading, lines, (first, &next), Some(back)).await
}

/// Shows the whole audit log, newest first.
pub(super) async fn audit(desk: Desk, before: Option<u64>) -> Result<(), BotError> {
    let lines = desk.deps.store.read(|snap| audit::list(snap, before, PAGE + 1))?;
    let heading = say!(desk.words(), "master-audit");
    let first = before.map(|_| Button::Audit(None));
    let next = |number| Button::Audit(Some(number));
    show_log(&desk, &heading, lines, (first, &next), None).await
}

async fn show_log(
    desk: &Desk,
    heading: &str,
    mut lines: Vec<(u64, Entry)>,
    (first, next): (Option<Button>, &(dyn Fn(u64) -> Button + Sync)),
    back: Option<InlineKeyboardButton>,
) -> Result<(), BotError> {
    let words = desk.words();
    let more = lines.len() > PAGE;
    lines.truncate(PAGE);
    let next = lines.last().filter(|_| more).map(|(number, _)| older(words, next(*number)));
    let first = first.map(|first| newer(words, first));
    let lines: Vec<_> = lines.into_iter().map(|(_, entry)| line(entry)).collect();
    let text = texts::log(words, heading, &lines, desk.zone());
    let turn = first.into_iter().chain(next).collect();
    desk.reply.show(text, grid([turn, back.into_iter().collect()])).await
}

fn line(entry: Entry) -> LogLine {
    let Entry { at, actor, action, detail, .. } = entry;
    let detail = detail.chars().take(200).collect();
    LogLine { at, actor, action, detail }
}

fn newer(words: Words, to: Button) -> InlineKeyboardButton {
    button(say!(words, "master-button-newer"), to)
}

fn older(words: Words, to: Button) -> InlineKeyboardButton {
    button(say!(words, "master-button-older"), to)
}
