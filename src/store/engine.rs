//! The writer: one thread that puts the writes of many callers into one commit.
//!
//! Each batch also takes the [`Rider`] along: it runs last, when the fate of the members is known,
//! and shares their commit. It never spoils theirs: if it fails, they run again without it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Instant;

use redb::{Database, ReadTransaction, ReadableDatabase, WriteTransaction};
use tokio::sync::{oneshot, watch};

use super::txn::{Txn, Work};
use super::{OpenError, Pace, Rider, Stats, StoreError};

/// The most writes that share a commit; bounds what one of them can wait for.
const LARGEST_BATCH: usize = 1024;

/// Opens the database, at the start and again after it failed.
pub(super) type Opener = Box<dyn Fn() -> Result<Database, OpenError> + Send + Sync>;

/// What the handles and the writer thread share.
pub(super) struct Shared {
    /// None once closed, or if it failed and could not be opened again yet.
    database: RwLock<Option<Database>>,
    opener: Opener,
    rider: Mutex<Option<Weak<dyn Rider>>>,
    pub(super) jobs: watch::Sender<u64>,
    commits: AtomicU64,
    writes: AtomicU64,
    commit_us: AtomicU64,
    pub(super) pace: Pace,
    failed: AtomicBool,
}

impl Shared {
    pub(super) fn new(database: Database, opener: Opener) -> Self {
        Self {
            database: RwLock::new(Some(database)),
            opener,
            rider: Mutex::new(None),
            jobs: watch::Sender::new(0),
            commits: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            commit_us: AtomicU64::new(0),
            pace: Pace::default(),
            failed: AtomicBool::new(false),
        }
    }

    pub(super) fn begin_read(&self) -> Result<ReadTransaction, StoreError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        Ok(database.as_ref().ok_or(StoreError::Closed)?.begin_read()?)
    }

    /// Begins a transaction whose commit leaves a file that opens at once after a crash.
    ///
    /// Quick-repair costs a second sync for each commit. In return nothing has to be walked when
    /// the file is opened, however large it is, and the commit before this one stays whole until
    /// this one is: so the file may be opened again after a sync that failed.
    #[expect(clippy::disallowed_methods, reason = "this is what Store::write stands on")]
    fn begin_write(&self) -> Result<WriteTransaction, StoreError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let mut raw = database.as_ref().ok_or(StoreError::Closed)?.begin_write()?;
        raw.set_quick_repair(true);
        Ok(raw)
    }

    /// Opens the database anew, since redb refuses all work after a failure of the disk.
    ///
    /// If that fails too, the next write tries again.
    fn reopen(&self) {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        *database = None; // Gives the file's lock back first.
        match (self.opener)() {
            Ok(opened) => *database = Some(opened),
            Err(err) => tracing::error!(
                event = "store.unavailable",
                error = &err as &dyn std::error::Error,
                "the database failed and cannot be opened again"
            ),
        }
    }

    fn is_open(&self) -> bool {
        self.database.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub(super) fn close(&self) {
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn take_along(&self, rider: Weak<dyn Rider>) {
        *self.rider.lock().unwrap_or_else(PoisonError::into_inner) = Some(rider);
    }

    fn rider(&self) -> Option<Arc<dyn Rider>> {
        self.rider.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.upgrade()
    }

    pub(super) fn stats(&self) -> Stats {
        Stats {
            commits: self.commits.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
            commit_us: self.commit_us.load(Ordering::Relaxed),
        }
    }

    /// Tells whether the last commit failed.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    fn note_commit(&self, writes: usize, began: Instant) {
        self.pace.commit_seconds.observe_time(began.elapsed());
        self.pace.commit_writes.observe(u32::try_from(writes).unwrap_or(u32::MAX).into());
        let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.writes.fetch_add(writes as u64, Ordering::Relaxed);
        self.commit_us.fetch_add(took, Ordering::Relaxed);
        self.failed.store(false, Ordering::Relaxed);
    }
}

/// What the writer is asked for.
pub(super) enum Request {
    Write(Box<dyn Member>),
    Stop,
}

/// How a member's closure ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ran {
    Succeeded,
    Failed,
    Panicked,
}

