//! The open tables of a transaction or a snapshot, behind the handles.

use std::cell::{OnceCell, RefCell};
use std::collections::VecDeque;

use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata, TableDefinition};

use super::StoreError;
use super::column::{Column, KeyColumn};
use super::table::{Bounds, Direction, Entry, Sink, Source};
use super::txn::Work;

/// A table of a write transaction; opened when first used and kept open for the whole batch.
pub(super) struct WriteSlot<'t, K: KeyColumn, V: Column> {
    work: &'t Work<'t>,
    name: &'static str,
    table: RefCell<Option<redb::Table<'t, K, V>>>,
}

impl<'t, K: KeyColumn, V: Column> WriteSlot<'t, K, V> {
    pub(super) fn new(work: &'t Work<'t>, name: &'static str) -> Self {
        Self { work, name, table: RefCell::new(None) }
    }

    /// Runs `use_it` on the open table. It must not come back here: nothing outside this file can.
    fn with<R>(
        &self,
        use_it: impl FnOnce(&mut redb::Table<'t, K, V>) -> Result<R, redb::StorageError>,
    ) -> Result<R, StoreError> {
        let mut slot = self.table.borrow_mut();
        let table = match *slot {
            Some(ref mut table) => table,
            None => slot.insert(self.work.open(TableDefinition::new(self.name))?),
        };
        use_it(table).map_err(|err| self.work.failed(err))
    }
}

impl<K: KeyColumn, V: Column> Source<K, V> for WriteSlot<'_, K, V> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn get(&self, key: K::SelfType<'_>) -> Result<Option<V::Owned>, StoreError> {
        self.with(|table| Ok(table.get(key)?.map(|value| V::own(&value.value()))))
    }

    fn len(&self) -> Result<u64, StoreError> {
        self.with(|table| table.len())
    }

    fn page(
        &self,
        bounds: &Bounds<K>,
        direction: Direction,
    ) -> Result<VecDeque<Entry<K, V>>, StoreError> {
        self.with(|table| read_page(table, bounds, direction, 1))
    }
}

impl<K: KeyColumn, V: Column> Sink<K, V> for WriteSlot<'_, K, V> {
    fn insert(&self, key: K::SelfType<'_>, value: V::SelfType<'_>) -> Result<bool, StoreError> {
        self.work.wrote();
        self.with(|table| Ok(table.insert(key, value)?.is_some()))
    }

    fn remove(&self, key: K::SelfType<'_>) -> Result<Option<V::Owned>, StoreError> {
        self.work.wrote();
        self.with(|table| Ok(table.remove(key)?.map(|value| V::own(&value.value()))))
    }
}

/// A table of a snapshot. One that was never written to is empty.
pub(super) struct ReadSlot<'t, K: KeyColumn, V: Column> {
    raw: &'t ReadTransaction,
    name: &'static str,
    table: OnceCell<Option<redb::ReadOnlyTable<K, V>>>,
}

impl<'t, K: KeyColumn, V: Column> ReadSlot<'t, K, V> {
    /// How many rows a walk takes at once.
    const PAGE: usize = 64;

    pub(super) fn new(raw: &'t ReadTransaction, name: &'static str) -> Self {
        Self { raw, name, table: OnceCell::new() }
    }

    fn table(&self) -> Result<Option<&redb::ReadOnlyTable<K, V>>, StoreError> {
        if let Some(table) = self.table.get() {
            return Ok(table.as_ref());
        }
        let opened = match self.raw.open_table(TableDefinition::new(self.name)) {
            Ok(table) => Some(table),
            Err(redb::TableError::TableDoesNotExist(_)) => None,
            Err(err) => return Err(err.into()),
        };
        Ok(self.table.get_or_init(|| opened).as_ref())
    }
}

impl<K: KeyColumn, V: Column> Source<K, V> for ReadSlot<'_, K, V> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn get(&self, key: K::SelfType<'_>) -> Result<Option<V::Owned>, StoreError> {
        let Some(table) = self.table()? else { return Ok(None) };
        Ok(table.get(key)?.map(|value| V::own(&value.value())))
    }

    fn len(&self) -> Result<u64, StoreError> {
        self.table()?.map_or(Ok(0), |table| Ok(table.len()?))
    }

    fn page(
        &self,
        bounds: &Bounds<K>,
        direction: Direction,
    ) -> Result<VecDeque<Entry<K, V>>, StoreError> {
        let Some(table) = self.table()? else { return Ok(VecDeque::new()) };
        Ok(read_page(table, bounds, direction, Self::PAGE)?)
    }
}

/// Takes up to `limit` rows from one end of a range.
fn read_page<K: KeyColumn, V: Column>(
    table: &impl ReadableTable<K, V>,
    bounds: &Bounds<K>,
    direction: Direction,
    limit: usize,
) -> Result<VecDeque<Entry<K, V>>, redb::StorageError> {
    let lent = (bounds.0.as_ref().map(K::lend), bounds.1.as_ref().map(K::lend));
    let mut range = table.range::<K::SelfType<'_>>(lent)?;
    let mut page = VecDeque::with_capacity(limit);
    while page.len() < limit {
        let entry = match direction {
            Direction::Up => range.next(),
            Direction::Down => range.next_back(),
        };
        let Some(entry) = entry else { break };
        let (key, value) = entry?;
        page.push_back((K::own(&key.value()), V::own(&value.value())));
    }
    Ok(page)
}
