//! The embedded store: all that names redb.
//!
//! One thread writes. It puts the writes that wait into one transaction and commits them with one
//! sync, so the disk's pace is shared by all callers; a write returns only when it is on disk.
//! Reads are snapshots: they never wait for a write, and a write never waits for them.
//!
//! The worker of the queue rides along in each transaction: the commit that pushes a job also takes
//! it up, and what became of other jobs is put down with it.
//!
//! The tables are declared in [`tables`]; one file for each family of rows holds the functions
//! that use them: the transaction comes first, the domain goes in and out.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use self::backup::BackupError;
use self::engine::{Request, Shared, Write};
use self::schema::Schema;

pub mod audit;
pub mod backup;
pub mod bookings;
pub mod certificates;
pub mod client_jobs;
pub mod clients;
mod column;
pub mod dialogues;
#[cfg(test)]
pub(crate) mod disk;
mod engine;
mod error;
mod facts;
mod files;
pub mod followed;
pub mod hold;
pub mod homes;
pub mod host_backups;
pub mod idempotency;
pub mod jobs;
pub mod news;
pub mod operators;
pub mod orders;
pub mod payments;
pub mod queue;
pub mod refunds;
mod rider;
pub mod row;
mod rows;
mod schema;
pub mod secrets;
pub mod services;
pub mod settings;
mod slot;
mod stats;
pub mod subscriptions;
mod table;
mod tables;
pub mod trials;
mod txn;
pub mod undos;
pub mod updates;
pub mod webhooks;

pub use self::error::{OpenError, StoreError};
pub use self::facts::{Facts, Release, look};
pub use self::rider::Rider;
pub use self::stats::{Pace, Stats};
pub use self::table::{DecodedRows, Entry, Rows, Table, TableMut};
pub use self::tables::Read;
pub use self::txn::{Snapshot, Txn};

/// How a store is opened.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The most memory that cached pages may take.
    pub cache_bytes: usize,
}

