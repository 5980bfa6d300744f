//! What riding along in the commits of others must not change, and what it must.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Barrier, OnceLock};
use std::task::Waker;

use proptest::prelude::*;

use super::*;
use crate::jobs::desk::{Desk, Next, Terms};
use crate::store::disk::Disk;
use crate::store::queue::LANES;
use crate::store::queue::cycle::Outcome;
use crate::store::{Read, Rider};

/// A desk with a worker at it that the test plays by hand.
fn desk(bench: &Bench, stop: &CancellationToken) -> Arc<Desk> {
    let terms = Terms { concurrency: 2, lanes: [2; LANES], check: |_| Ok(()) };
    let desk = Arc::new(Desk::new(terms, bench.clock.clone(), stop.clone()));
    desk.open();
    desk
}

fn take_along(bench: &Bench, desk: &Arc<Desk>) {
    let rider: Arc<dyn Rider> = desk.clone();
    bench.store.take_along(Arc::downgrade(&rider));
}

fn begin(desk: &Desk) -> Option<JobId> {
    match desk.next(Waker::noop()) {
        Next::Begin(job) => Some(job.id),
        _ => None,
    }
}

#[tokio::test]
async fn the_commit_that_pushes_a_job_is_the_only_one_before_it_begins() {
    let bench = Bench::new();
    let (stop, store) = (CancellationToken::new(), bench.store.clone());
    let begun_at = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&begun_at);
    let perform = move |_: Work, _, _| {
        noted.lock().unwrap().push(store.stats().commits);
        async { Ok(()) }
    };
    let options = WorkerOptions::default();
    let run = run_worker(bench.store.clone(), bench.clock.clone(), options, stop.clone(), perform);
    let worker = RunningWorker { stop, task: tokio::spawn(run) };
    for n in 0..3 {
        let before = bench.store.stats().commits;
        let id = bench.push(job(&Work::Succeed(n))).await;
        bench.until(id, JobState::Done).await;
        assert_eq!(begun_at.lock().unwrap()[n as usize], before + 1);
        assert_eq!(bench.store.stats().commits, before + 2, "and one puts it down");
    }
    worker.stop().await;
}

#[tokio::test]
async fn results_join_a_commit_that_is_made_anyway() {
    let bench = Bench::new();
    let desk = desk(&bench, &CancellationToken::new());
    take_along(&bench, &desk);
    let first = bench.push(job(&Work::Succeed(1))).await;
    assert_eq!(begin(&desk), Some(first));
    desk.note(first, Outcome::Done);
    let before = bench.store.stats().commits;
    let write = bench.store.write(|txn| txn.meta().insert("another", 1));
    write.await.unwrap();
    assert_eq!(bench.record(first).state, JobState::Done);
    assert_eq!(bench.store.stats().commits, before + 1);
}

#[tokio::test]
async fn room_is_taken_on_disk_and_comes_back_with_the_results() {
    let bench = Bench::new();
    let desk = desk(&bench, &CancellationToken::new());
    take_along(&bench, &desk);
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(bench.push(job(&Work::Succeed(n))).await);
    }
    assert_eq!([begin(&desk), begin(&desk), begin(&desk)], [Some(ids[0]), Some(ids[1]), None]);
    desk.note(ids[1], Outcome::Done);
    assert_eq!(begin(&desk), None);
    ids.push(bench.push(job(&Work::Succeed(4))).await);
    assert_eq!([begin(&desk), begin(&desk)], [Some(ids[2]), None]);
}