/// One write of a batch.
pub(super) trait Member: Send {
    /// Runs the closure and keeps its result; may be called again.
    fn run(&mut self, txn: &Txn<'_>) -> Ran;

    /// Answers the caller: with the kept result, or with why it was not committed.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A closure, its result, and who waits for it.
pub(super) struct Write<W, T, E> {
    work: W,
    result: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<W, T, E> Write<W, T, E> {
    pub(super) fn new(work: W, caller: oneshot::Sender<Result<T, E>>) -> Self {
        Self { work, result: None, caller }
    }
}

impl<W, T, E> Member for Write<W, T, E>
where
    W: Fn(&Txn<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, txn: &Txn<'_>) -> Ran {
        let (result, ran) = match catch_unwind(AssertUnwindSafe(|| (self.work)(txn))) {
            Ok(Ok(value)) => (Ok(value), Ran::Succeeded),
            Ok(Err(err)) => (Err(err), Ran::Failed),
            Err(_) => (Err(StoreError::Panicked.into()), Ran::Panicked),
        };
        self.result = Some(result);
        ran
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match committed {
            Ok(()) => self.result.unwrap_or_else(|| Err(StoreError::Closed.into())),
            Err(err) => Err(err.into()),
        };
        if self.caller.send(result).is_err() {
            tracing::debug!(event = "store.unheard", "nobody waits for a write any more");
        }
    }
}

/// Sends `request` to the writer.
pub(super) fn ask(writer: &Sender<Request>, request: Request) -> Result<(), StoreError> {
    writer.send(request).map_err(|_| StoreError::Closed)
}

/// Commits what comes in until it is told to stop.
pub(super) fn run(shared: &Arc<Shared>, requests: &Receiver<Request>) {
    while let Ok(Request::Write(first)) = requests.recv() {
        let mut batch = vec![first];
        let mut stop = false;
        while batch.len() < LARGEST_BATCH {
            match requests.try_recv() {
                Ok(Request::Write(member)) => batch.push(member),
                Ok(Request::Stop) => {
                    stop = true;
                    break;
                }
                Err(_) => break,
            }
        }
        commit(shared, batch);
        if stop {
            break;
        }
    }
}

/// How an attempt at a batch ended.
enum Attempt {
    Committed,
    /// The member at this place must not take part; nothing has changed.
    Poisoned(usize),
    /// The rider must not take part; nothing has changed.
    RideFailed(StoreError),
}

/// Commits a batch. A member that wrote and then failed is taken out, and the rest run again; so
/// is a rider that failed.
fn commit(shared: &Shared, mut batch: Vec<Box<dyn Member>>) {
    let rider = shared.rider();
    let mut aboard = rider.as_deref();
    let committed = loop {
        match attempt(shared, &mut batch, aboard) {
            Ok(Attempt::Committed) => break Ok(()),
            Ok(Attempt::Poisoned(place)) => batch.remove(place).answer(Ok(())),
            Ok(Attempt::RideFailed(err)) => {
                if let Some(rider) = aboard.take() {
                    rider.arrived(Err(err));
                }
            }
            Err(err) => break Err(err),
        }
    };
    if let Err(err) = &committed {
        let error = err as &dyn std::error::Error;
        tracing::error!(event = "store.failed", error, writes = batch.len(), "a commit failed");
        shared.failed.store(true, Ordering::Relaxed);
        if shared.is_open() {
            shared.reopen();
        }
    }
    if let Some(rider) = aboard {
        rider.arrived(committed.clone());
    }
    for member in batch {
        member.answer(committed.clone());
    }
}

/// Runs the members and then the rider, and commits what they wrote.
fn attempt(
    shared: &Shared,
    batch: &mut [Box<dyn Member>],
    rider: Option<&dyn Rider>,
) -> Result<Attempt, StoreError> {
    if !shared.is_open() {
        shared.reopen();
    }
    let raw = shared.begin_write()?;
    let work = Work::new(&raw);
    let txn = Txn::new(&work);
    let mut spoiled = run_members(batch, &txn, &work)?;
    if spoiled.is_none() {
        spoiled = run_rider(rider, &txn, &work)?;
    }
    let (wrote, pushed_jobs) = (work.has_written(), work.pushed_jobs());
    drop(txn);
    if spoiled.is_some() || !wrote {
        raw.abort()?;
        return Ok(spoiled.unwrap_or(Attempt::Committed));
    }
    let began = Instant::now();
    raw.commit()?;
    shared.note_commit(batch.len(), began);
    if pushed_jobs {
        shared.jobs.send_modify(|pushes| *pushes = pushes.wrapping_add(1));
    }
    Ok(Attempt::Committed)
}

/// Runs the members one after the other, up to one that spoils the transaction for the others.
fn run_members(
    batch: &mut [Box<dyn Member>],
    txn: &Txn<'_>,
    work: &Work<'_>,
) -> Result<Option<Attempt>, StoreError> {
    for (place, member) in batch.iter_mut().enumerate() {
        let ran = member.run(txn);
        let dirty = work.take_dirty();
        if let Some(err) = work.broken() {
            return Err(err);
        }
        if ran == Ran::Panicked || (dirty && ran == Ran::Failed) {
            return Ok(Some(Attempt::Poisoned(place)));
        }
    }
    Ok(None)
}

/// Runs the rider, if there is one.
fn run_rider(
    rider: Option<&dyn Rider>,
    txn: &Txn<'_>,
    work: &Work<'_>,
) -> Result<Option<Attempt>, StoreError> {
    let Some(rider) = rider else { return Ok(None) };
    let rode = catch_unwind(AssertUnwindSafe(|| rider.ride(txn)));
    if let Some(err) = work.broken() {
        return Err(err);
    }
    Ok(rode.unwrap_or(Err(StoreError::Panicked)).err().map(Attempt::RideFailed))
}

#[cfg(test)]
mod tests;
