//! Whatever happens to the queue, no job is lost, and each lies where its state says.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::cycle::{Cycle, Outcome};
use super::*;
use crate::store::disk::Disk;
use crate::store::{Snapshot, Store};

#[derive(Clone, Debug)]
enum Step {
    Push {
        priority: u8,
        delay_s: i64,
        max_attempts: u16,
        key: Option<u8>,
    },
    /// A cycle in which the jobs that run end, each as the next of `outcomes` says.
    Cycle {
        room: usize,
        outcomes: Vec<u8>,
        orphans: bool,
    },
    /// A dead job is tried again.
    Retry,
    Wait {
        hours: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let push = (0..3_u8, -5..5_i64, 0..3_u16, prop::option::of(0..4_u8)).prop_map(
        |(priority, delay_s, max_attempts, key)| Step::Push {
            priority,
            delay_s,
            max_attempts,
            key,
        },
    );
    let cycle = (0..4_usize, prop::collection::vec(0..5_u8, 0..4), prop::bool::weighted(0.1))
        .prop_map(|(room, outcomes, orphans)| Step::Cycle { room, outcomes, orphans });
    prop_oneof![
        4 => push,
        4 => cycle,
        1 => Just(Step::Retry),
        1 => (1..200_i64).prop_map(|hours| Step::Wait { hours }),
    ]
}

fn outcome(choice: u8, now: Timestamp) -> Outcome {
    let failed = |retry_at| Outcome::Failed { error: "failed".to_owned(), retry_at };
    match choice {
        0 | 1 => Outcome::Done,
        2 => failed(Some(now + SignedDuration::from_secs(3))),
        3 => failed(None),
        _ => Outcome::Returned,
    }
}

/// What the test does to the queue, and what it knows of it.
struct Play {
    store: Store,
    runtime: tokio::runtime::Runtime,
    now: Timestamp,
    running: BTreeSet<u64>,
}

impl Play {
    fn new() -> Self {
        Self {
            store: Disk::default().open(),
            runtime: tokio::runtime::Builder::new_current_thread().build().unwrap(),
            now: Timestamp::from_second(1_800_000_000).unwrap(),
            running: BTreeSet::new(),
        }
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Txn<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.runtime.block_on(self.store.write(work)).unwrap()
    }

    fn go(&mut self, step: Step) -> Result<(), TestCaseError> {
        let now = self.now;
        match step {
            Step::Push { priority, delay_s, max_attempts, key } => {
                let job = NewJob {
                    kind: "test",
                    priority,
                    payload: vec![1],
                    run_at: Some(now + SignedDuration::from_secs(delay_s)),
                    max_attempts,
                    key: key.map(|key| key.to_string()),
                    client: None,
                };
                self.write(move |txn| push_in(txn, &job, now));
            }
            Step::Cycle { room, outcomes, orphans } => self.cycle(room, &outcomes, orphans)?,
            Step::Retry => {
                let dead = self.store.read(|it| it.jobs_dead().first()).unwrap();
                if let Some(((_, id), ())) = dead {
                    prop_assert!(self.write(move |txn| retry(txn, JobId(id), now)));
                }
            }
            Step::Wait { hours } => self.now += SignedDuration::from_hours(hours),
        }
        Ok(())
    }

    fn cycle(&mut self, room: usize, outcomes: &[u8], orphans: bool) -> Result<(), TestCaseError> {
        let ends = self.running.iter().zip(outcomes);
        let ended: Vec<_> =
            ends.map(|(id, choice)| (JobId(*id), outcome(*choice, self.now))).collect();
        for (id, _) in &ended {
            self.running.remove(&id.0);
        }
        if orphans {
            self.running.clear();
        }
        let cycle =
            Cycle { ended, room: cycle::Room::of(room), orphans, check: |_| Ok(()), now: self.now };
        let cycled = self.write(move |txn| cycle.run(txn));
        prop_assert!(cycled.claimed.len() <= room);
        for job in cycled.claimed {
            prop_assert!(self.running.insert(job.id.0), "a job is with two at once");
            prop_assert!((1..=job.max_attempts).contains(&job.attempt));
        }
        Ok(())
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let found = self.store.read(places).unwrap();
        prop_assert_eq!(&found.running, &self.running);
        prop_assert_eq!(found.wrong, Vec::<u64>::new());
        Ok(())
    }
}

struct Found {
    running: BTreeSet<u64>,
    /// Jobs that do not lie in exactly the one index that their state names.
    wrong: Vec<u64>,
}

fn places(it: &Snapshot<'_>) -> Result<Found, StoreError> {
    let ids = |entries: Vec<((i64, u64), ())>| entries.into_iter().map(|((_, id), ())| id);
    let ready: BTreeSet<_> = it
        .jobs_ready()
        .range(..)
        .map(|entry| entry.map(|((_, _, id), ())| id))
        .collect::<Result<_, StoreError>>()?;
    let waiting: BTreeSet<_> =
        ids(it.jobs_waiting().range(..).collect::<Result<_, _>>()?).collect();
    let done: BTreeSet<_> = ids(it.jobs_done().range(..).collect::<Result<_, _>>()?).collect();
    let dead: BTreeSet<_> = ids(it.jobs_dead().range(..).collect::<Result<_, _>>()?).collect();
    let running = it.jobs_running().range(..).map(|entry| Ok(entry?.0));
    let running = running.collect::<Result<BTreeSet<_>, StoreError>>()?;
    let mut listed = ready.len() + waiting.len() + done.len() + dead.len() + running.len();
    let mut wrong = Vec::new();
    for row in it.jobs().rows::<Row>(..) {
        let (id, Row::V1(job)) = row?;
        listed -= 1;
        let right = match job.state {
            State::Pending => ready.contains(&id) || waiting.contains(&id),
            State::Running => running.contains(&id),
            State::Done { .. } => done.contains(&id),
            State::Dead { .. } => dead.contains(&id),
        };
        let keyed = match job.key {
            Some(key) => it.jobs_keys().get(&key)? == Some(id),
            None => true,
        };
        if !right || !keyed {
            wrong.push(id);
        }
    }
    assert_eq!(listed, 0, "an index names a job that is not there, or one job twice");
    Ok(Found { running, wrong })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn each_job_lies_where_its_state_says(steps in prop::collection::vec(step(), 1..60)) {
        let mut play = Play::new();
        for step in steps {
            play.go(step)?;
            play.check()?;
        }
        // In the end every job gets its turn.
        for _ in 0..400 {
            play.now += SignedDuration::from_secs(10);
            play.cycle(8, &[0; 8], false)?;
        }
        let left = play.store.read(|it| overview(it, play.now)).unwrap().total;
        prop_assert_eq!((left.queued, left.waiting, left.running), (0, 0, 0));
    }
}
