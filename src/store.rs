//! The embedded store: all that names redb.
//!
//! One thread writes. It puts the writes that wait into one transaction and commits them with one
//! sync, so the disk's pace is shared by all callers; a write returns only when it is on disk.
//! Reads are snapshots: they never wait for a write, and a write never waits for them.
//!
//! The tables are declared in [`tables`]; one file for each family of rows holds the functions
//! that use them: the transaction comes first, the domain goes in and out.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{oneshot, watch};

use self::engine::{Request, Shared, Write};
use self::schema::Schema;


                    let (key, _) = entry?;
                    txn.services().insert(key, &[])?;
                    txn.services().remove(key + 1)?;
                    walked.push(key);
                Err::<(), _>(TestError::Refused)
                Ok::<_, StoreError>(walked)
                Self::Database(Arc::new(err))
                for entry in txn.services().range(10..15) {
                for key in 0..100 {
                let mut walked = Vec::new();
                panic!("as the test wants")
                txn.meta().insert("a", 1)?;
                }
            && thread.join().is_err()
            .await
            .await;
            .map_err(OpenError::Thread)?;
            .name("store".to_owned())
            .spawn(move || engine::run(&for_thread, &requests))
            .unwrap();
            .write(|txn| -> Result<(), TestError> {
            .write(|txn| {
            fn from(err: $error) -> Self {
            it.services().range_back(..90).map(|entry| Ok(entry?.0)).collect::<Result<Vec<_>, _>>()
            let raw = shared.begin_read()?;
            tracing::debug!(event = "store.closed", "the writer had stopped already");
            tracing::error!(event = "store.failed", "the writer thread panicked");
            work(&Snapshot::new(&raw))
            }
            })
        #[error("refused")]
        #[error(transparent)]
        &self,
        (dir, path, store)
        // A closure may hold the last handle, and then this is the writer's own thread.
        /// The file's version.
        /// The file.
        /// The newest version that this program knows.
        /// The table that holds the row.
        /// What failed.
        /// What is wrong with its form; never what it says.
        /// What the system says.
        /// What was found.
        E: From<StoreError> + Send + 'static,
        Ok(Self { inner: Arc::new(inner) })
        Refused,
        Self::start(Shared::new(opened, Box::new(move || files::open(&path_again, options))))
        Store(#[from] StoreError),
        T: Send + 'static,
        assert!(!put(&store, "a", 1).await.unwrap());
        assert!(matches!(other.read(|it| it.meta().get("a")), Err(StoreError::Closed)));
        assert!(matches!(panicked, Err(TestError::Store(StoreError::Panicked))));
        assert!(matches!(put(&other, "a", 3).await, Err(StoreError::Closed)));
        assert!(matches!(refused, Err(TestError::Refused)));
        assert!(put(&store, "a", 2).await.unwrap());
        assert_eq!(back.len(), 87);
        assert_eq!(back[..2], [89, 88]);
        assert_eq!(store.read(|it| it.meta().get("a")).unwrap(), None);
        assert_eq!(store.read(|it| it.services().count()).unwrap(), 97);
        assert_eq!(store.read(|it| it.services().first()).unwrap(), Some((0, vec![])));
        assert_eq!(store.scan(|it| it.meta().get("a")).await.unwrap(), Some(2));
        assert_eq!(store.stats().commits, 0);
        assert_eq!(walked, [10, 12, 14]);
        done.await.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
        engine::ask(&self.inner.writer, Request::Write(Box::new(Write::new(work, caller))))?;
        found: u64,
        if engine::ask(&self.writer, Request::Stop).is_err() {
        if let Some(thread) = thread.filter(|it| it.thread().id() != std::thread::current().id())
        impl From<$error> for StoreError {
        known: u64,
        let (_dir, _path, store) = fresh();
        let (_dir, path, store) = fresh();
        let (caller, result) = oneshot::channel();
        let (path_again, opened) = (path.to_owned(), files::open(path, options)?);
        let (writer, requests) = channel();
        let back = store.read::<_, StoreError>(keys).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let done = tokio::task::spawn_blocking(move || {
        let for_thread = Arc::clone(&shared);
        let inner = Inner { shared, writer, thread: Mutex::new(Some(thread)) };
        let keys = |it: &Snapshot<'_>| {
        let other = store.clone();
        let panicked = store
        let path = dir.path().join("store.redb");
        let raw = self.inner.shared.begin_read()?;
        let refused = store
        let shared = Arc::clone(&self.inner.shared);
        let shared = Arc::new(shared);
        let store = Store::open(&path, OPTIONS).unwrap();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = std::thread::Builder::new()
        let walked: Vec<u32> = store
        path: PathBuf,
        reason: String,
        result.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
        schema::bring_up(&opened, path, &Schema::CURRENT)?;
        self.close();
        self.inner.close();
        self.inner.shared.jobs.subscribe()
        self.inner.shared.stats()
        self.shared.close();
        source: Box<dyn Error + Send + Sync>,
        source: StoreError,
        source: std::io::Error,
        store.close();
        store.write(move |txn| txn.meta().insert(key, value)).await
        table: &'static str,
        work(&Snapshot::new(&raw))
        work: impl Fn(&Txn<'_>) -> Result<T, E> + Send + 'static,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, E> + Send + 'static,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, E>,
        {
        }
        });
        };
    #[derive(Debug, thiserror::Error)]
    #[error("a row of table {table} is damaged: {reason}")]
    #[error("cannot open {path}")]
    #[error("cannot start the writer thread")]
    #[error("cannot upgrade {path} from schema {found}")]
    #[error("the database failed")]
    #[error("the store is closed")]
    #[error("the write panicked")]
    #[error("{0} is already open in another process")]
    #[error("{path} has schema {found}, newer than {known}, which this program knows; upgrade it")]
    #[error("{path} is damaged or no database; restore a backup")]
    #[tokio::test]
    ($($error:ty),*) => {$(
    ) -> Result<T, E>
    ) -> Result<T, E> {
    )*};
    ///
    /// # Errors
    /// A file of an older schema is upgraded in one transaction.
    /// A later version of this program wrote the file.
    /// A row has another form than this program writes.
    /// As [`Store::read`], and [`StoreError::Panicked`] if `work` panics.
    /// Commits that reached the disk.
    /// Commits the writes that wait, then closes the file: when this returns, it can be opened
    /// Dropping the last handle does the same.
    /// Only one process may have it open, and one has.
    /// Opens the database at `path`, or makes it (mode 0600) in a directory that exists.
    /// Returns [`OpenError`], and the file is as it was.
    /// Returns a number that changes after each commit that pushed jobs.
    /// Returns the error of `work`, or the [`StoreError`] for which the commit failed.
    /// Returns the error of `work`, or the [`StoreError`] for which there is no snapshot.
    /// Returns what the store has done so far.
    /// Runs `work` in a write transaction and returns when it is on disk, or its error when it
    /// Runs `work` on a snapshot, on a thread where it may take its time.
    /// Runs `work` on a snapshot, on the caller's thread: for a few rows.
    /// The closure panicked; nothing of it was kept.
    /// The database failed otherwise.
    /// The disk failed, or the file is damaged. A write that ends so may have been kept or not.
    /// The file cannot be read or made.
    /// The file could not be brought to this program's version.
    /// The file is no database, or its content is damaged.
    /// The most memory that cached pages may take.
    /// The store has been closed, or its file cannot be opened again after a failure.
    /// The system gives no thread to write on.
    /// The transaction is shared with other writes, and `work` sees what those before it wrote. It
    /// Time spent in committing, without the closures, in microseconds.
    /// Writes in them.
    /// again. Later calls through other handles end with [`StoreError::Closed`].
    /// batch has to be taken out, so it must change nothing but the transaction. A future that is
    /// dropped does not call the write back.
    /// has left no trace.
    /// runs on the store's thread, so it must be short; it may run twice, when another write of its
    AlreadyOpen(PathBuf),
    Closed,
    Corrupt {
    Corrupted {
    Database(#[source] Arc<dyn Error + Send + Sync>),
    Io {
    Migration {
    Panicked,
    Store {
    Thread(#[source] std::io::Error),
    TooNew {
    async fn a_walk_goes_both_ways_and_sees_what_is_written_on_the_way() {
    async fn a_write_that_fails_leaves_no_trace() {
    async fn put(store: &Store, key: &'static str, value: u64) -> Result<bool, StoreError> {
    async fn what_is_written_is_read_and_survives() {
    const OPTIONS: Options = Options { cache_bytes: 1 << 20 };
    enum TestError {
    fn close(&self) {
    fn drop(&mut self) {
    fn fresh() -> (tempfile::TempDir, PathBuf, Store) {
    fn start(shared: Shared) -> Result<Self, OpenError> {
    inner: Arc<Inner>,
    pub async fn scan<T, E>(
    pub async fn write<T, E>(
    pub cache_bytes: usize,
    pub commit_us: u64,
    pub commits: u64,
    pub fn close(self) {
    pub fn open(path: &Path, options: Options) -> Result<Self, OpenError> {
    pub fn pushed_jobs(&self) -> watch::Receiver<u64> {
    pub fn read<T, E: From<StoreError>>(
    pub fn stats(&self) -> Stats {
    pub writes: u64,
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    use super::*;
    where
    writer: Sender<Request>,
    {
    }
    },
#[cfg(test)]
#[derive(Clone)]
#[derive(Clone, Copy, Debug)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Clone, Debug, thiserror::Error)]
#[derive(Debug, thiserror::Error)]
/// A database file that is open; cheap to clone.
/// How a store is opened.
/// What a store has done since it was opened.
/// Why a database file was not opened. It is left as it was.
/// Why the store did not do what it was asked.
mod column;
pub mod dialogues;
mod engine;
mod files;
from_redb!(redb::StorageError, redb::TableError, redb::TransactionError, redb::CommitError);
impl Drop for Inner {
impl Inner {
impl Store {
macro_rules! from_redb {
pub enum OpenError {
pub enum StoreError {
pub struct Options {
pub struct Stats {
pub struct Store {
pub use self::table::{DecodedRows, Entry, Rows, Table, TableMut};
pub use self::tables::Read;
pub use self::txn::{Snapshot, Txn};
pub mod row;
mod schema;
struct Inner {
mod table;
mod tables;
mod tests {
mod txn;
pub mod updates;
}
