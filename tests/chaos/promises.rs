//! What people were promised to hear, against what they have heard.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::ensure;
use slotbox::domain::order::{OrderState, Subject};
use slotbox::domain::payment::PaymentState;
use slotbox::sandbox::telegram::{Speaker, What};

use super::books::Books;
use super::world::{MASTER, OPERATOR, SALES, World};

/// Words that nobody should have heard: nothing was ever wrong with what they are about.
const FALSE_ALARMS: [&str; 7] = [
    "не запустился",
    "Оплачено, но бот не работает",
    "занимает больше времени",
    "отозван",
    "Обновления бота читает другая",
    "читает ещё одна программа",
    "Владелец заблокировал",
];
/// Words of a bot that has given up an update.
const APOLOGIES: [&str; 2] = ["Не получилось выполнить это действие", "что-то пошло не так"];

/// How often each promise was kept.
#[derive(Default)]
pub struct Count {
    promised: usize,
    heard: usize,
    apologies: usize,
    /// What was promised and not heard.
    missing: Vec<String>,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (promised, more) = (self.promised, self.heard.saturating_sub(self.promised));
        write!(f, "{promised} notices, {more} of them again, {} apologies", self.apologies)
    }
}

/// Where something is heard: a bot's name and a person.
type Place = (String, i64);

/// Checks that every promise was kept, and not much more often than once.
pub fn check(world: &World, books: &Books) -> anyhow::Result<Count> {
    let said = Said::of(world);
    let mut count = Count::default();
    for (place, words, times) in promised(books) {
        count.add(&place, &words, times, said.count(&place, &words));
    }
    count.apologies = APOLOGIES.iter().map(|words| said.everywhere(words)).sum();
    ensure!(count.missing.is_empty(), "not heard: {:#?}", count.missing);
    let alarms: Vec<_> = FALSE_ALARMS.iter().filter(|words| said.everywhere(words) > 0).collect();
    ensure!(alarms.is_empty(), "false alarms: {alarms:?}");
    ensure!(count.heard <= 2 * count.promised, "too often: {count}");
    Ok(count)
}

impl Count {
    fn add(&mut self, (bot, person): &Place, words: &str, times: usize, heard: usize) {
        self.promised += times;
        self.heard += heard;
        if heard < times {
            self.missing.push(format!("@{bot} to {person}: {words:?}, {heard} of {times}"));
        }
    }
}

/// Says who must have heard what, and how often at least.
fn promised(books: &Books) -> Vec<(Place, String, usize)> {
    let mut all = Vec::new();
    let mut to = |bot: &str, person: i64, words: String, times: usize| {
        all.push(((bot.to_owned(), person), words, times));
    };
    let mut paid: BTreeMap<i64, usize> = BTreeMap::new();
    let mut refunded: BTreeMap<i64, usize> = BTreeMap::new();
    let mut closed: BTreeMap<(i64, &str), usize> = BTreeMap::new();
    for order in &books.orders {
        let buyer = order.buyer.get();
        match order.state {
            OrderState::Paid => {
                to(MASTER, OPERATOR, format!("🧾 Заказ: {}", order.id), 1);
                *paid.entry(buyer).or_default() += 1;
            }
            OrderState::Canceled => *closed.entry((buyer, "Платёж отменён")).or_default() += 1,
            OrderState::Expired => {
                *closed.entry((buyer, "Время на оплату вышло")).or_default() += 1
            }
            OrderState::Open | OrderState::Attention(_) => {}
        }
        if let (Subject::NewClient { .. }, OrderState::Attention(_)) = (&order.subject, order.state)
        {
            to(MASTER, OPERATOR, "Платёж ждёт вашего решения".to_owned(), 1);
        }
    }
    for payment in &books.payments {
        let order = books.orders.iter().find(|order| Some(order.id) == payment.order);
        if let (PaymentState::Refunded, Some(order)) = (payment.state, order) {
            *refunded.entry(order.buyer.get()).or_default() += 1;
        }
        if matches!(payment.state, PaymentState::Attention(_)) {
            to(MASTER, OPERATOR, format!("💳 Платёж: {}", payment.id), 1);
        }
    }
    for client in &books.clients {
        let (bot, owner) = (client.bot.username.as_str(), client.owner.get());
        to(MASTER, OPERATOR, format!("🆔 {}", client.id), 1);
        to(SALES, owner, format!("Ваш бот @{bot} готов!"), 1);
        for booking in books.bookings.get(bot).into_iter().flatten() {
            to(bot, owner, "🆕 Новая запись".to_owned(), 1);
            to(bot, booking.customer.id.get(), "Напоминаем:".to_owned(), 2);
        }
    }
    for (buyer, times) in paid {
        to(SALES, buyer, "Оплата получена:".to_owned(), times);
    }
    for (buyer, times) in refunded {
        to(SALES, buyer, "↩️ Возврат:".to_owned(), times);
    }
    for ((buyer, words), times) in closed {
        to(SALES, buyer, words.to_owned(), times);
    }
    all
}

/// All that bots have said.
struct Said(Vec<(Place, String)>);

impl Said {
    fn of(world: &World) -> Self {
        let said = world.telegram.log().into_iter().filter_map(|event| match event.what {
            What::Said { by: Speaker::Bot, text, .. } => Some(((event.bot, event.person), text)),
            _ => None,
        });
        Self(said.collect())
    }

    fn count(&self, place: &Place, words: &str) -> usize {
        self.0.iter().filter(|(at, text)| at == place && text.contains(words)).count()
    }

    fn everywhere(&self, words: &str) -> usize {
        self.0.iter().filter(|(_, text)| text.contains(words)).count()
    }
}
