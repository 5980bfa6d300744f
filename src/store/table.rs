//! Handles on the tables of a transaction or a snapshot.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::ops::{Bound, Deref, RangeBounds};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::column::{Column, KeyColumn};
use super::row::{decode, encode};

/// One row, owned.
pub type Entry<K, V> = (<K as Column>::Owned, <V as Column>::Owned);

/// The two ends of a range, owned.
pub(super) type Bounds<K> = (Bound<<K as Column>::Owned>, Bound<<K as Column>::Owned>);

/// Which way a range is walked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Up,
    Down,
}

/// Where a handle reads from.
pub(super) trait Source<K: KeyColumn, V: Column> {
    fn name(&self) -> &'static str;
    fn get(&self, key: K::SelfType<'_>) -> Result<Option<V::Owned>, StoreError>;
    fn len(&self) -> Result<u64, StoreError>;
    /// The rows at one end of a range: one in a transaction, so that a walk sees what is written
    /// on the way, and many in a snapshot.
    fn page(
        &self,
        bounds: &Bounds<K>,
        direction: Direction,
    ) -> Result<VecDeque<Entry<K, V>>, StoreError>;
}

/// Where a handle writes to.
pub(super) trait Sink<K: KeyColumn, V: Column> {
    fn insert(&self, key: K::SelfType<'_>, value: V::SelfType<'_>) -> Result<bool, StoreError>;
    fn remove(&self, key: K::SelfType<'_>) -> Result<Option<V::Owned>, StoreError>;
}

/// A table to read, of a transaction or of a snapshot.
pub struct Table<'a, K: KeyColumn, V: Column> {
    source: &'a dyn Source<K, V>,
}

/// A table of a transaction, to read and write.
pub struct TableMut<'a, K: KeyColumn, V: Column> {
    table: Table<'a, K, V>,
    sink: &'a dyn Sink<K, V>,
}

impl<'a, K: KeyColumn, V: Column> Table<'a, K, V> {
    pub(super) fn new(source: &'a dyn Source<K, V>) -> Self {
        Self { source }
    }

    /// Returns the value at `key`.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if the database cannot be read; so does every function here.
    pub fn get(&self, key: K::SelfType<'_>) -> Result<Option<V::Owned>, StoreError> {
        self.source.get(key)
    }

    /// Tells whether there is a row at `key`.
    ///
    /// # Errors
    ///
    /// As [`Table::get`].
    pub fn contains(&self, key: K::SelfType<'_>) -> Result<bool, StoreError> {
        Ok(self.get(key)?.is_some())
    }

    /// Walks the rows of a range, smallest key first. Rows written meanwhile are seen.
    pub fn range<'k>(&self, range: impl RangeBounds<K::SelfType<'k>>) -> Rows<'a, K, V> {
        Rows::new(self.source, own_bounds::<K>(&range), Direction::Up)
    }

    /// Walks the rows of a range, greatest key first. Rows written meanwhile are seen.
    pub fn range_back<'k>(&self, range: impl RangeBounds<K::SelfType<'k>>) -> Rows<'a, K, V> {
        Rows::new(self.source, own_bounds::<K>(&range), Direction::Down)
    }

    /// Returns the row with the smallest key.
    ///
    /// # Errors
    ///
    /// As [`Table::get`].
    pub fn first(&self) -> Result<Option<Entry<K, V>>, StoreError> {
        self.range(..).next().transpose()
    }

    /// Returns the row with the greatest key.
    ///
    /// # Errors
    ///
    /// As [`Table::get`].
    pub fn last(&self) -> Result<Option<Entry<K, V>>, StoreError> {
        self.range_back(..).next().transpose()
    }

    /// Returns how many rows there are, without counting them one by one.
    ///
    /// # Errors
    ///
    /// As [`Table::get`].
    pub fn count(&self) -> Result<u64, StoreError> {
        self.source.len()
    }
}

