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
