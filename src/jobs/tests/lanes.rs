//! Lanes: no kind of job ever holds the places of another.

use super::*;
use crate::store::queue::LANES;

/// Four places, of which notices, say, may hold two.
fn four_places() -> WorkerOptions {
    let mut lanes = [4; LANES];
    lanes[2] = 2;
    WorkerOptions {
        concurrency: 4,
        lanes,
        drain_within: Duration::from_millis(20),
        ..WorkerOptions::default()
    }
}

fn of_lane(priority: u8, work: &Work) -> NewJob {
    NewJob { priority, ..job(work) }
}

#[tokio::test]
async fn a_thousand_jobs_that_hang_leave_places_to_others() {
    let bench = Bench::new();
    let now = bench.clock.now();
    let push = bench.store.write(move |txn| {
        for _ in 0..1_000 {
            queue::push_in(txn, &of_lane(2, &Work::Hang), now)?;
        }
        Ok::<_, StoreError>(())
    });
    push.await.unwrap();
    let worker = bench.work(four_places());
    eventually(|| Some(()).filter(|()| bench.performed().len() == 2)).await;
    bench.hand.advance(SignedDuration::from_hours(1));
    for (number, priority) in (0..6).zip([0, 1, 3, 0, 7, 1]) {
        let id = bench.push(of_lane(priority, &Work::Succeed(number))).await;
        bench.until(id, JobState::Done).await;
    }
    let hung = bench.performed().into_iter().filter(|work| *work == Work::Hang).count();
    assert_eq!(hung, 2);
    worker.stop().await;
}

#[tokio::test]
async fn a_lane_goes_on_when_one_of_its_jobs_ends() {
    let bench = Bench::new();
    let mut ids = Vec::new();
    for number in 0..20 {
        ids.push(bench.push(of_lane(2, &Work::Succeed(number))).await);
    }
    let worker = bench.work(four_places());
    for id in ids {
        bench.until(id, JobState::Done).await;
    }
    worker.stop().await;
}
