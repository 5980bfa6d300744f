//! What a database file tells of itself: its schema, and the release that last had it.

use std::fmt::{self, Display, Formatter};
use std::io::ErrorKind;
use std::path::Path;

use redb::backends::FileBackend;
use redb::{Builder, DatabaseError, ReadableDatabase, StorageBackend};

use super::tables::Read;
use super::txn::{Snapshot, Txn};
use super::{OpenError, Options, StoreError, files};

/// Where the schema's version lies in [`Read::meta`].
pub(super) const SCHEMA: &str = "schema";
/// Where the release lies in [`Read::writers`]. An older program reads it in a newer file, so it is
/// plain text and no row, and stays so.
const LAST: &str = "last";
/// More than any version has.
const LONGEST: usize = 64;
/// What a look may use for pages.
const OPTIONS: Options = Options { cache_bytes: 1 << 20 };

/// A release of this program, by its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release(String);

/// What a database file tells of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its schema; none in a file that was made and never filled.
    pub schema: Option<u64>,
    /// The release that last had it open to write; none if that was before releases were noted.
    pub release: Option<Release>,
}

impl Release {
    /// The release that this program is.
    pub fn own() -> Self {
        Self(env!("CARGO_PKG_VERSION").to_owned())
    }

    /// Returns the version, such as `0.1.0`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes what a file says for a version if it looks like one: it is shown to people, and in a
    /// command that they are to type.
    fn of(bytes: &[u8]) -> Option<Self> {
        let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b".+-~".contains(byte);
        let begins = bytes.first().is_some_and(u8::is_ascii_digit);
        let whole = begins && bytes.len() <= LONGEST && bytes.iter().all(fits);
        let text = std::str::from_utf8(bytes).ok().filter(|_| whole)?;
        Some(Self(text.to_owned()))
    }
}

impl Display for Release {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Facts {
    /// Reads them from a database that is open.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if they cannot be read.
    pub fn of(txn: &impl Read) -> Result<Self, StoreError> {
        let schema = txn.meta().get(SCHEMA)?;
        let release = txn.writers().get(LAST)?.and_then(|bytes| Release::of(&bytes));
        Ok(Self { schema, release })
    }

    /// Writes them.
    pub(super) fn put(txn: &Txn<'_>, schema: u64, release: &Release) -> Result<(), StoreError> {
        txn.meta().insert(SCHEMA, schema)?;
        txn.writers().insert(LAST, release.as_str().as_bytes()).map(drop)
    }
}

/// Reads what the file at `path` tells of itself while nobody has it open to write; nothing if there
/// is no such file.
///
/// Nothing in it is changed, but that one whose process was killed is mended, as any start does.
///
/// # Errors
///
/// Returns [`OpenError::AlreadyOpen`] if it is in use, or why it cannot be read.
pub fn look(path: &Path) -> Result<Option<Facts>, OpenError> {
    match std::fs::metadata(path) {
        Ok(_) => {}
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(OpenError::Io { path: path.to_owned(), source }),
    }
    if let Some(facts) = look_only(path)? {
        return Ok(Some(facts));
    }
    let mended = files::open(path, OPTIONS)?;
    read(&mended, path).map(Some)
}

/// As [`look`], but changes nothing at all; nothing of a file that has to be mended first.
pub(super) fn look_only(path: &Path) -> Result<Option<Facts>, OpenError> {
    let refused = |source| OpenError::Io { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(refused)?;
    let backend = FileBackend::new(file).map_err(|err| files::explain(path, err))?;
    // A file without a byte is about to become a database.
    if backend.len().map_err(refused)? == 0 {
        return Ok(Some(Facts::default()));
    }
    let mut builder = Builder::new();
    match builder.set_cache_size(OPTIONS.cache_bytes).open_read_only_with_backend(backend) {
        Ok(database) => read(&database, path).map(Some),
        Err(DatabaseError::RepairAborted) => Ok(None),
        Err(err) => Err(files::explain(path, err)),
    }
}

/// Reads what the open database tells of itself; `path` is its name in errors.
pub(super) fn read(database: &impl ReadableDatabase, path: &Path) -> Result<Facts, OpenError> {
    let read = || Facts::of(&Snapshot::new(&database.begin_read()?));
    read().map_err(|source| OpenError::Store { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn only_what_looks_like_a_version_is_shown() {
        for version in ["0.1.0", "1.0.0-rc.1", "12.3.4+build.5", Release::own().as_str()] {
            assert_eq!(Release::of(version.as_bytes()).unwrap().as_str(), version);
        }
        for strange in ["", "v1", "0.1.0; rm -rf /", "0.1 .0", "0.1.0\n", &"1".repeat(65)] {
            assert_eq!(Release::of(strange.as_bytes()), None, "{strange:?}");
        }
        assert_eq!(Release::of(b"0.1.0\xff"), None);
    }

    #[tokio::test]
    async fn a_look_tells_who_last_had_the_file_and_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.redb");
        assert_eq!(look(&path).unwrap(), None);
        assert!(!path.exists());
        let store = Store::open(&path, OPTIONS).unwrap();
        let in_use = look(&path).unwrap_err();
        assert!(matches!(in_use, OpenError::AlreadyOpen(_)), "{in_use:?}");
        let told = store.read(|snap| Facts::of(snap)).unwrap();
        assert_eq!(told, Facts { schema: Some(1), release: Some(Release::own()) });
        let dead = dir.path().join("dead.redb");
        std::fs::copy(&path, &dead).unwrap();
        store.close();
        let before = std::fs::read(&path).unwrap();
        assert_eq!(look(&path).unwrap(), Some(told.clone()));
        assert!(std::fs::read(&path).unwrap() == before);
        // The copy is what a process that was killed leaves.
        assert_eq!(look_only(&dead).unwrap(), None);
        assert_eq!(look(&dead).unwrap(), Some(told));
        std::fs::write(&dead, "no database\n".repeat(999)).unwrap();
        assert!(matches!(look(&dead), Err(OpenError::Corrupted { .. })));
    }
}
