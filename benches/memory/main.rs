//! How much memory `serve` and its clients' processes take when nothing happens, and what for.
//!
//! Run with `cargo bench --bench memory`, which builds the binary as a release is built. The
//! simulated Telegram and YooKassa run in this process, so they are not counted.

#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(clippy::panic, reason = "a benchmark that fails has no result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has no result")]

#[path = "../binary/serve.rs"]
mod binary;
mod maps;

use std::time::Duration;

use serde_json::{Value, json};
use slotbox::clock::Clock;
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::YooKassaSim;
use tokio::process::{Child, Command};

use crate::binary::{API_TOKEN, free_address, start_serve};
use crate::maps::Memory;

/// How many clients run in the end.
const CLIENTS: usize = 10;
/// How long nothing has happened when memory is looked at.
const IDLE: Duration = Duration::from_secs(8);

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut host = Host::start().await;
        println!("KiB, proportional        total  program  libraries   heap  stacks  other");
        tokio::time::sleep(IDLE).await;
        print("serve, no client", &Memory::of(host.pid()));
        for clients in [1, CLIENTS] {
            host.have_clients(clients).await;
            tokio::time::sleep(IDLE).await;
            print(&format!("serve, {clients} client(s)"), &Memory::of(host.pid()));
            let each: Vec<_> = maps::children(host.pid()).map(Memory::of).collect();
            assert_eq!(each.len(), clients);
            print("  a client (mean)", &Memory::mean(&each));
        }
        host.stop().await;
    });
}

fn print(name: &str, memory: &Memory) {
    let Memory { total, program, libraries, heap, stacks, other } = memory;
    println!("{name:22}  {total:6}  {program:7}  {libraries:9}  {heap:5}  {stacks:6}  {other:5}");
}

/// A `serve` in a process of its own.
struct Host {
    serve: Child,
    address: String,
    http: reqwest::Client,
    telegram: TelegramSim,
    _shop: YooKassaSim,
    clients: usize,
    dir: tempfile::TempDir,
}

impl Host {
    async fn start() -> Self {
        let telegram = TelegramSim::start(Clock::system()).await.unwrap();
        let shop = YooKassaSim::start(Clock::system()).await.unwrap();
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let address = free_address().await;
        let serve = start_serve(dir.path(), &address, &telegram, &shop, 1);
        let http = reqwest::Client::new();
        let host = Self { serve, address, http, telegram, _shop: shop, clients: 0, dir };
        host.until("/health/ready", |_| true).await;
        host
    }

    fn pid(&self) -> u32 {
        self.serve.id().unwrap()
    }

    /// Adds clients until there are so many, and waits until all of them run.
    async fn have_clients(&mut self, count: usize) {
        while self.clients < count {
            self.clients += 1;
            let username = format!("salon_{}_bot", self.clients);
            let client = json!({
                "bot_token": self.telegram.add_bot("Salon", &username),
                "admin_telegram_id": 1000 + self.clients,
                "company_name": format!("Salon {}", self.clients),
            });
            let url = format!("http://{}/api/clients", self.address);
            let added = self.http.post(url).bearer_auth(API_TOKEN).json(&client).send().await;
            assert_eq!(added.unwrap().status(), 202);
        }
        let running = |answer: &Value| {
            let items = answer["items"].as_array().unwrap();
            items.iter().filter(|client| client["runtime"] == "running").count() == count
        };
        self.until("/api/clients", running).await;
    }

    /// Asks until the answer is good and `holds`.
    async fn until(&self, path: &str, holds: impl Fn(&Value) -> bool) {
        for _ in 0..600 {
            let url = format!("http://{}{path}", self.address);
            let answer = self.http.get(url).bearer_auth(API_TOKEN).send().await;
            if let Ok(answer) = answer.and_then(reqwest::Response::error_for_status)
                && holds(&answer.json().await.unwrap_or_default())
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{path} was never as it should be; see {}", self.dir.path().display());
    }

    async fn stop(mut self) {
        Command::new("kill").arg(self.pid().to_string()).status().await.unwrap();
        self.serve.wait().await.unwrap();
    }
}