/// A database file that is open; cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    writer: Sender<Request>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens the database at `path`, or makes it (mode 0600) in a directory that exists.
    ///
    /// A file of an older schema is upgraded in one transaction, and it notes which release has it.
    ///
    /// # Errors
    ///
    /// Returns [`OpenError`], and the file is as it was.
    pub fn open(path: &Path, options: Options) -> Result<Self, OpenError> {
        Schema::CURRENT.refuse_newer(path)?;
        let (path_again, opened) = (path.to_owned(), files::open(path, options)?);
        schema::bring_up(&opened, path, &Schema::CURRENT, &Release::own())?;
        Self::start(Shared::new(opened, Box::new(move || files::open(&path_again, options))))
    }

    /// As [`Store::open`], but waits up to `within` for a process that still has the file open.
    ///
    /// # Errors
    ///
    /// As [`Store::open`].
    pub async fn open_within(
        within: Duration,
        path: &Path,
        options: Options,
    ) -> Result<Self, OpenError> {
        hold::patiently(within, || Self::open(path, options)).await
    }

    fn start(shared: Shared) -> Result<Self, OpenError> {
        let shared = Arc::new(shared);
        let (writer, requests) = channel();
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || engine::run(&for_thread, &requests))
            .map_err(OpenError::Thread)?;
        let inner = Inner { shared, writer, thread: Mutex::new(Some(thread)) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Runs `work` in a write transaction and returns when it is on disk, or its error when it
    /// has left no trace.
    ///
    /// The transaction is shared with other writes, and `work` sees what those before it wrote. It
    /// runs on the store's thread, so it must be short; it may run twice, when another write of its
    /// batch has to be taken out, so it must change nothing but the transaction. A future that is
    /// dropped does not call the write back.
    ///
    /// # Errors
    ///
    /// Returns the error of `work`, or the [`StoreError`] for which the commit failed.
    pub async fn write<T, E>(
        &self,
        work: impl Fn(&Txn<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (caller, result) = oneshot::channel();
        engine::ask(&self.inner.writer, Request::Write(Box::new(Write::new(work, caller))))?;
        result.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Runs `work` on a snapshot, on the caller's thread: for a few rows.
    ///
    /// # Errors
    ///
    /// Returns the error of `work`, or the [`StoreError`] for which there is no snapshot.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let raw = self.inner.shared.begin_read()?;
        work(&Snapshot::new(&raw))
    }

    /// Runs `work` on a snapshot, on a thread where it may take its time.
    ///
    /// # Errors
    ///
    /// As [`Store::read`], and [`StoreError::Panicked`] if `work` panics.
    pub async fn scan<T, E>(
        &self,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let shared = Arc::clone(&self.inner.shared);
        let done = tokio::task::spawn_blocking(move || {
            let raw = shared.begin_read()?;
            work(&Snapshot::new(&raw))
        });
        done.await.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }

    /// Copies the store as it is now into a new file at `path` (mode 0600), while writes go on.
    ///
    /// The copy is on disk when this returns; one that is left behind by an error is of no use.
    ///
    /// # Errors
    ///
    /// Returns [`BackupError`] if there is a file already, or if it cannot be written.
    pub async fn backup_to(&self, path: PathBuf) -> Result<(), BackupError> {
        self.scan(move |snapshot| backup::copy(snapshot, &path)).await
    }

    /// Takes `rider` along in every batch from now on, for as long as it lives, in place of the one
    /// before.
    pub fn take_along(&self, rider: Weak<dyn Rider>) {
        self.inner.shared.take_along(rider);
    }

    /// Returns a number that changes after each commit that pushed jobs.
    pub fn pushed_jobs(&self) -> watch::Receiver<u64> {
        self.inner.shared.jobs.subscribe()
    }

    /// Returns what the store has done so far.
    pub fn stats(&self) -> Stats {
        self.inner.shared.stats()
    }

    /// Returns how commits have gone so far.
    pub fn pace(&self) -> &Pace {
        &self.inner.shared.pace
    }

    /// Tells whether the last commit reached the disk; so it does before the first.
    pub fn commits_succeed(&self) -> bool {
        !self.inner.shared.has_failed()
    }

    /// Commits the writes that wait, then closes the file: when this returns, it can be opened
    /// again. Later calls through other handles end with [`StoreError::Closed`].
    ///
    /// Dropping the last handle does the same.
    pub fn close(self) {
        self.inner.close();
    }
}

impl Inner {
    fn close(&self) {
        if engine::ask(&self.writer, Request::Stop).is_err() {
            tracing::debug!(event = "store.closed", "the writer had stopped already");
        }
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A closure may hold the last handle, and then this is the writer's own thread.
        if let Some(thread) = thread.filter(|it| it.thread().id() != std::thread::current().id())
            && thread.join().is_err()
        {
            tracing::error!(event = "store.failed", "the writer thread panicked");
        }
        self.shared.close();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::disk::OPTIONS;
    use super::*;

    fn fresh() -> (tempfile::TempDir, PathBuf, Store) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.redb");
        let store = Store::open(&path, OPTIONS).unwrap();
        (dir, path, store)
    }

    #[derive(Debug, thiserror::Error)]
    enum TestError {
        #[error("refused")]
        Refused,
        #[error(transparent)]
        Store(#[from] StoreError),
    }

    async fn put(store: &Store, key: &'static str, value: u64) -> Result<bool, StoreError> {
        store.write(move |txn| txn.meta().insert(key, value)).await
    }

    #[tokio::test]
    async fn a_file_is_waited_for_until_it_is_let_go() {
        let (_dir, path, store) = fresh();
        let soon = Duration::from_millis(20);
        let refused = Store::open_within(soon, &path, OPTIONS).await.map(drop);
        assert!(matches!(refused, Err(OpenError::AlreadyOpen(_))), "{refused:?}");
        let (opened, ()) =
            tokio::join!(Store::open_within(Duration::from_secs(10), &path, OPTIONS), async {
                tokio::time::sleep(soon).await;
                store.close();
            });
        opened.unwrap().close();
    }

    #[tokio::test]
    async fn what_is_written_is_read_and_survives() {
        let (_dir, path, store) = fresh();
        assert!(!put(&store, "a", 1).await.unwrap());
        assert!(put(&store, "a", 2).await.unwrap());
        let other = store.clone();
        store.close();
        assert!(matches!(put(&other, "a", 3).await, Err(StoreError::Closed)));
        assert!(matches!(other.read(|it| it.meta().get("a")), Err(StoreError::Closed)));
        let store = Store::open(&path, OPTIONS).unwrap();
        assert_eq!(store.scan(|it| it.meta().get("a")).await.unwrap(), Some(2));
    }

    #[tokio::test]
    async fn a_write_that_fails_leaves_no_trace() {
        let (_dir, _path, store) = fresh();
        let refused = store
            .write(|txn| {
                txn.meta().insert("a", 1)?;
                Err::<(), _>(TestError::Refused)
            })
            .await;
        assert!(matches!(refused, Err(TestError::Refused)));
        let panicked = store
            .write(|txn| -> Result<(), TestError> {
                txn.meta().insert("a", 1)?;
                panic!("as the test wants")
            })
            .await;
        assert!(matches!(panicked, Err(TestError::Store(StoreError::Panicked))));
        assert_eq!(store.read(|it| it.meta().get("a")).unwrap(), None);
        assert_eq!(store.stats().commits, 0);
    }

    #[tokio::test]
    async fn a_backup_is_one_moment_of_a_store_in_use() {
        let (dir, _path, store) = fresh();
        store.write(|txn| txn.bookings().insert((7, 9), b"row")).await.unwrap();
        let copy = dir.path().join("copy.redb");
        let count = |store: &Store| {
            store.read(|it| Ok::<_, StoreError>((it.audit().count()?, it.services().count()?)))
        };
        let goes_on = async {
            for n in 0..200 {
                let write = store.write(move |txn| {
                    txn.audit().insert(n, &[])?;
                    txn.services().insert(u32::try_from(n).unwrap(), &[])
                });
                write.await.unwrap();
            }
        };
        let (copied, ()) = tokio::join!(store.backup_to(copy.clone()), goes_on);
        copied.unwrap();
        assert_eq!(backup::check(&copy).unwrap(), 1);
        let again = store.backup_to(copy.clone()).await;
        assert!(matches!(again, Err(BackupError::Open(OpenError::Io { .. }))), "{again:?}");
        let copy = Store::open(&copy, OPTIONS).unwrap();
        assert_eq!(copy.read(|it| it.bookings().get((7, 9))).unwrap(), Some(b"row".to_vec()));
        let (audit, services) = count(&copy).unwrap();
        assert_eq!(audit, services);
        assert_eq!(count(&store).unwrap(), (200, 200));
        assert!(backup::check(&dir.path().join("none.redb")).is_err());
        assert!(!dir.path().join("none.redb").exists());
    }

    #[tokio::test]
    async fn a_walk_goes_both_ways_and_sees_what_is_written_on_the_way() {
        let (_dir, _path, store) = fresh();
        let walked: Vec<u32> = store
            .write(|txn| {
                for key in 0..100 {
                    txn.services().insert(key, &[])?;
                }
                let mut walked = Vec::new();
                for entry in txn.services().range(10..15) {
                    let (key, _) = entry?;
                    walked.push(key);
                    txn.services().remove(key + 1)?;
                }
                Ok::<_, StoreError>(walked)
            })
            .await
            .unwrap();
        assert_eq!(walked, [10, 12, 14]);
        let keys = |it: &Snapshot<'_>| {
            it.services().range_back(..90).map(|entry| Ok(entry?.0)).collect::<Result<Vec<_>, _>>()
        };
        let back = store.read::<_, StoreError>(keys).unwrap();
        assert_eq!(back.len(), 87);
        assert_eq!(back[..2], [89, 88]);
        assert_eq!(store.read(|it| it.services().first()).unwrap(), Some((0, vec![])));
        assert_eq!(store.read(|it| it.services().count()).unwrap(), 97);
    }
}
