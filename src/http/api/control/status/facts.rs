//! What the database says of the whole, read in a time that does not grow with the years.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::domain::backup::Record;
use crate::domain::client::{BotProblem, Client, RuntimeState};
use crate::domain::home::{Home, Place};
use crate::domain::money::Money;
use crate::domain::payment::{Payment, PaymentState};
use crate::domain::subscription::Service;
use crate::http::api::view::{ClientState, RuntimeWord};
use crate::store::queue::{self, JobState, Overview};
use crate::store::{
    Read, StoreError, certificates, clients, homes, host_backups, orders, payments,
};

/// How many dead jobs are listed.
const LISTED: usize = 10;
const A_MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What the database says.
pub(super) struct Facts {
    pub(super) clients: Clients,
    pub(super) overview: Overview,
    pub(super) dead: Vec<queue::JobRecord>,
    pub(super) today: Money,
    pub(super) month: Money,
    pub(super) orders: Orders,
    pub(super) attention: Vec<Payment>,
    pub(super) backup: Record,
    /// Why the authority gave no certificate at the last attempt, in its words.
    pub(super) no_certificate: Option<String>,
}

#[derive(Default, Serialize)]
pub(super) struct Clients {
    pub(super) total: u64,
    pub(super) by_state: BTreeMap<ClientState, u64>,
    pub(super) by_runtime: BTreeMap<RuntimeWord, u64>,
    pub(super) ill: Vec<Ill>,
    /// Those that are served and have data elsewhere than their bots run.
    pub(super) moving: Vec<Moving>,
}

/// A client whose bot does not do what it should.
#[derive(Serialize)]
pub(super) struct Ill {
    pub(super) client_id: String,
    pub(super) company_name: String,
    pub(super) bot_username: String,
    pub(super) reason: &'static str,
}

/// A client that waits to be moved to where bots run, or whose move is not finished.
#[derive(Serialize)]
pub(super) struct Moving {
    pub(super) client_id: String,
    pub(super) bot_username: String,
    /// Where its data, or what is left of it, is: `process` or `container`.
    pub(super) from: &'static str,
    /// Whether the data has moved, and only what it left is still there.
    pub(super) moved: bool,
}

#[derive(Default, Serialize)]
pub(super) struct Orders {
    pub(super) open: u64,
    pub(super) attention: u64,
}

impl Facts {
    /// Reads every client, the jobs that are not done, the orders that are open, and of the payments
    /// those of the last month and those that wait: what is long past costs nothing.
    pub(super) fn read(
        snap: &impl Read,
        now: Timestamp,
        zone: &TimeZone,
        here: Place,
    ) -> Result<Self, StoreError> {
        let overview = queue::overview(snap, now)?;
        let dead = queue::in_state(snap, JobState::Dead, LISTED, now)?;
        let (today, month) = money(snap, now, zone)?;
        let attention = payments::held(snap)?;
        let (clients, orders) = (count_clients(snap, here)?, count_orders(snap, &attention)?);
        let backup = host_backups::get(snap)?;
        let no_certificate = certificates::trouble(snap)?.map(|it| it.words);
        Ok(Self {
            clients,
            overview,
            dead,
            today,
            month,
            orders,
            attention,
            backup,
            no_certificate,
        })
    }
}

/// Returns what came in since midnight and in a month, less what was given back.
fn money(snap: &impl Read, now: Timestamp, zone: &TimeZone) -> Result<(Money, Money), StoreError> {
    let midnight = now.to_zoned(zone.clone()).start_of_day().map_or(now, |day| day.timestamp());
    let (mut today, mut month) = (Money::ZERO, Money::ZERO);
    let from = now.saturating_sub(A_MONTH).unwrap_or(now);
    for payment in payments::between(snap, from, Timestamp::MAX)? {
        if matches!(payment.state, PaymentState::Attention(_)) {
            continue;
        }
        let kept = payment.amount.minus(payment.refunded);
        month = month.plus(kept);
        if payment.settled_at >= midnight {
            today = today.plus(kept);
        }
    }
    Ok((today, month))
}

fn count_clients(snap: &impl Read, here: Place) -> Result<Clients, StoreError> {
    let mut clients = Clients::default();
    clients::each(snap, |client| clients.add(client))?;
    for (id, home) in homes::not_settled(snap, here)? {
        let client = clients::get(snap, id)?;
        clients.moving.extend(client.and_then(|client| moving(&client, home, here)));
    }
    Ok(clients)
}

/// Tells of a client that should be served and is not settled; another moves when it comes back.
fn moving(client: &Client, home: Home, here: Place) -> Option<Moving> {
    let moved = home.place == here && !home.is_leaving;
    (client.subscription.service() != Service::None).then(|| Moving {
        client_id: client.id.to_string(),
        bot_username: client.bot.username.to_string(),
        from: if moved { Place::Container.name() } else { home.place.name() },
        moved,
    })
}

