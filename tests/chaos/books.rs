//! The books, read when everything has stopped, against what the shop and the people know.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context, ensure};
use jiff::{SignedDuration, Timestamp};
use slotbox::domain::booking::Booking;
use slotbox::domain::client::{Client, RuntimeState};
use slotbox::domain::order::{Order, OrderState};
use slotbox::domain::payment::{Payment, PaymentState};
use slotbox::sandbox::yookassa::{SimPayment, SimStatus};
use slotbox::store::queue::{self, JobState};
use slotbox::store::{Options, Store, StoreError, bookings, clients, orders, payments, updates};

use super::owner::Story;
use super::world::World;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// All that matters of the databases.
pub struct Books {
    pub clients: Vec<Client>,
    pub orders: Vec<Order>,
    pub payments: Vec<Payment>,
    /// The bookings of each client, by the bot's name.
    pub bookings: BTreeMap<String, Vec<Booking>>,
}

impl fmt::Display for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (clients, orders, payments) =
            (self.clients.len(), self.orders.len(), self.payments.len());
        write!(f, "{clients} clients, {orders} orders, {payments} payments")
    }
}

/// Reads the books and checks that everything paid was granted once.
pub fn check(world: &World, stories: &[Story]) -> anyhow::Result<Books> {
    let books = read(world)?;
    for payment in world.shop.payments() {
        books.check_payment(&payment).with_context(|| format!("{payment:?}"))?;
    }
    for payment in &books.payments {
        let known = world.shop.payment(payment.id.as_str()).context("a payment of nowhere")?;
        ensure!(known.status == SimStatus::Succeeded, "granted without money: {payment:?}");
    }
    ensure!(books.clients.len() == stories.len(), "{} clients", books.clients.len());
    for story in stories {
        books.check_story(story).with_context(|| format!("the client of @{}", story.bot))?;
    }
    Ok(books)
}

impl Books {
    fn check_payment(&self, seen: &SimPayment) -> anyhow::Result<()> {
        let order = self
            .orders
            .iter()
            .find(|it| it.payment.as_ref().is_some_and(|id| id.as_str() == seen.id));
        let order = order.context("no order has this payment")?;
        let record = self.payment(&seen.id);
        match seen.status {
            SimStatus::Succeeded => {
                let record = record.context("paid, and not on record")?;
                ensure!(record.amount == seen.amount && record.refunded == seen.refunded);
                ensure!(record.order == Some(order.id), "of another order");
                match record.state {
                    PaymentState::Settled | PaymentState::Refunded => {
                        ensure!(order.state == OrderState::Paid, "{:?}", order.state);
                        ensure!(record.client == Some(order.client));
                    }
                    PaymentState::Attention(why) => {
                        ensure!(order.state == OrderState::Attention(why), "{:?}", order.state);
                    }
                    PaymentState::Dismissed(_) => {
                        ensure!(order.state != OrderState::Open, "{:?}", order.state);
                    }
                }
            }
            SimStatus::Canceled => {
                ensure!(record.is_none(), "recorded without money");
                let closed = matches!(order.state, OrderState::Canceled | OrderState::Expired);
                ensure!(closed, "the order is {:?}", order.state);
            }
            SimStatus::Pending | SimStatus::WaitingForCapture => {
                ensure!(record.is_none() && order.state == OrderState::Open);
            }
        }
        Ok(())
    }

    fn check_story(&self, story: &Story) -> anyhow::Result<()> {
        let of_bot = self.clients.iter().filter(|it| it.bot.username.as_str() == story.bot);
        let [client] = of_bot.collect::<Vec<_>>()[..] else { anyhow::bail!("not one client") };
        ensure!(client.runtime == RuntimeState::Running, "{:?}", client.runtime);
        ensure!(client.problem.is_none(), "{:?}", client.problem);
        let until = client.subscription.granted_until().context("nothing granted")?;
        let granted = until.duration_since(client.created_at);
        ensure!(
            granted == DAY * i32::try_from(story.days)?,
            "granted {granted} for {} days",
            story.days
        );
        for id in &story.granted {
            let state = self.payment(id).context("no record")?.state;
            let expected = if story.refunded.contains(id) {
                PaymentState::Refunded
            } else {
                PaymentState::Settled
            };
            ensure!(state == expected, "{id} is {state:?}");
        }
        if !story.held.is_empty() {
            let held: Vec<_> = story.held.iter().filter_map(|id| self.payment(id)).collect();
            let waits = |it: &&&Payment| matches!(it.state, PaymentState::Attention(_));
            ensure!(held.len() == 2 && held.iter().filter(waits).count() == 1, "{held:?}");
        }
        let booked = self.bookings.get(&story.bot).context("no bookings")?;
        let by_customer =
            booked.iter().filter(|it| it.customer.id.get() == story.customer.person.0.id());
        ensure!(booked.len() == 1 && by_customer.count() == 1, "{} bookings", booked.len());
        Ok(())
    }

    pub fn payment(&self, id: &str) -> Option<&Payment> {
        self.payments.iter().find(|payment| payment.id.as_str() == id)
    }
}

fn read(world: &World) -> anyhow::Result<Books> {
    let store = open(&world.database())?;
    at_rest(&store, world.clock.clock.now()).context("serve")?;
    let (clients, orders, payments) = store.read(|snap| {
        Ok::<_, StoreError>((
            clients::list(snap, None, usize::MAX)?,
            orders::list(snap, None, usize::MAX)?,
            payments::list(snap, None, usize::MAX)?,
        ))
    })?;
    store.close();
    let mut bookings = BTreeMap::new();
    for client in &clients {
        let file = world.data_dir().join(format!("clients/{}/client.redb", client.id));
        let store = open(&file).with_context(|| file.display().to_string())?;
        at_rest(&store, world.clock.clock.now())
            .with_context(|| client.bot.username.to_string())?;
        let all = |snap: &slotbox::store::Snapshot<'_>| {
            let waiting = updates::waiting(snap, client.bot.id)?;
            Ok::<_, StoreError>((bookings::between(snap, Timestamp::MIN, Timestamp::MAX)?, waiting))
        };
        let (booked, waiting) = store.read(all)?;
        ensure!(waiting.is_empty(), "@{} left updates unanswered", client.bot.username);
        bookings.insert(client.bot.username.to_string(), booked);
        store.close();
    }
    Ok(Books { clients, orders, payments, bookings })
}

/// No job was given up, and none is left that could run.
fn at_rest(store: &Store, now: Timestamp) -> anyhow::Result<()> {
    let jobs = store.read(|snap| queue::list(snap, None, usize::MAX, now))?;
    let round = |kind: &str| matches!(kind, "reconcile" | "lifecycle" | "sweep_refunds");
    let left = jobs.iter().filter(|job| match job.state {
        JobState::Done | JobState::Waiting => false,
        JobState::Queued | JobState::Running => !round(&job.kind),
        JobState::Dead => true,
    });
    let left: Vec<_> = left.collect();
    ensure!(left.is_empty(), "jobs that were not done: {left:#?}");
    Ok(())
}

fn open(path: &Path) -> anyhow::Result<Store> {
    Ok(Store::open(path, Options { cache_bytes: 4 << 20 })?)
}