impl<'a, K: KeyColumn> Table<'a, K, &'static [u8]> {
    /// Returns the row at `key`, decoded.
    ///
    /// # Errors
    ///
    /// As [`Table::get`], and [`StoreError::Corrupt`] for bytes that are no such row.
    pub fn get_row<R: DeserializeOwned>(
        &self,
        key: K::SelfType<'_>,
    ) -> Result<Option<R>, StoreError> {
        self.get(key)?.map(|bytes| decode(self.source.name(), &bytes)).transpose()
    }

    /// Walks and decodes the rows of a range, smallest key first.
    pub fn rows<'k, R: DeserializeOwned>(
        &self,
        range: impl RangeBounds<K::SelfType<'k>>,
    ) -> DecodedRows<'a, K, R> {
        DecodedRows { rows: self.range(range), row: PhantomData }
    }

    /// Walks and decodes the rows of a range, greatest key first.
    pub fn rows_back<'k, R: DeserializeOwned>(
        &self,
        range: impl RangeBounds<K::SelfType<'k>>,
    ) -> DecodedRows<'a, K, R> {
        DecodedRows { rows: self.range_back(range), row: PhantomData }
    }
}

impl<'a, K: KeyColumn, V: Column> TableMut<'a, K, V> {
    pub(super) fn new(source: &'a dyn Source<K, V>, sink: &'a dyn Sink<K, V>) -> Self {
        Self { table: Table { source }, sink }
    }

    /// Writes a row and tells whether there was one at `key` before.
    ///
    /// # Errors
    ///
    /// As [`Table::get`].
    pub fn insert(&self, key: K::SelfType<'_>, value: V::SelfType<'_>) -> Result<bool, StoreError> {
        self.sink.insert(key, value)
    }

    /// Takes the row at `key` away and returns its value.
    ///
    /// # Errors
    ///
    /// As [`Table::get`].
    pub fn remove(&self, key: K::SelfType<'_>) -> Result<Option<V::Owned>, StoreError> {
        self.sink.remove(key)
    }
}

impl<K: KeyColumn> TableMut<'_, K, &'static [u8]> {
    /// Encodes and writes a row, and tells whether there was one at `key` before.
    ///
    /// # Errors
    ///
    /// As [`Table::get`], and [`StoreError::Corrupt`] for a row that has no form in postcard.
    pub fn insert_row<R: Serialize>(
        &self,
        key: K::SelfType<'_>,
        row: &R,
    ) -> Result<bool, StoreError> {
        let bytes = encode(self.source.name(), row)?;
        self.sink.insert(key, &bytes)
    }
}

impl<'a, K: KeyColumn, V: Column> Deref for TableMut<'a, K, V> {
    type Target = Table<'a, K, V>;

    fn deref(&self) -> &Self::Target {
        &self.table
    }
}

/// The rows of a range. It stops after the first error.
pub struct Rows<'a, K: KeyColumn, V: Column> {
    source: &'a dyn Source<K, V>,
    left: Bounds<K>,
    direction: Direction,
    page: VecDeque<Entry<K, V>>,
    over: bool,
}

impl<'a, K: KeyColumn, V: Column> Rows<'a, K, V> {
    fn new(source: &'a dyn Source<K, V>, left: Bounds<K>, direction: Direction) -> Self {
        Self { source, left, direction, page: VecDeque::new(), over: false }
    }
}

impl<K: KeyColumn, V: Column> Iterator for Rows<'_, K, V> {
    type Item = Result<Entry<K, V>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty() && !self.over {
            match self.source.page(&self.left, self.direction) {
                Ok(page) => self.page = page,
                Err(err) => {
                    self.over = true;
                    return Some(Err(err));
                }
            }
            self.over = self.page.is_empty();
        }
        let (key, value) = self.page.pop_front()?;
        let passed = Bound::Excluded(key.clone());
        match self.direction {
            Direction::Up => self.left.0 = passed,
            Direction::Down => self.left.1 = passed,
        }
        Some(Ok((key, value)))
    }
}

/// The rows of a range, decoded as `R`. It stops after the first error.
pub struct DecodedRows<'a, K: KeyColumn, R> {
    rows: Rows<'a, K, &'static [u8]>,
    row: PhantomData<R>,
}

impl<K: KeyColumn, R: DeserializeOwned> Iterator for DecodedRows<'_, K, R> {
    type Item = Result<(K::Owned, R), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.rows.next()?;
        let decoded =
            entry.and_then(|(key, bytes)| Ok((key, decode(self.rows.source.name(), &bytes)?)));
        if decoded.is_err() {
            self.rows.over = true;
            self.rows.page.clear();
        }
        Some(decoded)
    }
}

fn own_bounds<'k, K: KeyColumn>(range: &impl RangeBounds<K::SelfType<'k>>) -> Bounds<K> {
    (range.start_bound().map(K::own), range.end_bound().map(K::own))
}
