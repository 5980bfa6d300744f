//! Jobs a second through the whole queue: pushed, claimed, performed, and put down on disk.
//!
//! Run with `cargo bench --bench queue`. Sixteen tasks push, each job in a commit that it waits
//! for; the worker runs beside them. Then one sender pushes a job at a time and waits until it has
//! written its result, as a payment's notification is kept and then settled.

#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has no result")]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use slotbox::clock::Clock;
use slotbox::domain::ids::JobId;
use slotbox::jobs::{Attempt, JobError, WorkerOptions, run_worker};
use slotbox::store::queue::{NewJob, overview, push_in};
use slotbox::store::{Options, Store, StoreError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

#[path = "disk/raw.rs"]
mod raw;

const PUSHERS: u32 = 16;
const JOBS: u32 = 8_000;
/// How many jobs the one sender pushes.
const ALONE: u32 = 1_000;

fn main() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!("in flight  beside   jobs/s  commits/job  fdatasync/s  jobs : syncs");
    for in_flight in [1, 16, 64] {
        for beside in [Beside::Pushing, Beside::Nothing] {
            let before = raw::syncs_per_second(dir.path());
            let (jobs, commits) = runtime.block_on(measure(dir.path(), in_flight, beside));
            let raw = f64::midpoint(before, raw::syncs_per_second(dir.path()));
            println!(
                "{in_flight:9}  {beside:7?}  {jobs:6.0}  {commits:11.3}  {raw:11.0}  {:12.2}",
                jobs / raw,
            );
        }
    }
    println!("one sender: p50 ms  commits/job  fdatasync/s  p50 in syncs");
    let before = raw::syncs_per_second(dir.path());
    let (p50, commits) = runtime.block_on(measure_one_sender(dir.path()));
    let raw = f64::midpoint(before, raw::syncs_per_second(dir.path()));
    println!("{:18.2}  {commits:11.3}  {raw:11.0}  {:12.2}", p50 * 1e3, p50 * raw);
}

/// What goes on while the worker works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    Pushing,
    /// All jobs were pushed before.
    Nothing,
}

/// Returns the seconds from a push to the result of its job, and the commits a job.
async fn measure_one_sender(dir: &Path) -> (f64, f64) {
    let file = tempfile::Builder::new().suffix(".redb").tempfile_in(dir).unwrap().into_temp_path();
    let store = Store::open(&file, Options { cache_bytes: 64 << 20 }).unwrap();
    let settled = Arc::new(Semaphore::new(0));
    let perform = {
        let (store, settled) = (store.clone(), Arc::clone(&settled));
        move |_: u32, _: Attempt, id: JobId| {
            let (store, settled) = (store.clone(), Arc::clone(&settled));
            async move {
                let write = store.write(move |txn| txn.notifications().insert(id.0, &[7; 100]));
                write.await.map_err(|err: StoreError| err.to_string()).unwrap();
                settled.add_permits(1);
                Ok::<(), JobError>(())
            }
        }
    };
    let (stop, options) = (CancellationToken::new(), WorkerOptions::default());
    let worker =
        tokio::spawn(run_worker(store.clone(), Clock::system(), options, stop.clone(), perform));
    let mut took = Vec::new();
    for _ in 0..ALONE {
        let began = Instant::now();
        push_one(&store).await;
        settled.acquire().await.unwrap().forget();
        took.push(began.elapsed());
    }
    stop.cancel();
    worker.await.unwrap();
    took.sort_unstable();
    let commits = u32::try_from(store.stats().commits).unwrap();
    (took[took.len() / 2].as_secs_f64(), f64::from(commits) / f64::from(ALONE))
}

/// Returns the jobs a second and the commits a job.
async fn measure(dir: &Path, concurrency: usize, beside: Beside) -> (f64, f64) {
    let file = tempfile::Builder::new().suffix(".redb").tempfile_in(dir).unwrap().into_temp_path();
    let store = Store::open(&file, Options { cache_bytes: 64 << 20 }).unwrap();
    if beside == Beside::Nothing {
        push_all(&store).await;
    }
    let performed = Arc::new(Semaphore::new(0));
    let perform = {
        let performed = Arc::clone(&performed);
        move |_: u32, _: Attempt, _| {
            performed.add_permits(1);
            async { Ok::<(), JobError>(()) }
        }
    };
    let stop = CancellationToken::new();
    let options = WorkerOptions { concurrency, ..WorkerOptions::default() };
    let (began, commits) = (Instant::now(), store.stats().commits);
    let worker =
        tokio::spawn(run_worker(store.clone(), Clock::system(), options, stop.clone(), perform));
    if beside == Beside::Pushing {
        push_all(&store).await;
    }
    performed.acquire_many(JOBS).await.unwrap().forget();
    stop.cancel();
    worker.await.unwrap(); // By now the last acknowledgement is on disk.
    let seconds = began.elapsed().as_secs_f64();
    let left = store.read(|it| overview(it, Clock::system().now())).unwrap().total;
    assert_eq!((left.queued, left.running, left.dead), (0, 0, 0));
    let commits = u32::try_from(store.stats().commits - commits).unwrap();
    (f64::from(JOBS) / seconds, f64::from(commits) / f64::from(JOBS))
}

async fn push_all(store: &Store) {
    let pushers: Vec<_> = (0..PUSHERS).map(|_| tokio::spawn(push_share(store.clone()))).collect();
    for pusher in pushers {
        pusher.await.unwrap();
    }
}

async fn push_share(store: Store) {
    for _ in 0..JOBS / PUSHERS {
        push_one(&store).await;
    }
}

async fn push_one(store: &Store) {
    let job = NewJob {
        kind: "bench",
        priority: 1,
        payload: vec![7], // A small number in postcard.
        run_at: None,
        max_attempts: 5,
        key: None,
        client: None,
    };
    let now = Clock::system().now();
    store.write(move |txn| push_in(txn, &job, now)).await.unwrap();
}
