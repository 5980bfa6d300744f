//! What the queue and its worker promise, played on a real store with a clock moved by hand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::clock::{Clock, ClockHand};
use crate::domain::ids::JobId;
use crate::store::queue::{self, JobRecord, JobState, NewJob};
use crate::store::{Options, Store, StoreError};

mod failures;
mod lanes;
mod riding;
mod turns;

/// What the test's jobs do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Work {
    Succeed(u32),
    Fail,
    FailAfter(u64),
    FailForGood,
    Panic,
    Hang,
    UntilStop,
}

/// A store, a clock that stands until it is moved, and a log of what was performed.
struct Bench {
    dir: tempfile::TempDir,
    store: Store,
    clock: Clock,
    hand: ClockHand,
    log: Arc<Mutex<Vec<(Work, Attempt)>>>,
}

struct RunningWorker {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

fn job(work: &Work) -> NewJob {
    NewJob {
        kind: "test",
        priority: 0,
        payload: postcard::to_stdvec(work).unwrap(),
        run_at: None,
        max_attempts: 3,
        key: None,
        client: None,
    }
}

fn open(dir: &tempfile::TempDir) -> Store {
    Store::open(&dir.path().join("store.redb"), Options { cache_bytes: 1 << 20 }).unwrap()
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir);
        Self::over(dir, store)
    }

    fn over(dir: tempfile::TempDir, store: Store) -> Self {
        let (clock, hand) = Clock::stopped(Timestamp::from_second(1_800_000_000).unwrap());
        Self { dir, store, clock, hand, log: Arc::default() }
    }

    async fn push(&self, job: NewJob) -> JobId {
        let now = self.clock.now();
        self.store.write(move |txn| queue::push_in(txn, &job, now)).await.unwrap()
    }

    fn record(&self, id: JobId) -> JobRecord {
        self.store.read(|it| queue::get(it, id, self.clock.now())).unwrap().unwrap()
    }

    fn work(&self, options: WorkerOptions) -> RunningWorker {
        let stop = CancellationToken::new();
        let (log, stopped) = (Arc::clone(&self.log), stop.clone());
        let perform = move |work: Work, attempt: Attempt, _id: JobId| {
            let (log, stopped) = (Arc::clone(&log), stopped.clone());
            async move {
                log.lock().unwrap().push((work.clone(), attempt));
                let failed = |retry| Err(JobError { retry, message: "as the test wants".into() });
                match work {
                    Work::Succeed(_) => Ok(()),
                    Work::Fail => failed(Retry::Backoff),
                    Work::FailAfter(s) => failed(Retry::After(Duration::from_secs(s))),
                    Work::FailForGood => failed(Retry::Never),
                    Work::Panic => panic!("as the test wants"),
                    Work::Hang => std::future::pending().await,
                    Work::UntilStop => {
                        stopped.cancelled().await;
                        Ok(())
                    }
                }
            }
        };
        let run =
            run_worker(self.store.clone(), self.clock.clone(), options, stop.clone(), perform);
        RunningWorker { stop, task: tokio::spawn(run) }
    }

    async fn until(&self, id: JobId, state: JobState) -> JobRecord {
        eventually(|| Some(self.record(id)).filter(|job| job.state == state)).await
    }

    fn performed(&self) -> Vec<Work> {
        self.log.lock().unwrap().iter().map(|(work, _)| work.clone()).collect()
    }
}

impl RunningWorker {
    async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(10), self.task).await.unwrap().unwrap();
    }
}

/// Asks `look` until it gives something; a test that waits in vain fails.
async fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited in vain");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn one_at_a_time() -> WorkerOptions {
    WorkerOptions { concurrency: 1, ..WorkerOptions::default() }
}

#[tokio::test]
async fn a_job_is_performed_and_its_result_is_kept() {
    let bench = Bench::new();
    let worker = bench.work(WorkerOptions::default());
    let id = bench.push(job(&Work::Succeed(1))).await;
    let done = bench.until(id, JobState::Done).await;
    assert_eq!((done.attempts, done.error), (1, None));
    worker.stop().await;
    assert_eq!(bench.performed(), [Work::Succeed(1)]);
}

#[tokio::test]
async fn a_job_shares_the_fate_of_its_transaction() {
    let bench = Bench::new();
    let worker = bench.work(WorkerOptions::default());
    let now = bench.clock.now();
    let aborted = bench.store.write(move |txn| {
        queue::push_in(txn, &job(&Work::Succeed(1)), now)?;
        Err::<(), _>(StoreError::Closed)
    });
    assert!(aborted.await.is_err());
    let id = bench.push(job(&Work::Succeed(2))).await;
    bench.until(id, JobState::Done).await;
    worker.stop().await;
    assert_eq!(bench.performed(), [Work::Succeed(2)]);
}

#[tokio::test]
async fn a_push_wakes_the_worker_and_an_idle_worker_writes_nothing() {
    let bench = Bench::new();
    let worker = bench.work(WorkerOptions::default());
    // The clock stands, and the worker looks at nothing in between: each push wakes it.
    for n in 0..50 {
        let id = bench.push(job(&Work::Succeed(n))).await;
        bench.until(id, JobState::Done).await;
    }
    let last = bench.push(job(&Work::Succeed(50))).await;
    bench.until(last, JobState::Done).await;
    let commits = bench.store.stats().commits;
    bench.hand.advance(SignedDuration::from_hours(1));
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(bench.store.stats().commits, commits);
    worker.stop().await;
}

#[tokio::test]
async fn a_job_waits_for_its_time() {
    let bench = Bench::new();
    let worker = bench.work(WorkerOptions::default());
    let later = bench.clock.now() + SignedDuration::from_hours(24);
    let id = bench.push(NewJob { run_at: Some(later), ..job(&Work::Succeed(1)) }).await;
    let other = bench.push(job(&Work::Succeed(2))).await;
    bench.until(other, JobState::Done).await;
    assert_eq!(bench.record(id).state, JobState::Waiting);
    bench.hand.advance(SignedDuration::from_hours(24) - SignedDuration::from_secs(1));
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(bench.record(id).state, JobState::Waiting);
    bench.hand.advance(SignedDuration::from_secs(1));
    bench.until(id, JobState::Done).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_key_queues_a_job_once_until_it_is_forgotten() {
    let bench = Bench::new();
    let keyed = || NewJob { key: Some("remind:7".to_owned()), ..job(&Work::Succeed(1)) };
    let id = bench.push(keyed()).await;
    assert_eq!(bench.push(keyed()).await, id);
    let worker = bench.work(WorkerOptions::default());
    bench.until(id, JobState::Done).await;
    assert_eq!(bench.push(keyed()).await, id);

    bench.hand.advance(SignedDuration::from_hours(7 * 24) - SignedDuration::from_secs(1));
    let other = bench.push(job(&Work::Succeed(2))).await;
    bench.until(other, JobState::Done).await;
    assert_eq!(bench.push(keyed()).await, id);

    bench.hand.advance(SignedDuration::from_secs(2));
    let other = bench.push(job(&Work::Succeed(3))).await;
    bench.until(other, JobState::Done).await;
    assert_eq!(bench.store.read(|it| queue::get(it, id, bench.clock.now())).unwrap(), None);
    let renewed = bench.push(keyed()).await;
    assert!(renewed > other, "a number was given twice");
    bench.until(renewed, JobState::Done).await;
    worker.stop().await;
}
