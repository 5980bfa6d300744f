//! What a closure works with: the batch's transaction, or a snapshot.

use std::cell::{Cell, RefCell};

use redb::{ReadTransaction, TableDefinition, WriteTransaction};

use super::StoreError;
use super::column::{Column, KeyColumn};
use super::tables::{ReadTables, WriteTables};

/// The write transaction of one batch, as one of its members sees it: with all that the members
/// before it have written.
pub struct Txn<'t> {
    pub(super) tables: WriteTables<'t>,
    work: &'t Work<'t>,
}

/// The database as it was at one commit.
pub struct Snapshot<'t> {
    pub(super) tables: ReadTables<'t>,
}

impl<'t> Txn<'t> {
    pub(super) fn new(work: &'t Work<'t>) -> Self {
        Self { tables: WriteTables::new(work), work }
    }

    /// Wakes those who wait for jobs, once the batch is on disk.
    pub(super) fn wake_workers(&self) {
        self.work.jobs.set(true);
    }

    /// Tells whether this transaction has pushed jobs so far.
    pub fn pushed_jobs(&self) -> bool {
        self.work.pushed_jobs()
    }
}

impl<'t> Snapshot<'t> {
    pub(super) fn new(raw: &'t ReadTransaction) -> Self {
        Self { tables: ReadTables::new(raw) }
    }
}

/// A write transaction and what has happened in it.
pub(super) struct Work<'t> {
    raw: &'t WriteTransaction,
    /// Whether the present member has written.
    dirty: Cell<bool>,
    /// Whether anyone has.
    written: Cell<bool>,
    /// Whether jobs were pushed.
    jobs: Cell<bool>,
    /// Why the transaction can no longer be committed.
    broken: RefCell<Option<StoreError>>,
}

impl<'t> Work<'t> {
    pub(super) fn new(raw: &'t WriteTransaction) -> Self {
        Self {
            raw,
            dirty: Cell::new(false),
            written: Cell::new(false),
            jobs: Cell::new(false),
            broken: RefCell::new(None),
        }
    }

    pub(super) fn open<K: KeyColumn, V: Column>(
        &self,
        definition: TableDefinition<'static, K, V>,
    ) -> Result<redb::Table<'t, K, V>, StoreError> {
        self.raw.open_table(definition).map_err(|err| self.fail(err.into()))
    }

    pub(super) fn wrote(&self) {
        self.dirty.set(true);
        self.written.set(true);
    }

    /// Tells whether the present member has written, and turns to the next one.
    pub(super) fn take_dirty(&self) -> bool {
        self.dirty.take()
    }

    pub(super) fn has_written(&self) -> bool {
        self.written.get()
    }

    pub(super) fn pushed_jobs(&self) -> bool {
        self.jobs.get()
    }

    pub(super) fn broken(&self) -> Option<StoreError> {
        self.broken.borrow().clone()
    }

    /// Notes a failure of the database. A value that is too large is its writer's own fault.
    pub(super) fn failed(&self, err: redb::StorageError) -> StoreError {
        if matches!(err, redb::StorageError::ValueTooLarge(_)) {
            return err.into();
        }
        self.fail(err.into())
    }

    fn fail(&self, err: StoreError) -> StoreError {
        *self.broken.borrow_mut() = Some(err.clone());
        err
    }
}
