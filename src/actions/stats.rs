//! What an operator wants to see at a glance: clients, money, orders and jobs in numbers.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::deps::Deps;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::money::Money;
use crate::domain::order::OrderState;
use crate::domain::payment::{Payment, PaymentState};
use crate::store::queue::{self, Overview};
use crate::store::{Read, StoreError, clients, orders, payments};

/// The lengths of the windows that revenue is told for, in days up to now.
pub const WINDOWS: [u16; 3] = [1, 7, 30];

/// The business in numbers, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// How many clients there are, by the state of their subscription.
    pub clients: BTreeMap<&'static str, u64>,
    /// Clients whose bot was reported healthy.
    pub bots_running: u64,
    /// Clients whose bot could not be started.
    pub bots_failed: u64,
    /// Clients whose bot is kept from Telegram.
    pub bots_with_problem: u64,
    /// Orders that wait for their buyer.
    pub orders_open: u64,
    /// Payments that wait for a person.
    pub payments_in_attention: u64,
    /// What was taken in each of [`WINDOWS`].
    pub windows: [Revenue; WINDOWS.len()],
    /// What was taken since the first payment.
    pub all_time: Revenue,
    /// The queue.
    pub jobs: Overview,
}

/// Money of payments that granted time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revenue {
    /// How many payments.
    pub payments: u64,
    /// What was paid.
    pub received: Money,
    /// What of it was given back since, whenever that was.
    pub refunded: Money,
}

/// Counts. Reads every client, order, payment and job, on a thread where that may take its time.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub async fn stats(deps: &Deps) -> Result<Stats, StoreError> {
    let now = deps.clock.now();
    deps.store.scan(move |snap| count(snap, now)).await
}

fn count(snap: &impl Read, now: Timestamp) -> Result<Stats, StoreError> {
    let mut stats = Stats { jobs: queue::overview(snap, now)?, ..Stats::default() };
    for client in clients::walk(snap, None) {
        stats.add_client(&client?);
    }
    for order in orders::walk(snap, None) {
        stats.orders_open += u64::from(order?.state == OrderState::Open);
    }
    for payment in payments::walk(snap, None) {
        stats.add_payment(&payment?, now);
    }
    Ok(stats)
}

impl Stats {
    fn add_client(&mut self, client: &Client) {
        *self.clients.entry(client.subscription.name()).or_default() += 1;
        self.bots_running += u64::from(client.runtime == RuntimeState::Running);
        self.bots_failed += u64::from(client.runtime == RuntimeState::Failed);
        self.bots_with_problem += u64::from(client.problem.is_some());
    }

    fn add_payment(&mut self, payment: &Payment, now: Timestamp) {
        if let PaymentState::Attention(_) = payment.state {
            self.payments_in_attention += 1;
            return;
        }
        self.all_time.add(payment);
        for (days, window) in WINDOWS.into_iter().zip(&mut self.windows) {
            let length = SignedDuration::from_hours(i64::from(days) * 24);
            if now.duration_since(payment.settled_at) < length {
                window.add(payment);
            }
        }
    }
}

impl Revenue {
    fn add(&mut self, payment: &Payment) {
        self.payments += 1;
        self.received = self.received.plus(payment.amount);
        self.refunded = self.refunded.plus(payment.refunded);
    }

    /// Returns what was kept.
    pub fn net(&self) -> Money {
        self.received.minus(self.refunded)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::domain::order::Attention;
    use crate::domain::payment::Source;
    use crate::domain::plan::Days;
    use crate::testing::Host;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn clients_and_money_are_counted_once_each() {
        let host = Host::new("http://127.0.0.1:1", Path::new("/bin/false"), Duration::ZERO);
        let deps = &host.deps;
        host.add_client(1, 5001, "700001:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8").await;
        let now = deps.clock.now();
        let rows = [
            ("a", 0, "100.00", "0.00", PaymentState::Settled),
            ("b", 23, "50.00", "50.00", PaymentState::Refunded),
            ("c", 24, "10.00", "2.50", PaymentState::Settled),
            ("d", 24 * 8, "5.00", "0.00", PaymentState::Settled),
            ("e", 24 * 31, "1.00", "0.00", PaymentState::Settled),
            ("f", 1, "999.00", "0.00", PaymentState::Attention(Attention::PaidTwice)),
        ];
        for (id, hours, amount, refunded, state) in rows {
            let payment = Payment {
                id: id.parse().unwrap(),
                source: Source::Manual,
                order: None,
                client: None,
                amount: money(amount),
                refunded: money(refunded),
                days: Days::new(30).unwrap(),
                state,
                settled_at: now - SignedDuration::from_hours(hours),
            };
            deps.store.write(move |txn| payments::put(txn, &payment)).await.unwrap();
        }
        let counted = deps.store.scan(move |snap| count(snap, now)).await.unwrap();
        let told = |it: &Revenue| (it.payments, it.received.to_string(), it.net().to_string());
        let expected =
            |payments, received: &str, net: &str| (payments, received.to_owned(), net.to_owned());
        assert_eq!(told(&counted.windows[0]), expected(2, "150.00", "100.00"));
        assert_eq!(told(&counted.windows[1]), expected(3, "160.00", "107.50"));
        assert_eq!(told(&counted.windows[2]), expected(4, "165.00", "112.50"));
        assert_eq!(told(&counted.all_time), expected(5, "166.00", "113.50"));
        assert_eq!(counted.clients, BTreeMap::from([("active", 1)]));
        assert_eq!((counted.payments_in_attention, counted.bots_running), (1, 0));
    }
}
