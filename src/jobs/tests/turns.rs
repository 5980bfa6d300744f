//! Whose turn it is: order, places, commits, and the end of the worker.

use super::*;

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
