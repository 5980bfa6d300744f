//! What the writer promises: batches are some serial order, members harm only themselves, and a
//! crash loses nothing that was acknowledged.

use std::collections::BTreeMap;
use std::io::{BufRead, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier, Mutex};

use proptest::prelude::*;

use super::*;
use crate::store::disk::{Disk, OPTIONS, Operation};
use crate::store::{Read, Store};

/// What one member of a batch does.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Moves money between two accounts, after reading both.
    Transfer { from: u8, to: u8, amount: u8 },
    /// Reads an account and refuses, having written nothing.
    Refuse { at: u8 },
    /// Writes nonsense and refuses.
    WriteAndRefuse { at: u8 },
    /// Writes nonsense and panics.
    WriteAndPanic { at: u8 },
}

const ACCOUNTS: [&str; 4] = ["a", "b", "c", "d"];

fn act() -> impl Strategy<Value = Act> {
    let account = 0..4_u8;
    prop_oneof![
        6 => (account.clone(), account.clone(), 0..50_u8)
            .prop_map(|(from, to, amount)| Act::Transfer { from, to, amount }),
        1 => account.clone().prop_map(|at| Act::Refuse { at }),
        1 => account.clone().prop_map(|at| Act::WriteAndRefuse { at }),
        1 => account.prop_map(|at| Act::WriteAndPanic { at }),
    ]
}

/// What a transfer saw: its place in the order that it believes in, and the two balances.
type Seen = (u64, u64, u64);

fn balance(txn: &impl Read, account: u8) -> Result<u64, StoreError> {
    Ok(txn.meta().get(ACCOUNTS[usize::from(account)])?.unwrap_or(100))
}

fn play(txn: &Txn<'_>, act: Act) -> Result<Seen, StoreError> {
    let put = |account: u8, value| txn.meta().insert(ACCOUNTS[usize::from(account)], value);
    match act {
        Act::Transfer { from, to, amount } => {
            let place = txn.meta().get("place")?.unwrap_or(0);
            let seen = (place, balance(txn, from)?, balance(txn, to)?);
            let moved = seen.1.min(u64::from(amount));
            put(from, seen.1 - moved)?;
            let reached = balance(txn, to)? + moved;
            put(to, reached)?;
            txn.meta().insert("place", place + 1)?;
            Ok(seen)
        }
        Act::Refuse { at } => balance(txn, at).and(Err(StoreError::Closed)),
        Act::WriteAndRefuse { at } => put(at, 9_999).and(Err(StoreError::Closed)),
        Act::WriteAndPanic { at } => {
            put(at, 9_999)?;
            panic!("as the test wants")
        }
    }
}

/// Plays the transfers one after the other, in the order that they believe in.
fn replay(log: &BTreeMap<u64, (Act, Seen)>) -> Result<[u64; 4], TestCaseError> {
    let mut balances = [100; 4];
    for (expected, (place, (act, seen))) in (0..).zip(log) {
        prop_assert_eq!(*place, expected, "two writes saw the same place, or one was lost");
        let Act::Transfer { from, to, amount } = *act else { unreachable!() };
        let (from, to) = (usize::from(from), usize::from(to));
        prop_assert_eq!((seen.1, seen.2), (balances[from], balances[to]));
        let moved = balances[from].min(u64::from(amount));
        balances[from] -= moved;
        balances[to] += moved;
    }
    Ok(balances)
}

/// Holds the writer up until all writes wait, so that they become batches.
async fn all_at_once(store: &Store, acts: &[Act]) -> Vec<Result<Seen, StoreError>> {
    let gate = Arc::new(Barrier::new(2));
    let shut = Arc::clone(&gate);
    let tries = AtomicU32::new(0);
    let hold_up = store.write(move |_| {
        if tries.fetch_add(1, Ordering::Relaxed) == 0 {
            shut.wait();
        }
        Ok::<_, StoreError>(())
    });
    let writes = acts.iter().map(|act| {
        let act = *act;
        Box::pin(store.write(move |txn| play(txn, act)))
    });
    let all = futures::future::join_all(writes);
    let open = async {
        tokio::task::yield_now().await; // By now each write has been polled, and so has been sent.
        gate.wait();
        Ok::<_, StoreError>(())
    };
    let (held, results, opened) = futures::future::join3(hold_up, all, open).await;
    held.and(opened).unwrap();
    results
}

