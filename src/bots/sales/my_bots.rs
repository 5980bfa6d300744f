//! An owner's bots: a list, a card of each with its next step, and its payments.

use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};

use super::button::Button;
use super::counter::Counter;
use super::order::ordered_for;
use super::tour::Stop;
use crate::actions::show_figures::kept;
use crate::bots::BotError;
use crate::bots::reply::{button, column, grid};
use crate::domain::client::{BotProblem, Client};
use crate::domain::ids::{ClientId, UserId};
use crate::domain::order::Order;
use crate::domain::subscription::{Fate, Subscription};
use crate::store::{Read, StoreError, clients, orders, payments};
use crate::texts::sales as texts;
use crate::texts::words::say;

/// How many bots, or payments, a page holds.
const PAGE: usize = 10;

/// All that an owner has here.
struct Belongings {
    /// The bots, newest first; one about to be deleted for ever is not among them.
    bots: Vec<Client>,
    /// What is paid for and waits for its bot.
    waiting: Vec<Order>,
    /// What waits for payment.
    open: Vec<Order>,
}

impl Belongings {
    fn of(txn: &impl Read, owner: UserId) -> Result<Self, StoreError> {
        let mut bots = clients::by_owner(txn, owner)?;
        bots.retain(|client| {
            !matches!(client.subscription, Subscription::Cancelled { data: Fate::Doomed, .. })
        });
        bots.reverse();
        let (waiting, open) = (orders::without_bot_of(txn, owner)?, orders::open_of(txn, owner)?);
        Ok(Self { bots, waiting, open })
    }

    /// Returns the only thing there is, if it is a bot.
    fn only(&self) -> Option<&Client> {
        match (&self.bots[..], &self.waiting[..], &self.open[..]) {
            ([only], [], []) => Some(only),
            _ => None,
        }
    }
}

/// Shows the person's only bot, or the list of several.
pub(super) async fn overview(counter: Counter) -> Result<(), BotError> {
    let all = counter.deps.store.read(|snap| Belongings::of(snap, counter.person()))?;
    if let Some(only) = all.only() {
        return show_card(&counter, only, None).await;
    }
    show_list(&counter, &all, 0).await
}

/// Shows a page of the person's bots.
pub(super) async fn show_page(counter: Counter, page: u16) -> Result<(), BotError> {
    let all = counter.deps.store.read(|snap| Belongings::of(snap, counter.person()))?;
    show_list(&counter, &all, usize::from(page)).await
}

async fn show_list(counter: &Counter, all: &Belongings, page: usize) -> Result<(), BotError> {
    let words = counter.words();
    if all.bots.is_empty() && all.waiting.is_empty() && all.open.is_empty() {
        return nothing(counter).await;
    }
    let mut lines = vec![say!(words, "sales-bots")];
    let mut rows = Vec::new();
    if page == 0 {
        for order in &all.waiting {
            lines.push(texts::waits_line(words, order));
            let label = texts::connect_button(words, order);
            rows.push(vec![button(label, Button::Connect(order.id))]);
        }
        for order in &all.open {
            let of = ordered_for(counter, order)?;
            lines.push(texts::order_line(words, order, &of, counter.zone()));
            let label = texts::order_button(words, order, &of);
            rows.push(vec![button(label, Button::Order(order.id))]);
        }
    }
    let (shown, turn) = leaf(counter, &all.bots, page, Button::Bots);
    for client in shown {
        lines.push(texts::bots_line(words, client, counter.zone()));
        rows.push(vec![button(texts::bot_button(words, client), Button::Bot(client.id))]);
    }
    rows.push(turn);
    counter.reply.show(lines.join("\n\n"), grid(rows)).await
}

async fn nothing(counter: &Counter) -> Result<(), BotError> {
    let words = counter.words();
    let tour = button(say!(words, "sales-menu-tour"), Button::Tour(Stop::Services));
    let trial = counter.deps.config.billing.trial_days;
    let trial = trial.map(|_| button(say!(words, "sales-menu-try"), Button::Try));
    let buy = button(say!(words, "sales-menu-buy"), Button::Plans);
    let buttons = [tour].into_iter().chain(trial).chain([buy]);
    counter.reply.show(say!(words, "sales-no-bots"), column(buttons)).await
}

