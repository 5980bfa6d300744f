//! Orders and payments as operators look at them: what waits for a word of theirs, what is paid for
//! and does not run, and what can still be paid.

use super::clients::client_button;
use super::{Button, Desk};
use crate::actions::decide::natural_target;
use crate::bots::BotError;
use crate::bots::reply::{button, column, grid};
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::PaymentId;
use crate::domain::order::{Order, Subject};
use crate::domain::payment::PaymentState;
use crate::domain::subscription::Subscription;
use crate::store::{Read, StoreError, clients, orders, payments};
use crate::texts::master as texts;
use crate::texts::words::say;

/// How many payments, clients or orders are shown at once.
const SHOWN: usize = 10;

/// Shows how many there are of each.
pub(super) async fn overview(desk: Desk) -> Result<(), BotError> {
    let words = desk.words();
    let (held, open) = desk.deps.store.read(|snap| {
        Ok::<_, StoreError>((payments::held(snap)?.len(), orders::open(snap)?.len()))
    })?;
    let without_bot = desk.deps.store.read(|snap| orders::without_bot(snap))?.len();
    let undelivered = undelivered_clients(&desk).await?.len() + without_bot;
    let rows = [
        button(say!(words, "master-button-held", count = held), Button::Held),
        button(say!(words, "master-button-undelivered", count = undelivered), Button::Undelivered),
        button(say!(words, "master-button-open-orders", count = open), Button::OpenOrders),
    ];
    desk.reply.show(say!(words, "master-orders"), column(rows)).await
}

/// Shows the payments that wait for a decision, the oldest first.
pub(super) async fn held(desk: Desk) -> Result<(), BotError> {
    let words = desk.words();
    let held = desk.deps.store.read(|snap| payments::held(snap))?;
    let text = if held.is_empty() {
        say!(words, "master-held-none")
    } else {
        say!(words, "master-held", count = held.len())
    };
    let rows = held.iter().take(SHOWN).filter_map(|payment| {
        let PaymentState::Attention(why) = payment.state else { return None };
        let label = texts::held_button(words, payment, why, desk.zone());
        Some(button(label, Button::HeldOne(payment.id.clone())))
    });
    let back = button(say!(words, "master-button-to-orders"), Button::Orders);
    desk.reply.show(text, column(rows.chain([back]))).await
}

/// Shows one payment that waits, with what can be decided.
pub(super) async fn held_one(desk: Desk, id: &PaymentId) -> Result<(), BotError> {
    let (words, now) = (desk.words(), desk.now());
    let found = desk.deps.store.read(|snap| {
        let Some(payment) = payments::get(snap, id)? else { return Ok(None) };
        let order = payment.order.map(|id| orders::get(snap, id)).transpose()?.flatten();
        let order = order.map(|order| Ok::<_, StoreError>((company(snap, &order)?, order)));
        let natural = natural_target(snap, &payment, now)?.is_some();
        Ok::<_, StoreError>(Some((payment, order.transpose()?, natural)))
    })?;
    let Some((payment, order, natural)) = found else {
        return desk.say(say!(words, "master-no-payment")).await;
    };
    let PaymentState::Attention(why) = payment.state else {
        return desk.say(say!(words, "master-decided")).await;
    };
    let order = order.as_ref().map(|(company, order)| (order, company.as_str()));
    let text = texts::held_one(words, &payment, why, order, desk.zone());
    let id = payment.id.clone();
    let grant = natural
        .then(|| button(texts::grant_button(words, payment.days), Button::Grant(id.clone())));
    let other = button(say!(words, "master-button-grant-other"), Button::GrantOther(id.clone()));
    let refund = button(say!(words, "master-button-refund"), Button::Refund(id.clone()));
    let close = button(say!(words, "master-button-dismiss"), Button::Dismiss(id));
    let back = button(say!(words, "master-button-to-orders"), Button::Held);
    desk.reply.show(text, column(grant.into_iter().chain([other, refund, close, back]))).await
}

/// Shows the clients that have paid and are not served.
pub(super) async fn undelivered(desk: Desk) -> Result<(), BotError> {
    let words = desk.words();
    let list = undelivered_clients(&desk).await?;
    let waiting = desk.deps.store.read(|snap| {
        let waiting = orders::without_bot(snap)?;
        let total = waiting.len();
        let named = waiting.into_iter().take(SHOWN);
        let named = named.map(|order| Ok((company(snap, &order)?, order)));
        Ok::<_, StoreError>((named.collect::<Result<Vec<(String, Order)>, StoreError>>()?, total))
    })?;
    let (waiting, total) = waiting;
    let waiting: Vec<_> = waiting.into_iter().map(|(company, order)| (order, company)).collect();
    let text = if list.is_empty() {
        say!(words, "master-undelivered-none")
    } else {
        say!(words, "master-undelivered", count = list.len())
    };
    let text = texts::without_bot(words, text, &waiting, total - waiting.len(), desk.zone());
    let rows = list.iter().take(SHOWN).map(|it| {
        let again = button(say!(words, "master-button-restart"), Button::Restart(it.id));
        vec![client_button(&desk, it, Button::Client(it.id)), again]
    });
    let back = vec![button(say!(words, "master-button-to-orders"), Button::Orders)];
    desk.reply.show(text, grid(rows.chain([back]))).await
}

async fn undelivered_clients(desk: &Desk) -> Result<Vec<Client>, StoreError> {
    let mut all = desk.deps.store.scan(|snap| clients::list(snap, None, usize::MAX)).await?;
    all.retain(|client| {
        let is_paid =
            matches!(client.subscription, Subscription::Active { .. } | Subscription::Grace { .. });
        is_paid && client.runtime != RuntimeState::Running
    });
    Ok(all)
}

/// Shows the orders that can still be paid, newest first.
pub(super) async fn open(desk: Desk) -> Result<(), BotError> {
    let words = desk.words();
    let (shown, total) = desk.deps.store.read(|snap| {
        let open = orders::open(snap)?;
        let total = open.len();
        let named = open.into_iter().take(SHOWN);
        let named = named.map(|order| Ok((company(snap, &order)?, order)));
        let named: Result<Vec<(String, Order)>, StoreError> = named.collect();
        Ok::<_, StoreError>((named?, total))
    })?;
    let shown: Vec<_> = shown.into_iter().map(|(company, order)| (order, company)).collect();
    let text = texts::open_orders(words, &shown, total - shown.len(), desk.zone());
    let back = button(say!(words, "master-button-to-orders"), Button::Orders);
    desk.reply.show(text, column([back])).await
}

/// Names the business that an order is for.
fn company(txn: &impl Read, order: &Order) -> Result<String, StoreError> {
    if let Subject::NewClient { company, .. } | Subject::BotLater { company } = &order.subject {
        return Ok(company.to_string());
    }
    let client = clients::get(txn, order.client)?;
    Ok(client.map_or_else(|| "—".to_owned(), |client| client.company.to_string()))
}