#[tokio::test]
async fn a_batch_that_is_run_again_hands_its_jobs_over_once() {
    let bench = Bench::new();
    let worker = bench.work(WorkerOptions::default());
    let now = bench.clock.now();
    let gate = Arc::new(Barrier::new(2));
    let (shut, tries) = (Arc::clone(&gate), AtomicU32::new(0));
    let hold_up = bench.store.write(move |_| {
        if tries.fetch_add(1, Ordering::Relaxed) == 0 {
            shut.wait();
        }
        Ok::<_, StoreError>(())
    });
    let pushed = bench.push(job(&Work::Succeed(1)));
    let poison = bench.store.write(move |txn| {
        queue::push_in(txn, &job(&Work::Succeed(2)), now)?;
        Err::<(), _>(StoreError::Panicked)
    });
    let last = bench.push(job(&Work::Succeed(3)));
    let open = async {
        tokio::task::yield_now().await; // By now all writes have been sent.
        gate.wait();
    };
    let (held, first, poisoned, last, ()) = tokio::join!(hold_up, pushed, poison, last, open);
    held.unwrap();
    assert!(poisoned.is_err());
    for id in [first, last] {
        assert_eq!(bench.until(id, JobState::Done).await.attempts, 1);
    }
    worker.stop().await;
    assert_eq!(bench.performed(), [Work::Succeed(1), Work::Succeed(3)]);
}

#[tokio::test]
async fn a_commit_that_fails_hands_nothing_over() {
    for healthy_syncs in 0..2 {
        let disk = Disk::default();
        let bench = Bench::over(tempfile::tempdir().unwrap(), disk.open());
        let worker = bench.work(one_at_a_time());
        let before = bench.push(job(&Work::Succeed(1))).await;
        bench.until(before, JobState::Done).await;
        disk.fail_in(Some(healthy_syncs));
        let (now, lost) = (bench.clock.now(), job(&Work::Succeed(2)));
        let failed = bench.store.write(move |txn| queue::push_in(txn, &lost, now)).await;
        assert!(matches!(failed, Err(StoreError::Database(_))), "{failed:?}");
        assert_eq!(bench.performed(), [Work::Succeed(1)]);
        disk.fail_in(None);
        let after = bench.push(job(&Work::Succeed(3))).await;
        bench.until(after, JobState::Done).await;
        // After the second sync the commit may have been kept; then the job lies there as if its
        // worker had crashed, and is taken up again.
        let kept = after.0 - before.0 == 2;
        let expected: &[u32] = if kept { &[1, 2, 3] } else { &[1, 3] };
        let performed = eventually(|| {
            Some(bench.performed()).filter(|performed| performed.len() == expected.len())
        });
        assert_eq!(performed.await, expected.iter().map(|n| Work::Succeed(*n)).collect::<Vec<_>>());
        assert!(!kept || bench.log.lock().unwrap()[1].1.current == 2);
        worker.stop().await;
    }
}

#[tokio::test]
async fn a_crash_between_commit_and_hand_over_leaves_a_job_that_is_taken_up_again() {
    let bench = Bench::new();
    let desk = desk(&bench, &CancellationToken::new());
    take_along(&bench, &desk);
    let id = bench.push(job(&Work::Succeed(1))).await;
    drop(desk);
    assert_eq!(bench.record(id).state, JobState::Running);
    let worker = bench.work(WorkerOptions::default());
    assert_eq!(bench.until(id, JobState::Done).await.attempts, 2);
    worker.stop().await;
    assert_eq!(bench.performed().len(), 1);
}

#[tokio::test]
async fn what_arrives_after_the_stop_is_put_back_as_if_it_had_not_been_taken_up() {
    let bench = Bench::new();
    let stop = CancellationToken::new();
    let desk = desk(&bench, &stop);
    let (now, riding) = (bench.clock.now(), Arc::clone(&desk));
    let claim = bench.store.write(move |txn| {
        let id = queue::push_in(txn, &job(&Work::Succeed(1)), now)?;
        riding.ride(txn)?;
        Ok::<_, StoreError>(id)
    });
    let id = claim.await.unwrap();
    stop.cancel();
    desk.arrived(Ok(()));
    assert_eq!(begin(&desk), None);
    assert_eq!(bench.record(id).state, JobState::Running);
    take_along(&bench, &desk);
    desk.close(&bench.store).await.unwrap();
    let record = bench.record(id);
    assert_eq!((record.state, record.attempts), (JobState::Queued, 0));
    let later = bench.push(job(&Work::Succeed(2))).await;
    assert_eq!(bench.record(later).state, JobState::Queued);
}

