//! A backup that is cut off, at moments that are seen for certain: `serve` is frozen, looked at, and
//! killed as it stands.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::json;
use slotbox::store::{Options, Store, StoreError, audit};

use crate::house::{House, SOON, files};
use crate::processes::{Still, bot, freeze};

/// Lines of the audit log, and how long each is: enough for hundreds of pieces.
const LINES: (u64, usize) = (8000, 2000);

/// What lies where a backup that is under way leaves its traces.
#[derive(Debug)]
struct Seen {
    /// Who is at work in the place.
    notes: usize,
    /// The pieces that are whole.
    pieces: usize,
    /// The backups that there are.
    backups: BTreeSet<PathBuf>,
    /// Copies that were made and are not in the place yet.
    copies: Vec<PathBuf>,
}

impl Seen {
    fn of(house: &House) -> Self {
        let whole = |path: &PathBuf| path.extension().is_none();
        let passing = files(&house.path("data/backups/passing"));
        Self {
            notes: files(&house.path("vault/drafts")).iter().filter(|it| whole(it)).count(),
            pieces: files(&house.path("vault/objects")).iter().filter(|it| whole(it)).count(),
            backups: files(&house.path("vault/backups")).into_iter().collect(),
            copies: passing.into_iter().filter(|path| path.is_file()).collect(),
        }
    }
}

/// Begins a backup, and freezes and kills `serve` as soon as it is `moment`. One that has gone by when
/// everything stands still is waited for in another backup, which is cut off as well or becomes whole.
async fn cut(house: &mut House, what: &str, moment: impl Fn(&Seen, &Seen) -> bool) {
    let begun = Instant::now();
    loop {
        let before = Seen::of(house);
        let told = house.cli(&["backup", "create", "--no-wait"]).await;
        assert_eq!(told.code, Some(0), "{}", told.err);
        let serve = house.pid();
        let tried = Instant::now();
        while !moment(&before, &Seen::of(house)) && tried.elapsed() < Duration::from_secs(30) {
            std::thread::yield_now();
        }
        freeze(serve);
        let frozen = Seen::of(house);
        house.kill().await;
        // Nothing came after the look, so this is how it was cut off.
        let left = Seen::of(house);
        let is_it = moment(&before, &frozen);
        if is_it {
            assert_eq!((left.notes, left.pieces), (frozen.notes, frozen.pieces), "{what}");
            assert_eq!(left.backups, before.backups, "{what}: one was finished");
            return;
        }
        assert!(begun.elapsed() < SOON, "never: {what}: {frozen:?}\n{}", house.log());
        house.begin().await;
    }
}

/// Fills the host's database with what does not pack well, and is not what another `seed` gives.
async fn fill(house: &House, seed: u64) {
    let path = house.path("data/slotbox.redb");
    let store = Store::open(&path, Options { cache_bytes: 1 << 20 }).unwrap();
    let write = store.write::<_, StoreError>(move |txn| {
        let mut noise = seed;
        for _ in 0..LINES.0 {
            let mut detail = String::new();
            while detail.len() < LINES.1 {
                noise ^= noise << 13;
                noise ^= noise >> 7;
                noise ^= noise << 17;
                detail.push_str(&format!("{noise:016x}"));
            }
            let (at, client) = (Timestamp::UNIX_EPOCH, None);
            let (actor, action) = ("slotbox".to_owned(), "test.noise".to_owned());
            audit::append(txn, &audit::Entry { at, actor, action, client, detail })?;
        }
        Ok(())
    });
    write.await.unwrap();
    store.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_cut_off_leaves_what_is_good() {
    let mut house = House::open(&[]).await;
    let client = house.add_salon("salon_bot", 301).await;
    let good = house.back_up().await;
    house.end().await;
    fill(&house, 1).await;
    house.begin().await;
    cut(&mut house, "before its first piece", |before, now| {
        now.notes > 0 && now.pieces == before.pieces
    })
    .await;
    house.begin().await;
    cut(&mut house, "in the middle of its pieces", |before, now| {
        now.notes > 0 && now.pieces >= before.pieces + 10 && !now.copies.is_empty()
    })
    .await;

    fill(&house, 2).await;
    house.begin().await;
    // A bot that stands still is waited for, once all that is the host's own is in the place.
    let still = Still::stop(bot(&house, &client).await);
    cut(&mut house, "while a bot is waited for", |before, now| {
        now.notes > 0 && now.pieces >= before.pieces + 100 && now.copies.is_empty()
    })
    .await;
    drop(still);
    house.begin().await;

    let next = house.back_up().await;
    assert_eq!(next["clients_carried"], json!(0), "{next}");
    assert_ne!(next["id"], good["id"]);
    let left = Seen::of(&house);
    assert!(left.copies.is_empty() && left.notes == 0, "{left:?}");
    for made in [&good, &next] {
        let whole = house.cli(&["backup", "verify", made["id"].as_str().unwrap()]).await;
        assert_eq!(whole.code, Some(0), "{}", whole.err);
    }
    house.shut().await;
}
