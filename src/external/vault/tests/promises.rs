//! Whatever happens, in whatever order: what is listed can be taken out, bit for bit.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt as _;
use proptest::prelude::*;

use super::*;

/// A place in memory that breaks off after so many verbs, as a process that is killed does.
#[derive(Default)]
struct Memory {
    kept: Mutex<BTreeMap<String, Bytes>>,
    verbs_left: AtomicUsize,
}

impl Memory {
    fn verb(&self) -> Result<(), PlaceError> {
        let left = self
            .verbs_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.map(|_| ()).map_err(|_| PlaceError::Full("memory".to_owned()))
    }
}

impl Place for Memory {
    fn put(&self, name: &str, bytes: Bytes) -> BoxFuture<'_, Result<(), PlaceError>> {
        let put = self.verb().map(|()| self.kept.lock().unwrap().insert(name.to_owned(), bytes));
        std::future::ready(put.map(|_| ())).boxed()
    }

    fn get(&self, name: &str) -> BoxFuture<'_, Result<Bytes, PlaceError>> {
        let got = self.kept.lock().unwrap().get(name).cloned();
        std::future::ready(got.ok_or(PlaceError::Missing)).boxed()
    }

    fn list(&self, folder: &str) -> BoxFuture<'_, Result<Vec<Listed>, PlaceError>> {
        let kept = self.kept.lock().unwrap();
        let inside = kept.iter().filter(|(name, _)| name.starts_with(&format!("{folder}/")));
        let listed = inside
            .map(|(name, bytes)| Listed { name: name.clone(), bytes: bytes.len() as u64 })
            .collect();
        std::future::ready(Ok(listed)).boxed()
    }

    fn delete(&self, name: &str) -> BoxFuture<'_, Result<(), PlaceError>> {
        let gone = self.verb().map(|()| self.kept.lock().unwrap().remove(name));
        std::future::ready(gone.map(|_| ())).boxed()
    }

    fn show(&self) -> String {
        "memory".to_owned()
    }
}

/// What is done to the vault.
#[derive(Clone, Debug)]
enum Deed {
    /// A backup of a few files, each of a content by its number, and one that is carried; the
    /// place breaks off after so many verbs.
    BackUp {
        files: Vec<u64>,
        carried: usize,
        breaks_after: usize,
    },
    Prune {
        keep: usize,
        breaks_after: usize,
    },
}

/// How many verbs go well: often all, or less than so many.
fn breaks(most: usize) -> impl Strategy<Value = usize> {
    prop_oneof![Just(usize::MAX), 1..most]
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        5 => (prop::collection::vec(0u64..30, 0..4), 0usize..4, breaks(30)).prop_map(
            |(files, carried, breaks_after)| Deed::BackUp { files, carried, breaks_after }
        ),
        2 => (1usize..3, breaks(8))
            .prop_map(|(keep, breaks_after)| Deed::Prune { keep, breaks_after }),
    ];
    prop::collection::vec(deed, 1..16)
}

async fn back_up(
    vault: &Vault,
    dir: &std::path::Path,
    now: Timestamp,
    files: &[u64],
    carried: usize,
) -> Result<(BackupId, BTreeMap<String, Vec<u8>>), VaultError> {
    let mut draft = vault.begin(now).await?;
    let mut added = BTreeMap::new();
    for (place, seed) in files.iter().enumerate() {
        let (name, bytes) = (format!("clients/c_{place}.redb"), noise(*seed, 30_000));
        let path = dir.join("file");
        fs::write(&path, &bytes).unwrap();
        draft.add(&name, &path).await?;
        added.insert(name, bytes);
    }
    let name = format!("clients/c_{carried}.redb");
    if !added.contains_key(&name) && draft.carry(&name).await?.is_some() {
        added.insert(name, Vec::new()); // What it is, the backup that it is from knows.
    }
    Ok((draft.finish().await?.id, added))
}