#[tokio::test]
async fn a_result_after_the_stop_does_not_wait_for_the_jobs_that_still_run() {
    let bench = Bench::new();
    let (stop, signal) = (CancellationToken::new(), CancellationToken::new());
    let (awaited, begun) = (signal.clone(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&begun);
    let perform = move |work: Work, _, _| {
        counted.fetch_add(1, Ordering::Relaxed);
        let awaited = awaited.clone();
        async move {
            match work {
                Work::Hang => std::future::pending().await,
                _ => awaited.cancelled().await,
            }
            Ok(())
        }
    };
    let options =
        WorkerOptions { drain_within: Duration::from_millis(500), ..WorkerOptions::default() };
    let run = run_worker(bench.store.clone(), bench.clock.clone(), options, stop.clone(), perform);
    let worker = RunningWorker { stop, task: tokio::spawn(run) };
    let hung = bench.push(job(&Work::Hang)).await;
    let ends = bench.push(job(&Work::Succeed(1))).await;
    eventually(|| Some(()).filter(|()| begun.load(Ordering::Relaxed) == 2)).await;
    worker.stop.cancel();
    signal.cancel();
    bench.until(ends, JobState::Done).await;
    assert!(!worker.task.is_finished());
    worker.stop().await;
    assert_eq!(bench.record(hung).state, JobState::Running);
}

/// Pushes `sizes` jobs, batch by batch, to a worker that is stopped after it began some of them.
async fn storm(
    sizes: &[usize],
    concurrency: usize,
    stop_after: usize,
) -> Result<(), TestCaseError> {
    let bench = Bench::over(tempfile::tempdir().unwrap(), Disk::default().open());
    let stop = CancellationToken::new();
    let (begun, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let perform = {
        let (begun, most, running) = (begun.clone(), most.clone(), Arc::new(AtomicUsize::new(0)));
        let (store, stop) = (bench.store.clone(), stop.clone());
        move |_: Work, _: Attempt, _| {
            let (running, store) = (Arc::clone(&running), store.clone());
            if begun.fetch_add(1, Ordering::Relaxed) + 1 == stop_after {
                stop.cancel();
            }
            most.fetch_max(running.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            let most = Arc::clone(&most);
            async move {
                tokio::task::yield_now().await;
                let on_disk = store.read(|it| it.jobs_running().count()).unwrap();
                most.fetch_max(usize::try_from(on_disk).unwrap(), Ordering::Relaxed);
                running.fetch_sub(1, Ordering::Relaxed);
                Ok(())
            }
        }
    };
    let options = WorkerOptions { concurrency, ..WorkerOptions::default() };
    let run = run_worker(bench.store.clone(), bench.clock.clone(), options, stop.clone(), perform);
    let worker = RunningWorker { stop: stop.clone(), task: tokio::spawn(run) };
    for size in sizes {
        futures::future::join_all((0..*size).map(|_| bench.push(job(&Work::Succeed(0))))).await;
    }
    let pushed = sizes.iter().sum::<usize>();
    if stop_after > pushed {
        eventually(|| Some(()).filter(|()| begun.load(Ordering::Relaxed) == pushed)).await;
    }
    worker.stop().await;
    prop_assert!(most.load(Ordering::Relaxed) <= concurrency);
    let jobs = bench.store.read(|it| queue::list(it, None, 1000, bench.clock.now())).unwrap();
    prop_assert_eq!(jobs.len(), pushed);
    let done = jobs.iter().filter(|job| (job.state, job.attempts) == (JobState::Done, 1)).count();
    let left = jobs.iter().filter(|job| (job.state, job.attempts) == (JobState::Queued, 0)).count();
    prop_assert_eq!((done, done + left), (begun.load(Ordering::Relaxed), pushed));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn in_a_storm_no_more_run_than_allowed_and_none_is_lost(
        sizes in prop::collection::vec(1..12_usize, 1..8),
        concurrency in 1..5_usize,
        stop_after in 1..60_usize,
    ) {
        static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
        let runtime = RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().unwrap());
        runtime.block_on(storm(&sizes, concurrency, stop_after))?;
    }
}
