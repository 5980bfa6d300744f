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
use crate::store::disk::Disk;
use crate::store::queue::cycle::ENDS_FORGIVEN;
use crate::store::queue::{self, JobRecord, JobState, NewJob};
use crate::store::{Options, Store, StoreError};

mod lanes;
mod riding;

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
async fn a_pushed_job_starts_at_once_and_an_idle_worker_writes_nothing() {
    let bench = Bench::new();
    let worker = bench.work(WorkerOptions::default());
    let mut took = Vec::new();
    for n in 0..50 {
        let began = std::time::Instant::now();
        bench.push(job(&Work::Succeed(n))).await;
        while bench.log.lock().unwrap().len() <= n as usize {
            tokio::task::yield_now().await;
        }
        took.push(began.elapsed());
    }
    took.sort();
    assert!(took[25] < Duration::from_millis(250), "the median job waited {:?}", took[25]);
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
async fn a_failed_job_comes_back_and_is_given_up_in_the_end() {
    let bench = Bench::new();
    let worker = bench.work(WorkerOptions::default());
    let id = bench.push(job(&Work::FailAfter(60))).await;
    for attempt in 1..3 {
        let record = eventually(|| {
            Some(bench.record(id))
                .filter(|job| job.state == JobState::Waiting && job.attempts == attempt)
        })
        .await;
        assert_eq!(record.run_at, bench.clock.now() + SignedDuration::from_mins(1));
        assert_eq!(record.error.as_deref(), Some("as the test wants"));
        bench.hand.advance(SignedDuration::from_mins(1));
    }
    let dead = bench.until(id, JobState::Dead).await;
    assert_eq!(dead.attempts, 3);

    let now = bench.clock.now();
    assert!(bench.store.write(move |txn| queue::retry(txn, id, now)).await.unwrap());
    let again = bench.until(id, JobState::Waiting).await;
    assert_eq!(again.attempts, 1);
    assert!(!bench.store.write(move |txn| queue::retry(txn, id, now)).await.unwrap());
    worker.stop().await;
}

#[tokio::test]
async fn a_failure_without_hope_is_not_repeated_and_its_error_is_bounded() {
    let bench = Bench::new();
    let worker = bench.work(WorkerOptions::default());
    let id = bench.push(job(&Work::FailForGood)).await;
    assert_eq!(bench.until(id, JobState::Dead).await.attempts, 1);
    worker.stop().await;

    let id = bench.push(job(&Work::Fail)).await;
    let now = bench.clock.now();
    let cycle = |ended, room| queue::cycle::Cycle {
        ended,
        room: queue::cycle::Room::of(room),
        orphans: false,
        check: |_| Ok(()),
        now,
    };
    let claim = cycle(Vec::new(), 1);
    bench.store.write(move |txn| claim.run(txn)).await.unwrap();
    let error = "\u{fc}".repeat(2000);
    let failed = queue::cycle::Outcome::Failed { error, retry_at: None };
    let put_down = cycle(vec![(id, failed)], 0);
    bench.store.write(move |txn| put_down.run(txn)).await.unwrap();
    assert_eq!(bench.record(id).error.unwrap().chars().count(), 500);
}

#[tokio::test]
async fn backing_off_grows_and_is_bounded() {
    for (current, longest_s) in [(1, 1), (2, 2), (5, 16), (12, 2048), (13, 3600), (60, 3600)] {
        let waits: Vec<_> =
            (0..200).map(|_| worker::backoff(Attempt { current, max: 99 })).collect();
        let longest = Duration::from_secs(longest_s);
        assert!(waits.iter().all(|wait| *wait <= longest));
        assert!(waits.iter().any(|wait| *wait > longest / 2), "no jitter up to {longest:?}");
        assert!(waits.iter().any(|wait| *wait < longest / 2), "no jitter down from {longest:?}");
    }
    let bench = Bench::new();
    let worker = bench.work(WorkerOptions::default());
    let id = bench.push(NewJob { max_attempts: 2, ..job(&Work::Fail) }).await;
    eventually(|| Some(bench.record(id)).filter(|job| job.error.is_some())).await;
    bench.hand.advance(SignedDuration::from_secs(1));
    bench.until(id, JobState::Dead).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_payload_that_cannot_be_read_does_not_hold_up_the_next() {
    let bench = Bench::new();
    let poison = NewJob { payload: vec![0xff; 40], ..job(&Work::Fail) };
    let poisoned = bench.push(poison).await;
    let good = bench.push(job(&Work::Succeed(1))).await;
    let worker = bench.work(one_at_a_time());
    bench.until(good, JobState::Done).await;
    let record = bench.record(poisoned);
    assert_eq!((record.state, record.attempts), (JobState::Dead, 0));
    assert!(record.error.unwrap().starts_with("the payload cannot be read"));
    worker.stop().await;
}

#[tokio::test]
async fn a_panic_is_a_failure_of_one_job() {
    let bench = Bench::new();
    let worker = bench.work(one_at_a_time());
    let panicked = bench.push(NewJob { max_attempts: 1, ..job(&Work::Panic) }).await;
    let good = bench.push(job(&Work::Succeed(1))).await;
    bench.until(good, JobState::Done).await;
    let record = bench.record(panicked);
    assert_eq!(record.state, JobState::Dead);
    assert_eq!(record.error.as_deref(), Some("the job panicked"));
    worker.stop().await;
}

#[tokio::test]
async fn a_job_that_takes_too_long_has_failed() {
    let bench = Bench::new();
    let timeout = Duration::from_millis(20);
    let worker = bench.work(WorkerOptions { timeout, ..one_at_a_time() });
    let id = bench.push(NewJob { max_attempts: 1, ..job(&Work::Hang) }).await;
    let dead = bench.until(id, JobState::Dead).await;
    assert_eq!(dead.error.as_deref(), Some("request timed out"));
    worker.stop().await;
}

#[tokio::test]
async fn what_a_crash_left_is_taken_up_again_and_the_crash_counts() {
    let mut bench = Bench::new();
    let hung = bench.push(job(&Work::Hang)).await;
    let most = 3 + ENDS_FORGIVEN;
    for crash in 1..=usize::from(most) {
        let worker = bench.work(WorkerOptions::default());
        eventually(|| Some(()).filter(|()| bench.performed().len() == crash)).await;
        worker.task.abort();
        assert!(worker.task.await.unwrap_err().is_cancelled());
        assert_eq!(bench.record(hung).state, JobState::Running);
        bench.store.close();
        bench.store = open(&bench.dir);
    }
    let worker = bench.work(WorkerOptions::default());
    let dead = bench.until(hung, JobState::Dead).await;
    assert_eq!(dead.attempts, most);
    assert_eq!(dead.error.as_deref(), Some("the process ended while it ran"));
    assert_eq!(bench.performed().len(), usize::from(most));
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

#[tokio::test]
async fn the_urgent_goes_first_and_the_old_is_not_forgotten() {
    let bench = Bench::new();
    let with = |priority, n| NewJob { priority, ..job(&Work::Succeed(n)) };
    bench.push(with(2, 1)).await;
    bench.hand.advance(SignedDuration::from_secs(50));
    bench.push(with(1, 2)).await;
    bench.push(with(0, 3)).await;
    bench.hand.advance(SignedDuration::from_secs(20));
    // By now the first has waited for 70 s, which is worth more than two steps of 30 s.
    let last = bench.push(with(0, 4)).await;
    let lowest = bench.push(with(9, 5)).await;
    let worker = bench.work(one_at_a_time());
    bench.until(lowest, JobState::Done).await;
    assert_eq!(bench.record(last).state, JobState::Done);
    let order: Vec<_> = bench.performed();
    assert_eq!(order, [3, 1, 4, 2, 5].map(Work::Succeed));
    worker.stop().await;
}

#[tokio::test]
async fn no_more_jobs_run_than_allowed() {
    let bench = Bench::new();
    for _ in 0..5 {
        bench.push(job(&Work::Hang)).await;
    }
    let options = WorkerOptions {
        concurrency: 3,
        drain_within: Duration::from_millis(20),
        ..WorkerOptions::default()
    };
    let worker = bench.work(options);
    eventually(|| Some(()).filter(|()| bench.performed().len() == 3)).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    let overview = bench.store.scan({
        let now = bench.clock.now();
        move |it| queue::overview(it, now)
    });
    let overview = overview.await.unwrap();
    assert_eq!((overview.total.running, overview.total.queued), (3, 2));
    assert_eq!(overview.by_kind["test"], overview.total);
    worker.stop().await; // Ends although they hang.
    assert_eq!(bench.performed().len(), 3);
}

#[tokio::test]
async fn what_ends_while_the_worker_stops_is_done_though_another_job_hangs() {
    let bench = Bench::new();
    let hangs = bench.push(job(&Work::Hang)).await;
    let ends = bench.push(job(&Work::UntilStop)).await;
    let drain_within = Duration::from_millis(50);
    let worker = bench.work(WorkerOptions { drain_within, ..WorkerOptions::default() });
    eventually(|| Some(()).filter(|()| bench.performed().len() == 2)).await;
    worker.stop().await;
    assert_eq!(bench.record(ends).state, JobState::Done);
    assert_eq!(bench.record(hangs).state, JobState::Running);
}

#[tokio::test]
async fn one_commit_carries_what_ended_and_what_is_next() {
    let bench = Bench::new();
    let now = bench.clock.now();
    let ids = bench.store.write(move |txn| {
        (0..64)
            .map(|n| queue::push_in(txn, &job(&Work::Succeed(n)), now))
            .collect::<Result<Vec<_>, _>>()
    });
    let ids = ids.await.unwrap();
    let before = bench.store.stats().commits;
    let worker = bench.work(WorkerOptions { concurrency: 8, ..WorkerOptions::default() });
    for id in ids {
        bench.until(id, JobState::Done).await;
    }
    // 1 to begin with, then 1 for each 8 jobs; a few more where threads have to wait for a processor.
    let commits = bench.store.stats().commits - before;
    assert!((9..=20).contains(&commits), "{commits} commits for 64 jobs");
    worker.stop().await;
}

#[tokio::test]
async fn the_list_is_newest_first_and_continues_at_a_cursor() {
    let bench = Bench::new();
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(bench.push(job(&Work::Succeed(n))).await);
        bench.hand.advance(SignedDuration::from_secs(1));
    }
    let now = bench.clock.now();
    let page = |before| {
        let jobs = bench.store.read(|it| queue::list(it, before, 2, now)).unwrap();
        jobs.iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(page(None), [ids[4], ids[3]]);
    assert_eq!(page(Some(ids[3])), [ids[2], ids[1]]);
    assert_eq!(page(Some(ids[1])), [ids[0]]);
    let overview = bench.store.read(|it| queue::overview(it, now)).unwrap();
    assert_eq!(overview.oldest_ready, SignedDuration::from_secs(5));
}

#[tokio::test]
async fn a_worker_outlives_a_disk_that_fails_for_a_while() {
    let disk = Disk::default();
    let bench = Bench::over(tempfile::tempdir().unwrap(), disk.open());
    let worker = bench.work(one_at_a_time());
    let id = bench.push(job(&Work::Succeed(1))).await;
    bench.until(id, JobState::Done).await;
    let id = bench.push(job(&Work::FailAfter(1))).await;
    eventually(|| Some(bench.record(id)).filter(|job| job.state == JobState::Waiting)).await;
    disk.fail_in(Some(0));
    bench.hand.advance(SignedDuration::from_secs(1));
    tokio::time::sleep(Duration::from_millis(20)).await;
    disk.fail_in(None);
    let again = eventually(|| {
        let looked = bench.store.read(|it| queue::get(it, id, bench.clock.now()));
        looked.ok().flatten().filter(|job| job.state == JobState::Waiting && job.attempts == 2)
    })
    .await;
    assert_eq!(again.run_at, bench.clock.now() + SignedDuration::from_secs(1));
    worker.stop().await;
}