async fn restored(
    vault: &Vault,
    dir: &std::path::Path,
    id: BackupId,
) -> Result<BTreeMap<String, Vec<u8>>, VaultError> {
    let into = tempfile::tempdir_in(dir).unwrap();
    let restored = vault.books().restore(id, Some(&identity()), into.path()).await?;
    let read = |file: RestoredFile| (file.name, fs::read(file.path).unwrap());
    Ok(restored.files.into_iter().map(read).collect())
}

async fn live(keys: fn() -> VaultKeys, deeds: Vec<Deed>) {
    let (memory, dir) = (Arc::new(Memory::default()), tempfile::tempdir().unwrap());
    let vault = Vault::new(memory.clone(), keys());
    let mut promised: HashMap<BackupId, BTreeMap<String, Vec<u8>>> = HashMap::new();
    for (number, deed) in (1..).zip(deeds) {
        let now = hour(number);
        match deed {
            Deed::BackUp { files, carried, breaks_after } => {
                memory.verbs_left.store(breaks_after, Ordering::Relaxed);
                let made = back_up(&vault, dir.path(), now, &files, carried).await;
                if let Ok((id, mut added)) = made {
                    memory.verbs_left.store(usize::MAX, Ordering::Relaxed);
                    let read = restored(&vault, dir.path(), id).await.unwrap();
                    assert!(read.keys().eq(added.keys()), "{:?}", added.keys());
                    for (name, bytes) in &mut added {
                        if bytes.is_empty() {
                            bytes.clone_from(&read[name]);
                            assert!((0..30).any(|seed| noise(seed, 30_000) == *bytes));
                        }
                    }
                    promised.insert(id, added);
                }
            }
            Deed::Prune { keep, breaks_after } => {
                memory.verbs_left.store(breaks_after, Ordering::Relaxed);
                vault.prune(keep, now).await.ok();
            }
        }
        memory.verbs_left.store(usize::MAX, Ordering::Relaxed);
        let listed = vault.list().await.unwrap();
        assert!(listed.unreadable.is_empty());
        assert!(promised.is_empty() || !listed.backups.is_empty(), "the last backup is gone");
        for backup in &listed.backups {
            let read = restored(&vault, dir.path(), backup.id).await.unwrap();
            // One whose last verb was cut off may be there, and is whole then.
            if let Some(files) = promised.get(&backup.id) {
                assert!(read == *files, "{}", backup.id);
            }
            assert!(vault.verify(backup.id, None).await.unwrap().is_whole());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_backup_that_is_listed_can_be_taken_out(deeds in deeds(), encrypted: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(live(if encrypted { encrypting } else { plain }, deeds));
    }

    #[test]
    fn a_change_anywhere_is_found(at: prop::sample::Index, byte: prop::sample::Index, by in 1u8.., cut: bool, encrypted: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (memory, dir) = (Arc::new(Memory::default()), tempfile::tempdir().unwrap());
            memory.verbs_left.store(usize::MAX, Ordering::Relaxed);
            let keys = if encrypted { encrypting } else { plain };
            let vault = Vault::new(memory.clone(), keys());
            let (id, added) = back_up(&vault, dir.path(), hour(1), &[1, 2], 9).await.unwrap();
            {
                let mut kept = memory.kept.lock().unwrap();
                let place = at.index(kept.len());
                let bytes = kept.values_mut().nth(place).unwrap();
                let mut changed = bytes.to_vec();
                let place = byte.index(changed.len());
                if cut { changed.truncate(place) } else { changed[place] ^= by }
                *bytes = changed.into();
            }
            match vault.verify(id, None).await {
                Ok(verified) => prop_assert!(!verified.is_whole()),
                Err(err) => prop_assert!(matches!(err, VaultError::Damaged { .. }), "{err}"),
            }
            // Bytes of a frame that say nothing do not keep anybody from what is in it.
            if let Ok(read) = restored(&vault, dir.path(), id).await {
                prop_assert!(!encrypted && read == added);
            }
            Ok(())
        })?;
    }
}
