//! Copies of a database that is in use.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use redb::Database;

use super::column::{Column, KeyColumn};
use super::table::{Table, TableMut};
use super::tables::copy_all;
use super::txn::{Snapshot, Txn, Work};
use super::{OpenError, Options, StoreError, files, schema};

/// What a copy may use for its pages while it is made or checked.
const OPTIONS: Options = Options { cache_bytes: 4 << 20 };

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The new file cannot be made, or is there already.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A row cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Copies what `snapshot` shows into a new file (mode 0600), which is on disk when this returns.
pub(super) fn copy(snapshot: &Snapshot<'_>, path: &Path) -> Result<(), BackupError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|source| OpenError::Io { path: path.to_owned(), source })?;
    let database = files::open(path, OPTIONS)?;
    Ok(fill(&database, snapshot)?)
}

#[expect(clippy::disallowed_methods, reason = "the copy has no store")]
fn fill(database: &Database, snapshot: &Snapshot<'_>) -> Result<(), StoreError> {
    let mut raw = database.begin_write()?;
    raw.set_quick_repair(true);
    let work = Work::new(&raw);
    let txn = Txn::new(&work);
    copy_all(snapshot, &txn)?;
    drop(txn);
    Ok(raw.commit()?)
}

/// Copies a database file that nobody uses, byte for byte, into a new file (mode 0600), which is on
/// disk when this returns. Nobody can open the original meanwhile.
///
/// # Errors
///
/// Returns [`OpenError::AlreadyOpen`] if somebody uses it, and otherwise what the system refused.
pub fn copy_at_rest(from: &Path, to: &Path) -> Result<(), OpenError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| OpenError::Io { path, source }
    };
    let mut original = File::open(from).map_err(failed(from))?;
    // The same lock that a database takes which is in use.
    original.try_lock_shared().map_err(|err| match err {
        TryLockError::WouldBlock => OpenError::AlreadyOpen(from.to_owned()),
        TryLockError::Error(source) => OpenError::Io { path: from.to_owned(), source },
    })?;
    let mut copy =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(failed(to))?;
    io::copy(&mut original, &mut copy).and_then(|_| copy.sync_all()).map_err(failed(to))
}

/// Copies one table.
pub(super) fn copy_table<K: KeyColumn, V: Column>(
    from: &Table<'_, K, V>,
    to: &TableMut<'_, K, V>,
) -> Result<(), StoreError> {
    for entry in from.range(..) {
        let (key, value) = entry?;
        to.insert(K::lend(&key), V::lend(&value))?;
    }
    Ok(())
}

/// Reads a database file that nobody uses from end to end, and returns its schema version.
///
/// # Errors
///
/// Returns [`OpenError`] if it is damaged, no database, or of a newer program.
pub fn check(path: &Path) -> Result<u64, OpenError> {
    std::fs::metadata(path).map_err(|source| OpenError::Io { path: path.to_owned(), source })?;
    let mut database = files::open(path, OPTIONS)?;
    let whole = database.check_integrity().map_err(|err| files::explain(path, err))?;
    if !whole {
        let source = "its pages do not match their checksums".into();
        return Err(OpenError::Corrupted { path: path.to_owned(), source });
    }
    schema::check(&database, path)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::store::Store;

    const OPTIONS: Options = Options { cache_bytes: 4 << 20 };

    async fn put(store: &Store, numbers: impl Iterator<Item = u64>) {
        let rows: Vec<_> = numbers.collect();
        let write = store.write::<_, StoreError>(move |txn| {
            for &number in &rows {
                let row = row_of(number);
                txn.secrets().insert(u128::from(number), &row)?;
            }
            Ok(())
        });
        write.await.unwrap();
    }

    /// Returns 200 bytes that are others for each number.
    fn row_of(number: u64) -> Vec<u8> {
        let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let next = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        };
        (0..25).flat_map(next).collect()
    }

    async fn copy_of(store: &Store, dir: &Path, name: &str) -> Vec<u8> {
        let path = dir.join(name);
        store.backup_to(path.clone()).await.unwrap();
        std::fs::read(path).unwrap()
    }

    /// So a database that has not changed takes no room in the next backup.
    #[tokio::test]
    async fn copies_of_what_has_not_changed_are_equal() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("it.redb"), OPTIONS).unwrap();
        put(&store, 0..20_000).await;
        let first = copy_of(&store, dir.path(), "first.redb").await;
        // What was written and taken back leaves other pages, and no trace in a copy.
        put(&store, 50_000..51_000).await;
        let removed = store.write::<_, StoreError>(|txn| {
            for number in 50_000..51_000_u128 {
                txn.secrets().remove(number)?;
            }
            Ok(())
        });
        removed.await.unwrap();
        let second = copy_of(&store, dir.path(), "second.redb").await;
        let differ = first.iter().zip(&second).filter(|(a, b)| a != b).count();
        assert!(first == second, "{} and {} bytes, {differ} differ", first.len(), second.len());

        // Beside what is new, the pages are those of before.
        put(&store, (0..20).map(|it| it + 100_000)).await;
        let third = copy_of(&store, dir.path(), "third.redb").await;
        let (old, new) = (pages(&first), pages(&third));
        let shared = old.intersection(&new).count();
        assert!(shared + 30 > new.len(), "{shared} of {}", new.len());
    }

    fn pages(bytes: &[u8]) -> HashSet<&[u8]> {
        bytes.chunks(4096).collect()
    }
}
