//! Durable writes a second through the store, beside what the disk itself can sync.
//!
//! Run with `cargo bench --bench store`. The ratio is what counts: the disk sets the pace.

#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has no result")]

use std::path::Path;
use std::time::{Duration, Instant};

use slotbox::store::{Options, Read, Store, StoreError};

#[path = "disk/raw.rs"]
mod raw;

/// How long each line of the table is measured.
const SPAN: Duration = Duration::from_secs(2);
const ROW: [u8; 100] = [7; 100];

fn main() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!("writers  writes/s  commits/s  p50 ms  p99 ms  fdatasync/s  writes : syncs");
    for writers in [1, 16, 64, 256] {
        let before = raw::syncs_per_second(dir.path());
        let measured = runtime.block_on(measure(dir.path(), writers));
        let raw = f64::midpoint(before, raw::syncs_per_second(dir.path()));
        println!(
            "{writers:7}  {:8.0}  {:9.0}  {:6.2}  {:6.2}  {raw:11.0}  {:13.2}",
            measured.writes,
            measured.commits,
            measured.p50.as_secs_f64() * 1e3,
            measured.p99.as_secs_f64() * 1e3,
            measured.writes / raw,
        );
    }
}

struct Measured {
    writes: f64,
    commits: f64,
    p50: Duration,
    p99: Duration,
}

async fn measure(dir: &Path, writers: u32) -> Measured {
    let path = dir.join(format!("store-{writers}.redb"));
    let store = Store::open(&path, Options { cache_bytes: 64 << 20 }).unwrap();
    let began = Instant::now();
    let tasks: Vec<_> = (0..u64::from(writers))
        .map(|writer| tokio::spawn(write_for(store.clone(), writer << 32, began)))
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await.unwrap());
    }
    let seconds = began.elapsed().as_secs_f64();
    let rows = store.read(|it| it.notifications().count()).unwrap();
    assert_eq!(rows, took.len() as u64);
    took.sort_unstable();
    let per_second = |count: u64| f64::from(u32::try_from(count).unwrap()) / seconds;
    Measured {
        writes: per_second(rows),
        commits: per_second(store.stats().commits),
        p50: took[took.len() / 2],
        p99: took[took.len() * 99 / 100],
    }
}

/// Writes one row after the other, and returns how long each took to be on disk.
async fn write_for(store: Store, first: u64, began: Instant) -> Vec<Duration> {
    let mut took = Vec::new();
    for key in first.. {
        let start = Instant::now();
        if start.duration_since(began) > SPAN {
            break;
        }
        let write = store.write(move |txn| txn.notifications().insert(key, &ROW));
        write.await.map_err(|err: StoreError| err.to_string()).unwrap();
        took.push(start.elapsed());
    }
    took
}
