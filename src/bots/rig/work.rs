//! What happens in the queue while people talk: the worker is played, a step at a time.

use jiff::SignedDuration;

use super::Rig;
use crate::actions::follow::show_progress;
use crate::domain::client::{BotProblem, RuntimeState};
use crate::domain::ids::JobId;
use crate::domain::ids::UserId;
use crate::domain::job::{Job, Notice};
use crate::metrics::Handled;
use crate::store::queue::cycle::{Cycle, Outcome, Room};
use crate::store::queue::{self, JobState};
use crate::store::{StoreError, clients, jobs};

impl Rig {
    /// Does one thing that a worker would do.
    pub(super) async fn work(&self, event: &str) {
        match event {
            "jobs are taken up" => self.cycle(&[], None).await,
            "a job fails" => {
                let at = self.deps.clock.now() + SignedDuration::from_mins(1);
                let error = "the bot did not become healthy within 60 s".to_owned();
                self.end_jobs(Outcome::Failed { error, retry_at: Some(at) }).await;
            }
            "all is given up" => {
                let error = "no answer: timed out".to_owned();
                self.end_jobs(Outcome::Failed { error, retry_at: None }).await;
            }
            "all is done" => self.end_jobs(Outcome::Done).await,
            "the start is shown" => {
                show_progress(&self.deps, self.newest_client()).await.unwrap();
            }
            "the bot runs" => self.set_runtime(RuntimeState::Running).await,
            "the bot has failed" => self.set_runtime(RuntimeState::Failed).await,
            "the bot reports two visits" => {
                let (handled, now) = (Handled::default(), self.deps.clock.now());
                self.deps.health.report_with(self.newest_client(), Some(2), &handled, now);
            }
            "the token is revoked" => {
                let id = self.newest_client();
                let write = self.deps.store.write::<_, StoreError>(move |txn| {
                    let mut client = clients::get(txn, id)?.unwrap();
                    client.problem = Some(BotProblem::TokenRevoked);
                    clients::put(txn, &client)
                });
                write.await.unwrap();
            }
            "three notices are queued" => {
                let now = self.deps.clock.now();
                let olga = UserId::new(super::PEOPLE[0].1).unwrap();
                let write = self.deps.store.write::<_, StoreError>(move |txn| {
                    for _ in 0..3 {
                        jobs::push(txn, now, &Job::Notify(olga, Notice::JobsDead))?;
                    }
                    Ok(())
                });
                write.await.unwrap();
            }
            _ => panic!("unknown work: {event}"),
        }
    }

    async fn set_runtime(&self, runtime: RuntimeState) {
        let id = self.newest_client();
        let write = self.deps.store.write::<_, StoreError>(move |txn| {
            let mut client = clients::get(txn, id)?.unwrap();
            client.runtime = runtime;
            clients::put(txn, &client)
        });
        write.await.unwrap();
    }

    /// Ends all jobs that run.
    async fn end_jobs(&self, outcome: Outcome) {
        let now = self.deps.clock.now();
        let running =
            self.deps.store.read(|snap| queue::in_state(snap, JobState::Running, 99, now));
        let ids: Vec<_> = running.unwrap().into_iter().map(|job| job.id).collect();
        self.cycle(&ids, Some(outcome)).await;
    }

    async fn cycle(&self, ended: &[JobId], outcome: Option<Outcome>) {
        let ended = ended.iter().filter_map(|id| Some((*id, outcome.clone()?))).collect();
        let room = if outcome.is_some() { Room::default() } else { Room::of(99) };
        let now = self.deps.clock.now();
        let cycle = Cycle { ended, room, orphans: false, check: |_| Ok(()), now };
        self.deps.store.write::<_, StoreError>(move |txn| cycle.run(txn)).await.unwrap();
    }
}
