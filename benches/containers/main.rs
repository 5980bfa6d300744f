//! What it costs that clients live in containers, on this machine's own engine.
//!
//! Run with `cargo bench --bench containers`, which builds the binary as a release is built; a
//! static program for the clients is linked from the same library, or named with
//! `--client-program FILE`. `serve` is a process of its own; simulators and deployer run in this
//! one: the demo's deployer, so that the clients' clocks can be moved. All that is made in the
//! engine bears the run's name and goes at the end.

#![expect(clippy::print_stdout, reason = "the tables are the result")]
#![expect(clippy::print_stderr, reason = "a benchmark that cannot run says why")]
#![expect(clippy::panic, reason = "a benchmark that fails has no result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has no result")]

#[path = "../binary/serve.rs"]
#[expect(dead_code, reason = "what other benchmarks need is not needed here")]
mod binary;
mod engine;
mod host;
#[path = "../memory/maps.rs"]
mod maps;
#[path = "../../tests/engine/program.rs"]
#[expect(dead_code, reason = "no probe is needed here")]
mod program;
mod restart;
#[path = "../../tests/engine/run.rs"]
#[expect(dead_code, reason = "what tests look for is not needed here")]
mod run;

use std::time::{Duration, Instant};

use crate::engine::{Groups, bare_run, containers, engine, throttled};
use crate::host::{Host, bot, reply};
use crate::maps::Memory;
use crate::run::Run;

/// Clients whose way from the token to the answer is measured.
const TIMED: usize = 20;
const MOST: usize = 60;
/// Updates for each line of replies.
const COUNT: usize = 200;
/// Between a reply and the next update.
const PAUSE: Duration = Duration::from_millis(20);
/// How long nothing has happened when memory is looked at.
const IDLE: Duration = Duration::from_secs(5);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let Some(run) = Run::begin().await else { return };
        let groups = Groups(run.instance.clone());
        measure(run).await;
        drop(groups); // After the containers, also where something fails.
    });
}

async fn measure(run: Run) {
    let began = Instant::now();
    let mut host = Host::of_containers(&run, program()).await;
    let alone = engine();
    host.add().await; // The image and all code are warm from here on.
    let told = |what: &str| eprintln!("{what}, after {} s", began.elapsed().as_secs());
    told("a container runs");
    println!("KiB, proportional   each bot  its code  its heap   init   shim  engine, for each");
    memory(&run, alone).await;
    replies(&host).await;
    told("replies are measured");
    deploys(&run, &mut host).await;
    println!("KiB, proportional   each bot  its code  its heap   init   shim  engine, for each");
    memory(&run, alone).await;
    told("20 are measured");
    for _ in 1 + TIMED..MOST {
        host.add().await;
    }
    told("60 containers run");
    memory(&run, alone).await;
    restarts(&run, &mut host).await;
    told("serve was restarted");
    host.stop().await;
}

fn program() -> std::path::PathBuf {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--client-program");
    arguments.nth(1).map_or_else(program::static_program, Into::into)
}

/// From a token to a bot that answers, each beside a bare `docker run`.
async fn deploys(run: &Run, host: &mut Host) {
    let (mut bare, mut answers, mut recorded) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..TIMED {
        bare.push(bare_run(run, number).await);
        let deployed = host.add().await;
        answers.push(deployed.answers);
        recorded.push(deployed.recorded);
    }
    println!("ms                          p50     p99");
    print("docker run", bare);
    print("token to answer", answers);
    print("token to recorded", recorded);
    print("  of it throttled", throttled(run));
}

/// The same conversation with a client in a container and with one that is a process, in turns.
async fn replies(containers: &Host) {
    let mut processes = Host::of_processes().await;
    processes.add().await;
    let (mut boxed, mut plain) = (Vec::new(), Vec::new());
    let bot = bot(1);
    for person in 0..COUNT {
        for (host, taken) in [(containers, &mut boxed), (&processes, &mut plain)] {
            tokio::time::sleep(PAUSE).await;
            let chat = host.chat(1, 10 + person);
            let began = Instant::now();
            taken.push(reply(&host.telegram, &chat, &bot).await - began);
        }
    }
    processes.stop().await;
    println!("ms                          p50     p99");
    print("reply, a process", plain);
    print("reply, a container", boxed);
}

async fn memory(run: &Run, engine_alone: u64) {
    tokio::time::sleep(IDLE).await;
    let all = containers(run).await;
    let count = u64::try_from(all.len()).unwrap();
    let programs: Vec<_> = all.iter().map(|container| container.program).collect();
    let Memory { total, program, heap, .. } = Memory::mean(&programs);
    let init = all.iter().map(|container| container.init).sum::<u64>() / count;
    let shim = all.iter().map(|container| container.shim).sum::<u64>() / count;
    let more = engine().saturating_sub(engine_alone);
    let each = more / count;
    println!(
        "{count:2} container(s)     {total:9}  {program:8}  {heap:8}  {init:5}  {shim:5}  {each:6}"
    );
}

async fn restarts(run: &Run, host: &mut Host) {
    let restarted = restart::restart(host, run, MOST).await;
    println!(
        "restart with {MOST}: {} containers kept, {} bookings and {} reminders came",
        restarted.kept, restarted.booked, restarted.reminded
    );
    println!("from the start to the last answer: {} ms", restarted.answers[MOST - 1].as_millis());
    print("start to answer", restarted.answers);
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds are few")]
fn print(name: &str, mut taken: Vec<Duration>) {
    taken.sort_unstable();
    if taken.is_empty() {
        return;
    }
    let at = |percent: usize| {
        let index = (taken.len() * percent / 100).min(taken.len() - 1);
        taken[index].as_micros() as f64 / 1000.0
    };
    println!("{name:20}  {:9.2}  {:6.2}", at(50), at(99));
}
