//! From a notification to the time that it grants: how long, and how many in a second.
//!
//! Run with `cargo bench --bench webhook`. All of `serve` that money passes through runs here: the
//! HTTP door on loopback, the store on disk, the worker; and beside it, on the same processors, the
//! simulated YooKassa that it asks and those who send. What each line is worth is told by the pace
//! of the disk next to it, and by a plain server on the same disk, see [`plain`].
//!
//! With `--log` all is logged as `serve` does by default: send the standard error somewhere.

#![expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
#![expect(clippy::panic, reason = "a benchmark that fails has no result")]
#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has no result")]

mod cpu;
#[expect(dead_code, reason = "no other door is opened here")]
mod host;
mod plain;
#[path = "../disk/raw.rs"]
mod raw;
mod senders;

use std::path::Path;
use std::time::Duration;

use slotbox::config::{Log, LogFormat, LogLevel};
use slotbox::telemetry;

use crate::cpu::Taken;
use crate::host::{Host, Notices};
use crate::senders::{Answers, Senders};

/// Payments for each sender alone, and for all of many together.
const FEW: usize = 600;
const MANY: usize = 24_000;
const SENDERS: usize = 64;

fn main() {
    let has = |word: &str| std::env::args().any(|argument| argument == word);
    if has("--log") {
        telemetry::init(&Log { format: LogFormat::Json, level: LogLevel::Info }, "serve").unwrap();
    }
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!(
        "senders       200/s  p50 ms  p99 ms  settled/s  p50 ms  p99 ms  commits  fdatasync/s  \
         200 p50 in syncs  settled p50 in syncs  cpu us  of it store"
    );
    let line = |name: &str, count: usize, one: Line| {
        let before = raw::syncs_per_second(dir.path());
        let figures = runtime.block_on(one.measure(dir.path(), count));
        let raw = f64::midpoint(before, raw::syncs_per_second(dir.path()));
        figures.print(name, raw);
        figures.rate
    };
    if has("--profile") {
        line("64", 4 * MANY, Line::Many(Notices::Off));
        return;
    }
    line("plain 1", FEW, Line::Plain(1));
    let plain = line("plain 64", FEW * 16, Line::Plain(SENDERS));
    line("1, waits", FEW, Line::OneAtATime);
    line("1", FEW, Line::One);
    let many = line("64", MANY, Line::Many(Notices::Off));
    let told = line("64, notices", MANY, Line::Many(Notices::On));
    println!("64 senders settle {:.1} times what the plain server keeps", many / plain);
    println!("with notices on, {:.1} times", told / plain);
}

/// What a line of the table measures.
enum Line {
    /// So many senders at the plain server.
    Plain(usize),
    /// One sender that waits until its payment is settled before it sends the next notification.
    OneAtATime,
    /// One sender that waits for the 200 only.
    One,
    /// [`SENDERS`] that wait for the 200 only.
    Many(Notices),
}

/// What was measured.
struct Figures {
    kept: f64,
    to_200: Vec<Duration>,
    /// How many were settled in a second; for the plain server, kept.
    rate: f64,
    to_settled: Vec<Duration>,
    commits: u64,
    cpu: Taken,
}

impl Line {
    async fn measure(self, dir: &Path, count: usize) -> Figures {
        match self {
            Self::Plain(senders) => {
                let server = plain::Server::start(dir).await;
                let senders = Senders::connect(server.address(), senders).await;
                let before = Taken::now();
                let answers = senders.post_all(host::foreign(count)).await;
                let cpu = Taken::now().since(before);
                let commits = server.stop().await;
                let kept = answers.per_second();
                let to_200 = answers.sorted();
                Figures { kept, to_200, rate: kept, to_settled: Vec::new(), commits, cpu }
            }
            Self::OneAtATime => one_at_a_time(Host::start(dir, count, Notices::Off).await).await,
            Self::One => flood(Host::start(dir, count, Notices::Off).await, 1).await,
            Self::Many(notices) => flood(Host::start(dir, count, notices).await, SENDERS).await,
        }
    }
}

async fn one_at_a_time(mut host: Host) -> Figures {
    let mut senders = Senders::connect(host.address(), 1).await;
    let (mut answers, mut to_settled) = (Answers::begin(), Vec::new());
    let before = Taken::now();
    for payment in host.payments() {
        let began = std::time::Instant::now();
        senders.post(&host::notification(&payment), &mut answers).await;
        host.settled(&payment).await;
        to_settled.push(began.elapsed());
    }
    answers.end();
    let cpu = Taken::now().since(before);
    let commits = host.stop().await;
    let rate = answers.per_second();
    to_settled.sort_unstable();
    Figures { kept: rate, to_200: answers.sorted(), rate, to_settled, commits, cpu }
}

async fn flood(host: Host, senders: usize) -> Figures {
    let senders = Senders::connect(host.address(), senders).await;
    let bodies = host.payments().iter().map(host::notification).collect();
    let before = Taken::now();
    let watching = tokio::spawn(host.watch());
    let answers = senders.post_all(bodies).await;
    let settled = watching.await.unwrap();
    let cpu = Taken::now().since(before);
    let commits = host.stop().await;
    // In the order of arrival: which of them is which does not matter to their rate.
    let mut sent = answers.sent();
    sent.sort_unstable();
    let mut to_settled = Vec::with_capacity(sent.len());
    for (at, count) in settled {
        while to_settled.len() < count {
            to_settled.push(at.saturating_duration_since(sent[to_settled.len()]));
            if to_settled.len() == sent.len() {
                let seconds = at.duration_since(sent[0]).as_secs_f64();
                let rate = to_settled.len() as f64 / seconds;
                to_settled.sort_unstable();
                let kept = answers.per_second();
                return Figures { kept, to_200: answers.sorted(), rate, to_settled, commits, cpu };
            }
        }
    }
    unreachable!("the watch ends when all are settled")
}

impl Figures {
    fn print(&self, name: &str, syncs_per_second: f64) {
        let at = |of: &[Duration], percent: usize| {
            of.get(of.len() * percent / 100).map_or(f64::NAN, |it| it.as_secs_f64() * 1e3)
        };
        let in_syncs = |ms: f64| ms / 1e3 * syncs_per_second;
        let each = |of: Duration| of.as_secs_f64() * 1e6 / self.to_200.len() as f64;
        println!(
            "{name:11}  {:6.0}  {:6.2}  {:6.2}  {:9.0}  {:6.2}  {:6.2}  {:7}  {:11.0}  {:16.1}  \
             {:20.1}  {:6.0}  {:11.0}",
            self.kept,
            at(&self.to_200, 50),
            at(&self.to_200, 99),
            self.rate,
            at(&self.to_settled, 50),
            at(&self.to_settled, 99),
            self.commits,
            syncs_per_second,
            in_syncs(at(&self.to_200, 50)),
            in_syncs(at(&self.to_settled, 50)),
            each(self.cpu.all),
            each(self.cpu.store),
        );
    }
}