fn check_serial(store: &Store, acts: &[Act]) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let results = runtime.block_on(all_at_once(store, acts));
    let mut log = BTreeMap::new();
    for (act, result) in acts.iter().zip(results) {
        match (act, result) {
            (Act::Transfer { .. }, Ok(seen)) => {
                prop_assert!(log.insert(seen.0, (*act, seen)).is_none());
            }
            (Act::WriteAndPanic { .. }, Err(StoreError::Panicked))
            | (Act::Refuse { .. } | Act::WriteAndRefuse { .. }, Err(StoreError::Closed)) => {}
            (_, result) => prop_assert!(false, "{act:?} ended with {result:?}"),
        }
    }
    let balances = replay(&log)?;
    for (account, expected) in (0..).zip(balances) {
        prop_assert_eq!(store.read(|it| balance(it, account)).unwrap(), expected);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn concurrent_writes_are_some_serial_order(acts in prop::collection::vec(act(), 1..40)) {
        let disk = Disk::default();
        check_serial(&disk.open(), &acts)?;
    }

    #[test]
    fn a_crash_keeps_what_was_acknowledged(
        sizes in prop::collection::vec(0..6000_usize, 1..12),
        cut in 0.0..1.0,
        torn in any::<u64>(),
    ) {
        check_crash(&sizes, cut, torn)?;
    }
}

/// Writes rows of `sizes`, crashes at the place `cut` of all that reached the disk, and looks.
fn check_crash(sizes: &[usize], cut: f64, torn: u64) -> Result<(), TestCaseError> {
    let disk = Disk::default();
    let store = disk.open();
    let made = disk.operations().len();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for (key, size) in (0..).zip(sizes.to_vec()) {
        let row = vec![u8::try_from(key % 251).unwrap(); size];
        let written = store.write(move |txn| txn.services().insert(key, &row));
        runtime.block_on(written).unwrap();
        disk.acknowledge();
    }
    store.close();
    let operations = disk.operations();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 <= cut < 1")]
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let end = made + ((operations.len() - made) as f64 * cut) as usize;
    let kept = &operations[..end];
    let acknowledged = kept.iter().filter(|it| matches!(it, Operation::Acknowledged)).count();
    let walked = Arc::new(AtomicU32::new(0));
    let walk = Arc::clone(&walked);
    let opened = redb::Builder::new()
        .set_repair_callback(move |_| {
            walk.fetch_add(1, Ordering::Relaxed);
        })
        .create_with_backend(Disk::after_crash(kept, torn));
    drop(opened.unwrap());
    prop_assert_eq!(walked.load(Ordering::Relaxed), 0, "opening had to walk the whole file");

    let store = Disk::after_crash(kept, torn).open();
    let found: Vec<_> = store.read(|it| it.services().range(..).collect::<Result<_, _>>()).unwrap();
    prop_assert!(found.len() == acknowledged || found.len() == acknowledged + 1);
    for (key, row) in &found {
        let expected = vec![u8::try_from(key % 251).unwrap(); sizes[*key as usize]];
        prop_assert_eq!(row, &expected);
    }
    runtime.block_on(store.write(|txn| txn.services().insert(99, &[]))).unwrap();
    Ok(())
}

#[tokio::test]
async fn a_disk_that_fails_fails_the_write_and_not_the_store() {
    let disk = Disk::default();
    let store = disk.open();
    store.write(|txn| txn.meta().insert("a", 1)).await.unwrap();
    for healthy_syncs in 0..2 {
        disk.fail_in(Some(healthy_syncs));
        let failed = store.write(|txn| txn.meta().insert("b", 1)).await;
        assert!(matches!(failed, Err(StoreError::Database(_))), "{failed:?}");
        let again = store.write(|txn| txn.meta().insert("b", 2)).await;
        assert!(matches!(again, Err(StoreError::Database(_) | StoreError::Closed)), "{again:?}");
        disk.fail_in(None);
        store.write(|txn| txn.meta().insert("c", 3)).await.unwrap();
        assert_eq!(store.read(|it| it.meta().get("a")).unwrap(), Some(1));
        assert_eq!(store.read(|it| it.meta().get("c")).unwrap(), Some(3));
    }
    store.close();
    assert_eq!(disk.open().read(|it| it.meta().get("c")).unwrap(), Some(3));
}

#[tokio::test]
async fn many_writes_share_a_commit() {
    let store = Disk::default().open();
    let acts = [Act::Transfer { from: 0, to: 1, amount: 1 }; 200];
    let results = all_at_once(&store, &acts).await;
    assert!(results.iter().all(Result::is_ok));
    let stats = store.stats();
    assert!(stats.commits <= 2, "{stats:?}");
}

