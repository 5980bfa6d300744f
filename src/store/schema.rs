//! The schema version that each file carries, and the steps from one version to the next.

use std::path::Path;

use redb::Database;

use super::facts::{self, Facts, Release};
use super::txn::{Txn, Work};
use super::{OpenError, StoreError};

/// Brings a file from one version to the next.
pub(super) type Migration = fn(&Txn<'_>) -> Result<(), StoreError>;

/// The version that this program writes, and how older files get there.
pub(super) struct Schema {
    /// The migration at place `i` starts from version `i + 1`; there is one for each older version.
    pub(super) migrations: &'static [Migration],
}

impl Schema {
    /// What this program writes.
    pub(super) const CURRENT: Self = Self { migrations: &[] };

    fn version(&self) -> u64 {
        self.migrations.len() as u64 + 1
    }

    /// Refuses a file of a newer schema before it is opened to write, so that not a byte of it
    /// changes. One that has to be mended first is let pass: [`bring_up`] looks again.
    pub(super) fn refuse_newer(&self, path: &Path) -> Result<(), OpenError> {
        if !path.exists() {
            return Ok(());
        }
        facts::look_only(path)?.map_or(Ok(()), |facts| self.refuse(path, facts))
    }

    fn refuse(&self, path: &Path, facts: Facts) -> Result<(), OpenError> {
        let (path, known) = (path.to_owned(), self.version());
        match facts.schema {
            Some(found) if found > known => {
                Err(OpenError::TooNew { path, found, known, release: facts.release })
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Marks a new file with the version of `schema`, or brings an older one there in one transaction,
/// which also notes that `release` has it now.
pub(super) fn bring_up(
    database: &Database,
    path: &Path,
    schema: &Schema,
    release: &Release,
) -> Result<(), OpenError> {
    let facts = facts::read(database, path)?;
    schema.refuse(path, facts.clone())?;
    if facts.schema == Some(schema.version()) && facts.release.as_ref() == Some(release) {
        return Ok(());
    }
    migrate(database, facts.schema, schema, release).map_err(|source| OpenError::Migration {
        path: path.to_owned(),
        found: facts.schema.unwrap_or(0),
        known: schema.version(),
        release: facts.release,
        source,
    })
}

/// Returns the version of a file that this program could open.
pub(super) fn check(database: &Database, path: &Path) -> Result<u64, OpenError> {
    let facts = facts::read(database, path)?;
    let found = facts.schema.ok_or_else(|| OpenError::Corrupted {
        path: path.to_owned(),
        source: "it has no schema version".into(),
    })?;
    Schema::CURRENT.refuse(path, facts)?;
    Ok(found)
}

#[expect(clippy::disallowed_methods, reason = "there is no store to write through yet")]
fn migrate(
    database: &Database,
    found: Option<u64>,
    schema: &Schema,
    release: &Release,
) -> Result<(), StoreError> {
    let mut raw = database.begin_write()?;
    raw.set_quick_repair(true);
    let work = Work::new(&raw);
    let txn = Txn::new(&work);
    // A file without a version is new and has nothing to migrate.
    let first = found.map_or(schema.migrations.len(), |version| {
        usize::try_from(version.saturating_sub(1)).unwrap_or(usize::MAX)
    });
    for migration in schema.migrations.iter().skip(first) {
        migration(&txn)?;
    }
    Facts::put(&txn, schema.version(), release)?;
    drop(txn);
    Ok(raw.commit()?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use redb::ReadableDatabase as _;

    use super::*;
    use crate::store::disk::OPTIONS;
    use crate::store::files;
    use crate::store::tables::Read as _;
    use crate::store::txn::Snapshot;

    fn bring_up(database: &Database, path: &Path, schema: &Schema) -> Result<(), OpenError> {
        super::bring_up(database, path, schema, &Release::own())
    }

    fn double_a(txn: &Txn<'_>) -> Result<(), StoreError> {
        let a = txn.meta().get("a")?.unwrap_or(0);
        txn.meta().insert("a", a * 2).map(|_| ())
    }

    fn add_one_to_a(txn: &Txn<'_>) -> Result<(), StoreError> {
        let a = txn.meta().get("a")?.unwrap_or(0);
        txn.meta().insert("a", a + 1).map(|_| ())
    }

    fn fail_late(txn: &Txn<'_>) -> Result<(), StoreError> {
        txn.meta().insert("a", 999)?;
        Err(StoreError::Corrupt { table: "meta", reason: "as the test wants".to_owned() })
    }

    const FIRST: Schema = Schema { migrations: &[] };
    const THIRD: Schema = Schema { migrations: &[add_one_to_a, double_a] };
    const BROKEN: Schema = Schema { migrations: &[add_one_to_a, fail_late] };

    fn a_and_version(database: &Database) -> (Option<u64>, Option<u64>) {
        let raw = database.begin_read().unwrap();
        let snapshot = Snapshot::new(&raw);
        (snapshot.meta().get("a").unwrap(), snapshot.meta().get(facts::SCHEMA).unwrap())
    }

    /// A database of the first version in which `a` is 5.
    fn old(path: &Path) -> Database {
        let database = files::open(path, OPTIONS).unwrap();
        bring_up(&database, path, &FIRST).unwrap();
        bring_up(&database, path, &FIRST).unwrap();
        let set_a = |txn: &Txn<'_>| txn.meta().insert("a", 5).map(|_| ());
        in_transaction(&database, set_a);
        database
    }

    #[expect(clippy::disallowed_methods, reason = "there is no store to write through yet")]
    fn in_transaction(database: &Database, migration: impl Fn(&Txn<'_>) -> Result<(), StoreError>) {
        let raw = database.begin_write().unwrap();
        let work = Work::new(&raw);
        let txn = Txn::new(&work);
        migration(&txn).unwrap();
        drop(txn);
        raw.commit().unwrap();
    }

    /// D-156: what prepared the database was rejected by it; each step here runs in this test.
    #[test]
    fn an_older_file_is_brought_up_step_by_step() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.redb");
        let database = old(&path);
        bring_up(&database, &path, &THIRD).unwrap();
        assert_eq!(a_and_version(&database), (Some(12), Some(3)));
        bring_up(&database, &path, &THIRD).unwrap();
        assert_eq!(a_and_version(&database), (Some(12), Some(3)));
    }

    #[test]
    fn a_new_file_has_nothing_to_migrate() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.redb");
        let database = files::open(&path, OPTIONS).unwrap();
        bring_up(&database, &path, &BROKEN).unwrap();
        assert_eq!(a_and_version(&database), (None, Some(3)));
    }

    #[test]
    fn a_migration_that_fails_leaves_the_file_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.redb");
        let database = old(&path);
        let facts = facts::read(&database, &path).unwrap();
        let failed = bring_up(&database, &path, &BROKEN).unwrap_err();
        assert!(matches!(failed, OpenError::Migration { found: 1, known: 3, .. }), "{failed:?}");
        let wrote = format!("; release {} wrote it last", Release::own());
        assert!(failed.to_string().ends_with(&wrote), "{failed}");
        assert_eq!(a_and_version(&database), (Some(5), Some(1)));
        assert_eq!(facts::read(&database, &path).unwrap(), facts);
    }

    #[test]
    fn a_file_of_a_newer_program_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.redb");
        let database = old(&path);
        bring_up(&database, &path, &THIRD).unwrap();
        let refused = bring_up(&database, &path, &FIRST).unwrap_err();
        assert!(matches!(refused, OpenError::TooNew { found: 3, known: 1, .. }), "{refused:?}");
        assert_eq!(a_and_version(&database), (Some(12), Some(3)));
        drop(database);
        let before = std::fs::read(&path).unwrap();
        let refused = FIRST.refuse_newer(&path).unwrap_err();
        assert!(refused.to_string().contains("schema 3, newer than 1"), "{refused}");
        assert!(std::fs::read(&path).unwrap() == before, "it was written to");
        THIRD.refuse_newer(&path).unwrap();
    }

    /// Also where the schema has not changed: an older release may not know what rows say now.
    #[test]
    fn each_release_that_opens_a_file_is_noted_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.redb");
        let database = old(&path);
        let noted = || facts::read(&database, &path).unwrap().release;
        assert_eq!(noted(), Some(Release::own()));
        in_transaction(&database, |txn| {
            txn.writers().insert("last", b"0.0.9")?;
            Ok(())
        });
        let last = noted().unwrap();
        assert_eq!(last.as_str(), "0.0.9");
        let failed = bring_up(&database, &path, &BROKEN).unwrap_err().to_string();
        assert!(failed.ends_with("; release 0.0.9 wrote it last"), "{failed}");
        assert_eq!(noted(), Some(last));
        bring_up(&database, &path, &FIRST).unwrap();
        assert_eq!(noted(), Some(Release::own()));
        in_transaction(&database, |txn| txn.writers().remove("last").map(drop));
        let failed = bring_up(&database, &path, &BROKEN).unwrap_err().to_string();
        assert!(failed.ends_with("; it does not tell which release wrote it last"), "{failed}");
    }

    #[test]
    fn each_reason_not_to_open_a_file_has_its_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.redb");
        let database = files::open(&path, OPTIONS).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let second = files::open(&path, OPTIONS).unwrap_err();
        assert!(matches!(second, OpenError::AlreadyOpen(_)), "{second:?}");
        drop(database);

        let nowhere = files::open(&dir.path().join("no/store.redb"), OPTIONS).unwrap_err();
        assert!(matches!(nowhere, OpenError::Io { .. }), "{nowhere:?}");

        let mut bytes = std::fs::read(&path).unwrap();
        bytes[64..256].fill(0xa5); // Both commit slots begin here.
        bytes[256..320].fill(0xa5);
        std::fs::write(&path, bytes).unwrap();
        let damaged = files::open(&path, OPTIONS).unwrap_err();
        assert!(matches!(damaged, OpenError::Corrupted { .. }), "{damaged:?}");

        std::fs::write(&path, "this is a text and no database\n".repeat(500)).unwrap();
        let text = files::open(&path, OPTIONS).unwrap_err();
        assert!(matches!(text, OpenError::Corrupted { .. }), "{text:?}");
    }
}
