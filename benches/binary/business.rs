//! A year's business, written into a store as the program would have it.

use std::fs;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use slotbox::clock::Clock;
use slotbox::domain::client::{Bot, Client, RuntimeState};
use slotbox::domain::ids::{BotId, ClientId, UserId};
use slotbox::domain::payment::{Payment, PaymentState, Source};
use slotbox::domain::plan::Days;
use slotbox::domain::subscription::{Before, Fate, GrantKind, Granted, Subscription};
use slotbox::store::{Options, Store, StoreError, clients, payments};

/// How many rows a transaction writes.
const BATCH: usize = 20_000;

/// Writes clients and their payments of a year into the host's database below `dir`. No client's bot is
/// to be started: the subscriptions are paused.
pub async fn fill(dir: &Path, count: usize, paid: usize) -> Vec<ClientId> {
    fs::create_dir_all(dir.join("data")).unwrap();
    let path = dir.join("data/slotbox.redb");
    let store = Store::open(&path, Options { cache_bytes: 256 << 20 }).unwrap();
    let now = Clock::system().now();
    let all: Vec<_> = (0..count).map(|n| client(n, now)).collect();
    let ids: Vec<_> = all.iter().map(|client| client.id).collect();
    let write = store.write::<_, StoreError>(move |txn| {
        all.iter().try_for_each(|client| clients::put(txn, client))
    });
    write.await.unwrap();
    for from in (0..paid).step_by(BATCH) {
        let rows: Vec<_> =
            (from..(from + BATCH).min(paid)).map(|n| payment(n, ids[n % count], now)).collect();
        let write = store.write::<_, StoreError>(move |txn| {
            rows.iter().try_for_each(|payment| payments::put(txn, payment))
        });
        write.await.unwrap();
    }
    store.close();
    ids
}

fn client(n: usize, now: Timestamp) -> Client {
    let number = i64::try_from(n).unwrap();
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    let since = now - SignedDuration::from_hours(24);
    Client {
        id: ClientId::new(since - SignedDuration::from_hours(24 * 365), bytes),
        company: format!("Salon {n}").parse().unwrap(),
        owner: UserId::new(1_000_000 + number).unwrap(),
        bot: Bot {
            id: BotId(5_000_000 + number),
            username: format!("salon_{n}_bot").parse().unwrap(),
        },
        plan: None,
        subscription: Subscription::Cancelled {
            granted: Granted { until: since, kind: GrantKind::Paid },
            since,
            before: Before::Free,
            data: Fate::Kept,
        },
        runtime: RuntimeState::None,
        problem: None,
        created_at: since,
    }
}

fn payment(n: usize, client: ClientId, now: Timestamp) -> Payment {
    let minutes = i64::try_from(n % (365 * 24 * 60)).unwrap();
    Payment {
        id: format!("{n:08x}-000f-5000-8000-{n:012x}").parse().unwrap(),
        source: Source::YooKassa,
        order: None,
        client: Some(client),
        amount: "299.00".parse().unwrap(),
        refunded: "0.00".parse().unwrap(),
        days: Days::new(30).unwrap(),
        state: PaymentState::Settled,
        settled_at: now - SignedDuration::from_mins(minutes),
    }
}
