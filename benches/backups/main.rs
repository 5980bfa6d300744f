//! What it costs to back up a thousand clients that have done nothing since the last time, and a whole
//! host with a year's business; and how long that host takes to come back.
//!
//! Run with `cargo bench --bench backups`; `-- 200` takes as many clients, and a thousand payments for
//! each. First the vault alone: each backup is made as `serve` makes it, of files that are copies of
//! databases: the first, one in which nothing has changed, and one in which every hundredth client
//! has a booking more. Then `slotbox backup create` of a running `serve`, and `slotbox backup restore`.

#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has no result")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use slotbox::domain::ids::ClientId;
use slotbox::domain::recipient::Recipient;
use slotbox::external::vault::directory::Directory;
use slotbox::external::vault::{Vault, VaultKeys};
use slotbox::store::secrets::{self, Sealed};
use slotbox::store::{Options, Store, StoreError};

#[path = "../binary/business.rs"]
mod business;
mod host;
#[path = "../disk/raw.rs"]
mod raw;
#[path = "../binary/serve.rs"]
mod serve;

/// How many rows of 100 bytes a client's database holds.
const ROWS: u128 = 200;
const OPTIONS: Options = Options { cache_bytes: 1 << 20 };

fn main() {
    let count = std::env::args().find_map(|it| it.parse().ok()).unwrap_or(1000);
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let files: Vec<_> = (0..count).map(|it| runtime.block_on(database(dir.path(), it))).collect();
    println!(
        "{count} clients; keys  backup                s    MiB new  new : all  manifest KiB  fdatasync/s"
    );
    for encrypted in [false, true] {
        runtime.block_on(measure(dir.path(), &files, encrypted));
    }
    runtime.block_on(host::measure(usize::try_from(count).unwrap()));
}

async fn measure(dir: &Path, files: &[(u128, PathBuf)], encrypted: bool) {
    let recipients = if encrypted { vec![Recipient::from_bytes([9; 32])] } else { Vec::new() };
    let keys = if encrypted { "age" } else { "none" };
    let place = Arc::new(Directory::ours(dir.join(keys)));
    let vault = Vault::new(place, VaultKeys::new(b"a secret of this host", recipients));
    for (number, name) in (0..).zip(["first", "nothing changed", "1 % changed"]) {
        if number == 2 {
            for (client, path) in files.iter().step_by(100) {
                fill(path, *client, ROWS + 1 + u128::from(encrypted)).await;
            }
        }
        let before = raw::syncs_per_second(dir);
        let began = Instant::now();
        let now = Timestamp::from_second(1_800_000_000 + number * 86_400).unwrap();
        let mut draft = vault.begin(now).await.unwrap();
        for (client, path) in files {
            let name = format!("clients/{}.redb", ClientId::from_bits(*client));
            draft.add(&name, path).await.unwrap();
        }
        let made = draft.finish().await.unwrap();
        let took = began.elapsed().as_secs_f64();
        let manifest = dir.join(keys).join("backups").join(made.id.to_string());
        let manifest = std::fs::metadata(manifest).unwrap();
        let raw = f64::midpoint(before, raw::syncs_per_second(dir));
        println!(
            "{keys:>18}  {name:15}  {took:6.2}  {:9.3}  {:9.5}  {:12.0}  {raw:11.0}",
            mib(made.stored_bytes),
            mib(made.stored_bytes) / mib(made.kept_bytes),
            mib(manifest.len()) * 1024.0,
        );
    }
    let began = Instant::now();
    vault.prune(1, Timestamp::UNIX_EPOCH).await.unwrap();
    println!("{keys:>18}  {:15}  {:6.2}", "pruned to one", began.elapsed().as_secs_f64());
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Makes a client's database.
async fn database(dir: &Path, number: u32) -> (u128, PathBuf) {
    let path = dir.join(format!("{number}.redb"));
    fill(&path, number.into(), ROWS).await;
    (number.into(), path)
}

/// Puts rows into a client's database until it has so many.
async fn fill(path: &Path, client: u128, rows: u128) {
    let store = Store::open(path, OPTIONS).unwrap();
    let write = store.write::<_, StoreError>(move |txn| {
        for row in 0..rows {
            let bytes: Vec<u8> =
                (0..100_u8).map(|it| it ^ row.to_le_bytes()[0] ^ client.to_le_bytes()[0]).collect();
            secrets::put(txn, ClientId::from_bits(client << 64 | row), &Sealed::from_bytes(bytes))?;
        }
        Ok(())
    });
    write.await.unwrap();
    store.close();
}