/// A rider that counts its rides, and hears how they ended.
#[derive(Default)]
struct Counting {
    fails: AtomicU32,
    panics: AtomicU32,
    heard: Mutex<Vec<bool>>,
}

impl Rider for Counting {
    fn ride(&self, txn: &Txn<'_>) -> Result<(), StoreError> {
        let rides = txn.meta().get("rides")?.unwrap_or(0);
        txn.meta().insert("rides", rides + 1)?;
        let once = |left: &AtomicU32| {
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |it| it.checked_sub(1)).is_ok()
        };
        assert!(!once(&self.panics), "as the test wants");
        if once(&self.fails) { Err(StoreError::Panicked) } else { Ok(()) }
    }

    fn arrived(&self, committed: Result<(), StoreError>) {
        self.heard.lock().unwrap().push(committed.is_ok());
    }
}

#[tokio::test]
async fn a_rider_shares_each_commit_and_spoils_none() {
    let disk = Disk::default();
    let store = disk.open();
    let counting = Arc::new(Counting::default());
    let rider: Arc<dyn Rider> = counting.clone();
    store.take_along(Arc::downgrade(&rider));
    let put = |value| store.write(move |txn| txn.meta().insert("a", value));
    let look =
        || store.read(|it| Ok::<_, StoreError>((it.meta().get("a")?, it.meta().get("rides")?)));
    put(1).await.unwrap();
    counting.fails.store(1, Ordering::Relaxed);
    put(2).await.unwrap();
    assert_eq!(look().unwrap(), (Some(2), Some(1)));
    counting.panics.store(1, Ordering::Relaxed);
    put(3).await.unwrap();
    assert_eq!(look().unwrap(), (Some(3), Some(1)));
    assert_eq!(store.stats().commits, 3);
    let refused = store.write(|txn| play(txn, Act::WriteAndRefuse { at: 0 })).await;
    assert!(refused.is_err());
    assert_eq!(store.write(|txn| txn.meta().get("a")).await.unwrap(), Some(3));
    assert_eq!(look().unwrap(), (Some(3), Some(3)), "the rider rides without a member, too");
    disk.fail_in(Some(0));
    put(4).await.unwrap_err();
    disk.fail_in(None);
    assert_eq!(*counting.heard.lock().unwrap(), [true, false, false, true, true, false]);
    drop((rider, counting));
    put(5).await.unwrap();
    assert_eq!(look().unwrap(), (Some(5), Some(3)));
}

/// How many writes the child of the kill test keeps in flight.
const IN_FLIGHT: u64 = 16;

/// Not a test: the process that [`a_killed_process_loses_nothing_acknowledged`] kills. It reads
/// the database's path from its input and says each key that is on disk.
#[test]
#[ignore = "is run by another test"]
fn writes_until_it_is_killed() {
    let mut path = String::new();
    std::io::stdin().read_line(&mut path).unwrap();
    if path.is_empty() {
        return;
    }
    let store = Store::open(Path::new(path.trim_end()), OPTIONS).unwrap();
    let writer = |lane: u64| {
        let store = store.clone();
        async move {
            for turn in 0.. {
                let key = turn * IN_FLIGHT + lane;
                let row = key.to_be_bytes().repeat(20);
                let write = store.write(move |txn| txn.notifications().insert(key, &row));
                write.await.unwrap();
                let mut out = std::io::stdout().lock();
                writeln!(out, "kept {key}").and_then(|()| out.flush()).unwrap();
            }
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(futures::future::join_all((0..IN_FLIGHT).map(writer)));
}

#[test]
fn a_killed_process_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.redb");
    let mut acknowledged = Vec::new();
    for round in 1..=3 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "--ignored",
                "--nocapture",
                "store::engine::tests::writes_until_it_is_killed",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{}", path.display()).unwrap();
        acknowledged.clear(); // Each round writes the same keys.
        let said = std::io::BufReader::new(child.stdout.take().unwrap());
        for line in said.lines() {
            // The last line may be cut off; what is after the kill was said before it.
            let line = line.unwrap();
            acknowledged.extend(line.strip_prefix("kept ").and_then(|it| it.parse::<u64>().ok()));
            if acknowledged.len() == 100 * round {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(acknowledged.len() >= 100 * round);
        let store = Store::open(&path, OPTIONS).unwrap();
        let found: BTreeMap<_, _> =
            store.read(|it| it.notifications().range(..).collect::<Result<_, _>>()).unwrap();
        assert!(round > 1 || found.len() as u64 <= acknowledged.len() as u64 + IN_FLIGHT);
        for key in &acknowledged {
            assert_eq!(found[key], key.to_be_bytes().repeat(20));
        }
    }
}
