//! The schema version that each file carries, and the steps from one version to the next.

use std::path::Path;

use redb::{Database, ReadableDatabase};

use super::tables::Read;
use super::txn::{Snapshot, Txn, Work};
use super::{OpenError, StoreError};

/// Where the version lies in [`Read::meta`].
const VERSION: &str = "schema";

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
}

/// Marks a new file with the version of `schema`, or brings an older one there in one transaction.
pub(super) fn bring_up(database: &Database, path: &Path, schema: &Schema) -> Result<(), OpenError> {
    let found =
        found(database).map_err(|source| OpenError::Store { path: path.to_owned(), source })?;
    let known = schema.version();
    match found {
        Some(found) if found > known => {
            Err(OpenError::TooNew { path: path.to_owned(), found, known })
        }
        Some(found) if found == known => Ok(()),
        found => migrate(database, found, schema).map_err(|source| OpenError::Migration {
            path: path.to_owned(),
            found: found.unwrap_or(0),
            source,
        }),
    }
}

fn found(database: &Database) -> Result<Option<u64>, StoreError> {
    let raw = database.begin_read()?;
    Snapshot::new(&raw).meta().get(VERSION)
}

#[expect(clippy::disallowed_methods, reason = "there is no store to write through yet")]
fn migrate(database: &Database, found: Option<u64>, schema: &Schema) -> Result<(), StoreError> {
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
    txn.meta().insert(VERSION, schema.version())?;
    drop(txn);
    Ok(raw.commit()?)
}
