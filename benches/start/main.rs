//! How long `slotbox serve` takes from its start to the first good answer, and what it takes of memory:
//! with nothing, with a year's business, and after `kill -9`.
//!
//! Run with `cargo bench --bench start`; `-- --quick` does the same with little. The store is written
//! here, payment by payment, as the program would have it; no client's bot is started, since none is
//! due (the subscriptions are paused).

#![expect(clippy::cast_precision_loss, reason = "no file here comes near 2^52 bytes")]
#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has no result")]

#[path = "../binary/serve.rs"]
#[expect(dead_code, reason = "other benchmarks start it in other ways")]
mod serve;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use slotbox::clock::Clock;
use slotbox::domain::client::{Bot, Client, RuntimeState};
use slotbox::domain::ids::{BotId, ClientId, UserId};
use slotbox::domain::payment::{Payment, PaymentState, Source};
use slotbox::domain::plan::Days;
use slotbox::domain::subscription::{Before, Fate, GrantKind, Granted, Subscription};
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::YooKassaSim;
use slotbox::store::{Options, Store, StoreError, clients, payments};
use tokio::process::Child;

use crate::serve::{API_TOKEN, free_address, start_serve_with};

/// How many rows a transaction writes.
const BATCH: usize = 20_000;

struct World {
    telegram: TelegramSim,
    shop: YooKassaSim,
    http: reqwest::Client,
}

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (clients, payments, times) = if quick { (20, 2_000, 1) } else { (1_000, 1_000_000, 5) };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World {
            telegram: TelegramSim::start(Clock::system()).await.unwrap(),
            shop: YooKassaSim::start(Clock::system()).await.unwrap(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        };
        println!("                                 ready ms  stats ms  memory MiB  database MiB");
        for (name, clients, payments) in [
            ("nothing".to_owned(), 0, 0),
            (format!("{clients} clients, {payments} payments"), clients, payments),
        ] {
            let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
            fill(dir.path(), clients, payments).await;
            for (how, ended) in [("stopped", true), ("killed", false)] {
                let mut runs = Vec::new();
                for _ in 0..times {
                    runs.push(world.start(dir.path(), ended).await);
                }
                runs.sort_by_key(|run| run.ready);
                let run = &runs[times / 2];
                let database = fs::metadata(dir.path().join("data/slotbox.redb")).unwrap().len();
                println!(
                    "{name:22} {how:8} {:9.0} {:9.1} {:11.1} {:13.1}",
                    run.ready.as_secs_f64() * 1e3,
                    run.stats.as_secs_f64() * 1e3,
                    run.memory_kib / 1024.0,
                    database as f64 / f64::from(1 << 20),
                );
            }
        }
    });
}

struct Run {
    ready: Duration,
    stats: Duration,
    memory_kib: f64,
}

impl World {
    /// Starts it, waits until it is ready, asks for the figures, and ends it so.
    async fn start(&self, dir: &Path, gently: bool) -> Run {
        let address = free_address().await;
        let nobody = Some(dir.join("no-deployer"));
        let began = Instant::now();
        let mut serve = start_serve_with(dir, &address, &self.telegram, &self.shop, 1, nobody);
        while !self.answers(&format!("http://{address}/health/ready")).await {
            assert!(began.elapsed() < Duration::from_mins(5), "it does not get ready");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let ready = began.elapsed();
        let began = Instant::now();
        assert!(self.answers(&format!("http://{address}/api/stats")).await);
        let stats = began.elapsed();
        let memory_kib = memory(&serve);
        if gently {
            let pid = rustix::process::Pid::from_raw(serve.id().unwrap().try_into().unwrap());
            rustix::process::kill_process(pid.unwrap(), rustix::process::Signal::TERM).unwrap();
        } else {
            serve.start_kill().unwrap();
        }
        serve.wait().await.unwrap();
        Run { ready, stats, memory_kib }
    }

    async fn answers(&self, url: &str) -> bool {
        let answer = self.http.get(url).bearer_auth(API_TOKEN).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }
}

/// Returns the resident memory in KiB.
fn memory(serve: &Child) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", serve.id().unwrap())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Writes clients and their payments of a year.
async fn fill(dir: &Path, count: usize, paid: usize) {
    fs::create_dir_all(dir.join("data")).unwrap();
    let path = dir.join("data/slotbox.redb");
    let store = Store::open(&path, Options { cache_bytes: 256 << 20 }).unwrap();
    let now = Clock::system().now();
    let ids: Vec<_> = (0..count).map(|n| client(n, now)).collect();
    let all = ids.clone();
    let write = store.write::<_, StoreError>(move |txn| {
        all.iter().try_for_each(|client| clients::put(txn, client))
    });
    write.await.unwrap();
    for from in (0..paid).step_by(BATCH) {
        let rows: Vec<_> =
            (from..(from + BATCH).min(paid)).map(|n| payment(n, ids[n % count].id, now)).collect();
        let write = store.write::<_, StoreError>(move |txn| {
            rows.iter().try_for_each(|payment| payments::put(txn, payment))
        });
        write.await.unwrap();
    }
    store.close();
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
