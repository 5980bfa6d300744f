//! What people were promised to hear, against what they have heard.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::ensure;
use slotbox::domain::client::Client;
use slotbox::domain::order::{Order, OrderState};
use slotbox::domain::payment::{Payment, PaymentState};
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
    /// How often what was heard again, by its first words.
    again: BTreeMap<String, usize>,
    /// What was promised and not heard.
    missing: Vec<String>,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (promised, more) = (self.promised, self.heard.saturating_sub(self.promised));
        write!(f, "{promised} notices, {more} of them again, {} apologies", self.apologies)?;
        self.again.iter().try_for_each(|(words, times)| write!(f, "\n  again {times} x {words}"))
    }
}

/// Where something is heard: a bot's name and a person.
type Place = (String, i64);

/// Checks that every promise was kept, and not much more often than once.
pub fn check(world: &World, books: &Books) -> anyhow::Result<Count> {
    let said = Said::of(world);
    let mut count = Count::default();
    for ((place, words), times) in Promises::of(books).0 {
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
        if let Some(more) = heard.checked_sub(times).filter(|more| *more > 0) {
            let first = words.split([':', '@', '_']).next().unwrap_or_default().to_owned();
            *self.again.entry(first).or_default() += more;
        }
        if heard < times {
            self.missing.push(format!("@{bot} to {person}: {words:?}, {heard} of {times}"));
        }
    }
}

/// Who must have heard what, and how often at least.
#[derive(Default)]
struct Promises(BTreeMap<(Place, String), usize>);

impl Promises {
    fn of(books: &Books) -> Self {
        let mut all = Self::default();
        books.orders.iter().for_each(|order| all.of_order(order));
        books.payments.iter().for_each(|payment| all.of_payment(books, payment));
        books.clients.iter().for_each(|client| all.of_client(books, client));
        all
    }

    fn add(&mut self, bot: &str, person: i64, words: &str) {
        *self.0.entry(((bot.to_owned(), person), words.to_owned())).or_default() += 1;
    }

    fn of_order(&mut self, order: &Order) {
        let buyer = order.buyer.get();
        match order.state {
            OrderState::Paid => {
                self.add(MASTER, OPERATOR, &format!("🧾 Заказ: {}", order.id));
                self.add(SALES, buyer, "Оплата получена:");
            }
            OrderState::Canceled => self.add(SALES, buyer, "Платёж отменён"),
            OrderState::Expired => self.add(SALES, buyer, "Время на оплату вышло"),
            OrderState::Open | OrderState::Attention(_) => {}
        }
    }

    fn of_payment(&mut self, books: &Books, payment: &Payment) {
        let order = books.orders.iter().find(|order| Some(order.id) == payment.order);
        match (payment.state, order) {
            (PaymentState::Attention(_), _) => {
                self.add(MASTER, OPERATOR, &format!("💳 Платёж: {}", payment.id));
            }
            (PaymentState::Refunded, Some(order)) => {
                self.add(SALES, order.buyer.get(), "↩️ Возврат:");
            }
            (PaymentState::Refunded, None)
            | (PaymentState::Settled | PaymentState::Dismissed(_), _) => {}
        }
    }

    fn of_client(&mut self, books: &Books, client: &Client) {
        let (bot, owner) = (client.bot.username.as_str(), client.owner.get());
        self.add(MASTER, OPERATOR, &format!("🆔 {}", client.id));
        self.add(SALES, owner, &format!("Ваш бот @{bot} готов!"));
        for booking in books.bookings.get(bot).into_iter().flatten() {
            let customer = booking.customer.id.get();
            self.add(bot, owner, "🆕 Новая запись");
            // A day before, and on the day.
            self.add(bot, customer, "Напоминаем: завтра");
            self.add(bot, customer, "Напоминаем: сегодня");
        }
    }
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
