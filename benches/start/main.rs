//! How long `slotbox serve` takes from its start to the first good answer, and what it takes of memory:
//! with nothing, with a year's business, and after `kill -9`.
//!
//! Run with `cargo bench --bench start`; `-- --quick` does the same with little. The store is written
//! here, payment by payment, as the program would have it; no client's bot is started, since none is
//! due (the subscriptions are paused).

#![expect(clippy::cast_precision_loss, reason = "no file here comes near 2^52 bytes")]
#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has no result")]

#[path = "../binary/business.rs"]
mod business;
#[path = "../binary/serve.rs"]
#[expect(dead_code, reason = "other benchmarks start it in other ways")]
mod serve;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use slotbox::clock::Clock;
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::YooKassaSim;
use tokio::process::Child;

use crate::business::fill;
use crate::serve::{API_TOKEN, free_address, start_serve_with};

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