impl Clients {
    fn add(&mut self, client: &Client) {
        self.total += 1;
        *self.by_state.entry(client.subscription.into()).or_default() += 1;
        *self.by_runtime.entry(client.runtime.into()).or_default() += 1;
        if let Some(reason) = illness(client) {
            self.ill.push(Ill {
                client_id: client.id.to_string(),
                company_name: client.company.to_string(),
                bot_username: client.bot.username.to_string(),
                reason,
            });
        }
    }
}

/// Tells what keeps the bot of a client that should be served from it.
fn illness(client: &Client) -> Option<&'static str> {
    if client.subscription.service() == Service::None {
        return None;
    }
    match (client.problem, client.runtime) {
        (Some(BotProblem::TokenRevoked), _) => Some("token_revoked"),
        (Some(BotProblem::Conflict), _) => Some("conflict"),
        (_, RuntimeState::Failed) => Some("not_started"),
        // The owner may like it so; nothing is broken.
        (Some(BotProblem::OwnerUnreachable) | None, _) => None,
    }
}

/// An order needs a person as long as a payment of it waits for one.
fn count_orders(snap: &impl Read, attention: &[Payment]) -> Result<Orders, StoreError> {
    let held: BTreeSet<_> = attention.iter().filter_map(|payment| payment.order).collect();
    Ok(Orders { open: orders::open(snap)?.len() as u64, attention: held.len() as u64 })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::domain::ids::OrderId;
    use crate::domain::order::Attention;
    use crate::domain::payment::Source;
    use crate::domain::plan::Days;
    use crate::testing::Host;

    const TOKEN: &str = "700001:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";

    fn payment(id: &str, settled_at: Timestamp, state: PaymentState) -> Payment {
        Payment {
            id: id.parse().unwrap(),
            source: Source::YooKassa,
            order: Some(OrderId::from_bits(7)),
            client: None,
            amount: "299.00".parse().unwrap(),
            refunded: Money::ZERO,
            days: Days::new(30).unwrap(),
            state,
            settled_at,
        }
    }

    #[tokio::test]
    async fn what_is_recent_is_summed_and_what_waits_is_listed_however_old() {
        let host = Host::new("http://127.0.0.1:1", Path::new("/bin/false"), Duration::ZERO);
        let deps = &host.deps;
        let id = host.add_client(1, 5001, TOKEN).await;
        host.change(id, |client| client.runtime = RuntimeState::Failed).await;
        let leaves = Home { is_leaving: true, ..Home::CONTAINER };
        deps.store.write(move |txn| homes::put(txn, id, leaves)).await.unwrap();
        let noon: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let days_ago = move |days: i64| noon - SignedDuration::from_hours(24 * days);
        let waits = PaymentState::Attention(Attention::PaidTwice);
        let write = deps.store.write::<_, StoreError>(move |txn| {
            for (id, days, state) in [
                ("today", 0, PaymentState::Settled),
                ("yesterday", 1, PaymentState::Settled),
                ("month", 29, PaymentState::Refunded),
                ("long-past", 31, PaymentState::Settled),
                ("waits", 400, waits),
                ("waits-too", 2, waits),
            ] {
                let mut payment = payment(id, days_ago(days), state);
                if state == PaymentState::Refunded {
                    payment.refunded = "99.00".parse().unwrap();
                }
                payments::put(txn, &payment)?;
            }
            Ok(())
        });
        write.await.unwrap();
        let zone = TimeZone::get("Europe/Moscow").unwrap();
        let facts = deps.store.read(|snap| Facts::read(snap, noon, &zone, Place::Process)).unwrap();
        let sums = (facts.today.to_string(), facts.month.to_string());
        assert_eq!(sums, ("299.00".to_owned(), "798.00".to_owned()));
        let waiting: Vec<_> = facts.attention.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(waiting, ["waits", "waits-too"]);
        // Both are of one order.
        assert_eq!((facts.orders.open, facts.orders.attention), (0, 1));
        assert_eq!((facts.clients.total, facts.clients.ill.len()), (1, 1));
        let moving = |here| {
            let facts = deps.store.read(|snap| Facts::read(snap, noon, &zone, here)).unwrap();
            facts.clients.moving.iter().map(|it| (it.from, it.moved)).collect::<Vec<_>>()
        };
        // It still stands in the container that was to give its data away.
        assert_eq!(moving(Place::Process), [("container", false)]);
        assert_eq!(moving(Place::Container), [("container", false)]);
        let note = async |home| deps.store.write(move |txn| homes::put(txn, id, home)).await;
        note(Home::CONTAINER).await.unwrap();
        assert_eq!(moving(Place::Container), []);
        note(Home { has_container: true, ..Home::PROCESS }).await.unwrap();
        assert_eq!(moving(Place::Process), [("container", true)]);
        assert_eq!(moving(Place::Container), [("process", false)]);
        note(Home::PROCESS).await.unwrap();
        assert_eq!(moving(Place::Process), []);
    }
}