/// Shows one bot.
pub(super) async fn show_bot(counter: Counter, client: ClientId) -> Result<(), BotError> {
    let Some(client) = counter.client(client).await? else { return Ok(()) };
    let all = counter.deps.store.read(|snap| Belongings::of(snap, counter.person()))?;
    let back = all
        .only()
        .is_none()
        .then(|| button(say!(counter.words(), "sales-button-bots"), Button::Bots(0)));
    show_card(&counter, &client, back).await
}

async fn show_card(
    counter: &Counter,
    client: &Client,
    back: Option<InlineKeyboardButton>,
) -> Result<(), BotError> {
    let words = counter.words();
    let paid = counter.deps.store.read(|snap| payments::of_client(snap, client.id))?;
    let plans = &counter.deps.config.plans;
    let plan = client.plan.as_ref().and_then(|id| plans.get(id)).map(|plan| plan.name.as_str());
    let money = texts::card_money(words, plan, (paid.len(), kept(&paid)));
    let card = texts::card(words, client, counter.at());
    let text = if money.is_empty() { card } else { format!("{card}\n\n{money}") };
    counter.reply.show(text, card_buttons(counter, client, back)).await
}

/// Returns what can be done about a bot; what is most needed stands first.
fn card_buttons(
    counter: &Counter,
    client: &Client,
    back: Option<InlineKeyboardButton>,
) -> InlineKeyboardMarkup {
    let (words, id) = (counter.words(), client.id);
    let renew = button(say!(words, "sales-button-renew"), Button::Renew(id));
    let paid = button(say!(words, "sales-button-payments"), Button::Payments(id, 0));
    let token = button(say!(words, "sales-button-token"), Button::Token(id));
    let open = format!("https://t.me/{}", client.bot.username).parse().ok();
    let open = open.map(|url| InlineKeyboardButton::url(say!(words, "sales-button-open"), url));
    let open: Vec<_> = open.into_iter().collect();
    let back = back.into_iter().collect();
    match client.problem {
        Some(BotProblem::TokenRevoked | BotProblem::Conflict) => {
            grid([vec![token], vec![renew, paid], open, back])
        }
        Some(BotProblem::OwnerUnreachable) => grid([open, vec![renew, paid], vec![token], back]),
        None => grid([vec![renew, paid], vec![token], open, back]),
    }
}

/// Shows a page of a bot's payments, newest first.
pub(super) async fn payments_of(
    counter: Counter,
    client: ClientId,
    page: u16,
) -> Result<(), BotError> {
    let Some(client) = counter.client(client).await? else { return Ok(()) };
    let words = counter.words();
    let all = counter.deps.store.read(|snap| payments::of_client(snap, client.id))?;
    let to = |page| Button::Payments(client.id, page);
    let (shown, turn) = leaf(&counter, &all, usize::from(page), to);
    let text = texts::payments(words, &client, shown, counter.zone());
    let back = button(say!(words, "sales-button-back"), Button::Bot(client.id));
    counter.reply.show(text, grid([turn, vec![back]])).await
}

/// Returns a page of `all`, and the buttons that turn it.
fn leaf<'a, T>(
    counter: &Counter,
    all: &'a [T],
    page: usize,
    to: impl Fn(u16) -> Button,
) -> (&'a [T], Vec<InlineKeyboardButton>) {
    let words = counter.words();
    let pages = all.chunks(PAGE).len().max(1);
    let page = page.min(pages - 1);
    let shown = all.chunks(PAGE).nth(page).unwrap_or_default();
    let to = |page: usize| to(u16::try_from(page).unwrap_or(u16::MAX));
    let newer = page.checked_sub(1).map(|it| button(say!(words, "sales-button-newer"), to(it)));
    let older = (page + 1 < pages).then(|| button(say!(words, "sales-button-older"), to(page + 1)));
    (shown, newer.into_iter().chain(older).collect())
}
