//! Jobs that fail, panic, hang, cannot be read or are cut off.

use super::*;
use crate::store::disk::Disk;
use crate::store::queue::cycle::ENDS_FORGIVEN;

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
