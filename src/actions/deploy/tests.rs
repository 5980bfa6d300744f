//! Bots are brought up and down; the shell stands in for their program, and the test reports.

mod archive;
mod home;
mod part;

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::actions::boot::boot;
use crate::actions::cause::KeyReused;
use crate::actions::remove::{self, Force, ask_removal, loss};
use crate::actions::restart::{ask_restart, restart};
use crate::actions::resume::resume;
use crate::actions::suspend::{LifeError, suspend};
use crate::domain::actor::Actor;
use crate::domain::subscription::{Before, Fate, GrantKind, Granted, SuspendedBy};
use crate::external::telegram::Forwarder;
use crate::gateway;
use crate::jobs::{WorkerOptions, run_worker};
use crate::store::audit;
use crate::store::jobs::Payload;
use crate::testing::{Host, cause, until};

const OWNER: i64 = 5001;
const TOKEN: &str = "700001:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";
const OBEDIENT: &str = "echo $$ >> pids; cat > /dev/null";
const BROKEN: &str = "echo $$ >> pids; exit 3";

struct Bench {
    host: Host,
    id: ClientId,
    stop: CancellationToken,
}

impl Bench {
    /// A host with one client that is yet to be deployed, whose program is `script`.
    async fn new(script: &str, patience: Duration) -> Self {
        let nowhere = "http://127.0.0.1:1";
        let mut host = Host::new(nowhere, Path::new("/bin/sh"), patience);
        let id = host.add_client(1, OWNER, TOKEN).await;
        let data = host.layout.data_dir(id);
        fs::create_dir_all(&data).unwrap();
        fs::write(data.join("client"), script).unwrap();
        let (stop, orders) = (CancellationToken::new(), host.orders.take().unwrap());
        let forwarder = Forwarder::new(nowhere, None).unwrap();
        let deps = host.deps.clone();
        tokio::spawn(gateway::run(deps, host.layout.clone(), forwarder, orders, stop.clone()));
        Self { host, id, stop }
    }

    fn deps(&self) -> &Deps {
        &self.host.deps
    }

    fn state(&self) -> RuntimeState {
        self.host.client(self.id).runtime
    }

    /// The numbers of all processes that were ever started.
    fn pids(&self) -> Vec<u32> {
        let text = fs::read_to_string(self.host.layout.data_dir(self.id).join("pids"));
        text.unwrap_or_default().lines().map(|line| line.parse().unwrap()).collect()
    }

    /// Deploys while the process reports in its own time.
    async fn deploy_well(&self) {
        let started = self.pids().len();
        let reporting = async {
            until("a process runs", || self.pids().len() > started).await;
            self.deps().health.report(self.id);
        };
        let (deployed, ()) = tokio::join!(deploy(self.deps(), self.id, Chance::More), reporting);
        deployed.unwrap();
    }

    /// Takes all jobs out of the queue and returns them, in no order that matters.
    async fn jobs(&self) -> Vec<String> {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let stop = CancellationToken::new();
        let (jobs, store) = (seen.clone(), self.deps().store.clone());
        let worker = run_worker(
            store.clone(),
            self.deps().clock.clone(),
            WorkerOptions::default(),
            stop.clone(),
            move |payload: Payload, _, _| {
                let jobs = jobs.clone();
                async move {
                    jobs.lock().unwrap().push(format!("{:?}", payload.parse().unwrap()));
                    Ok(())
                }
            },
        );
        let now = self.deps().clock.now() + SignedDuration::from_hours(1);
        let idle = async {
            until("the queue is empty", || {
                let total =
                    store.read(|snap| crate::store::queue::overview(snap, now)).unwrap().total;
                total.queued + total.waiting + total.running == 0
            })
            .await;
            stop.cancel();
        };
        tokio::join!(worker, idle);
        let mut seen = seen.lock().unwrap().clone();
        let id = format!("{:?}", self.id);
        for job in &mut seen {
            *job = job.replace(&id, "it");
        }
        seen.sort();
        seen
    }

    fn runs(&self) -> bool {
        let status = futures::executor::block_on(self.deps().runtime.inspect(self.id)).unwrap();
        matches!(status, RuntimeStatus::Running { .. })
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn patient() -> Duration {
    Duration::from_secs(20)
}

/// Paused by an operator, with time granted until then.
fn paused(until: jiff::Timestamp, since: jiff::Timestamp) -> Subscription {
    let granted = Granted { until, kind: GrantKind::Paid };
    Subscription::Suspended { granted, since, by: SuspendedBy::Operator }
}

fn cancelled(before: Subscription, since: jiff::Timestamp) -> Subscription {
    let (granted, data) = (before.granted(), Fate::Kept);
    Subscription::Cancelled { granted, since, before: Before::Free, data }
}

fn operator() -> Actor {
    Actor::Operator(crate::domain::ids::UserId::new(111_111).unwrap())
}

#[tokio::test]
async fn a_bot_that_reports_is_running_and_people_hear_of_it_once() {
    let bench = Bench::new(OBEDIENT, patient()).await;
    bench.deploy_well().await;
    assert_eq!(bench.state(), RuntimeState::Running);
    assert!(bench.runs());
    assert!(bench.host.layout.socket(bench.id).exists());
    let told = ["Notify(UserId(111111), DeployDone(it))", "Notify(UserId(5001), BotReady(it))"];
    assert_eq!(bench.jobs().await, told);

    deploy(bench.deps(), bench.id, Chance::More).await.unwrap();
    assert_eq!(bench.pids().len(), 1);
    assert_eq!(bench.jobs().await, Vec::<String>::new());
}

/// D-033: a bot that is paid for and does not run is more than a line in the log.
/// D-012, D-148: a bot is announced once it has said itself that it works.
#[tokio::test]
async fn a_bot_that_does_not_report_is_stopped_and_told_of_at_the_end() {
    let bench = Bench::new(OBEDIENT, Duration::from_millis(300)).await;
    let failed = deploy(bench.deps(), bench.id, Chance::More).await;
    assert!(matches!(failed, Err(DeployError::NotHealthy(_))));
    assert_eq!(bench.state(), RuntimeState::Starting);
    assert!(!bench.runs());
    assert!(!bench.host.layout.socket(bench.id).exists());
    assert_eq!(bench.jobs().await, Vec::<String>::new());

    for _ in 0..2 {
        deploy(bench.deps(), bench.id, Chance::Last).await.unwrap_err();
    }
    assert_eq!(bench.state(), RuntimeState::Failed);
    assert!(bench.host.layout.data_dir(bench.id).join("client").exists(), "the data is kept");
    let told = [
        "Notify(UserId(111111), DeployFailed(it))",
        "Notify(UserId(111111), PaidNotDelivered(it))",
        "Notify(UserId(5001), BotDelayed(it))",
    ];
    assert_eq!(bench.jobs().await, told);
}

#[tokio::test]
async fn a_failed_deploy_can_be_tried_again() {
    let bench = Bench::new(BROKEN, Duration::from_millis(300)).await;
    deploy(bench.deps(), bench.id, Chance::Last).await.unwrap_err();
    bench.jobs().await;
    fs::write(bench.host.layout.data_dir(bench.id).join("client"), OBEDIENT).unwrap();
    bench.deploy_well().await;
    assert_eq!(bench.state(), RuntimeState::Running);
    assert_eq!(bench.jobs().await.len(), 2);
}

#[tokio::test]
async fn a_client_that_is_gone_is_not_started() {
    let bench = Bench::new(OBEDIENT, patient()).await;
    deploy(bench.deps(), ClientId::from_bits(99), Chance::Last).await.unwrap();
    bench.deploy_well().await;
    let now = bench.deps().clock.now();
    let cancel = move |client: &mut Client| {
        client.subscription = cancelled(client.subscription, now);
    };
    bench.host.change(bench.id, cancel).await;
    deploy(bench.deps(), bench.id, Chance::More).await.unwrap();
    assert!(!bench.runs());
}

#[tokio::test]
async fn a_restart_is_a_new_process_and_nobody_is_told() {
    let bench = Bench::new(OBEDIENT, patient()).await;
    bench.deploy_well().await;
    bench.jobs().await;
    ask_restart(bench.deps(), cause(), bench.id, operator()).await.unwrap();
    assert_eq!(bench.jobs().await, ["Restart(it)"]);
    let reporting = async {
        until("another process runs", || bench.pids().len() == 2).await;
        bench.deps().health.report(bench.id);
    };
    let (restarted, ()) = tokio::join!(restart(bench.deps(), bench.id, Chance::More), reporting);
    restarted.unwrap();
    assert_eq!(bench.state(), RuntimeState::Running);
    assert_eq!(bench.jobs().await, Vec::<String>::new());
}

/// The process ended between the effect and the answer that would have been kept, and the caller
/// asks again.
#[tokio::test]
async fn what_was_asked_for_under_one_key_is_done_once_whatever_was_answered() {
    let bench = Bench::new(OBEDIENT, patient()).await;
    bench.deploy_well().await;
    bench.jobs().await;
    let (deps, id) = (bench.deps(), bench.id);
    let [pausing, going_on, anew, away] = [cause(), cause(), cause(), cause()];
    suspend(deps, pausing.clone(), id, operator()).await.unwrap();
    resume(deps, going_on.clone(), id, operator()).await.unwrap();
    let first = ask_restart(deps, anew.clone(), id, operator()).await.unwrap();
    assert_eq!(bench.jobs().await.iter().filter(|job| *job == "Restart(it)").count(), 1);

    let client = suspend(deps, pausing.clone(), id, operator()).await.unwrap();
    assert_eq!(client.subscription.service(), Service::Full); // It was resumed since.
    assert_eq!(ask_restart(deps, anew.clone(), id, operator()).await.unwrap(), first);
    let other = anew.with_fingerprint(b"another request".to_vec());
    let reused = ask_restart(deps, other, id, operator()).await;
    assert!(matches!(reused, Err(LifeError::KeyReused(KeyReused))), "{reused:?}");
    suspend(deps, cause(), id, operator()).await.unwrap();
    let client = resume(deps, going_on, id, operator()).await.unwrap();
    assert_eq!(client.subscription.service(), Service::Paused); // It was paused again since.
    bench.jobs().await;

    let removal = ask_removal(deps, away.clone(), id, Force::Yes, operator()).await.unwrap();
    remove::remove(deps, id).await.unwrap();
    assert_eq!(ask_removal(deps, away, id, Force::Yes, operator()).await.unwrap(), removal);
    assert_eq!(bench.jobs().await, ["Remove(it)"]);
    let lines = deps.store.read(|snap| audit::list(snap, None, 10)).unwrap();
    assert_eq!(lines.len(), 5, "{lines:?}");
}

#[tokio::test]
async fn a_report_of_the_old_process_is_no_sign_of_the_new_one() {
    let bench = Bench::new(OBEDIENT, Duration::from_millis(300)).await;
    bench.deploy_well().await;
    bench.deps().health.report(bench.id);
    let restarted = restart(bench.deps(), bench.id, Chance::More).await;
    assert!(matches!(restarted, Err(DeployError::NotHealthy(_))));
}

#[tokio::test]
async fn a_suspended_bot_runs_on_and_says_that_it_is_paused() {
    let bench = Bench::new(OBEDIENT, patient()).await;
    bench.deploy_well().await;
    bench.jobs().await;
    for _ in 0..2 {
        let client = suspend(bench.deps(), cause(), bench.id, operator()).await.unwrap();
        assert_eq!(client.subscription.service(), Service::Paused);
    }
    assert!(bench.runs());
    assert_eq!(bench.jobs().await, ["Notify(UserId(5001), Subscription(it))"]);
    let client = resume(bench.deps(), cause(), bench.id, operator()).await.unwrap();
    assert_eq!(client.subscription.service(), Service::Full);
    assert_eq!(client.runtime, RuntimeState::Running);
    assert_eq!(bench.jobs().await, ["Notify(UserId(5001), Subscription(it))"]);
    let lines = bench.deps().store.read(|snap| audit::list(snap, None, 10)).unwrap();
    let actions: Vec<_> = lines.iter().map(|(_, entry)| entry.action.as_str()).collect();
    assert_eq!(actions, ["client.resumed", "client.suspended"]);
}

#[tokio::test]
async fn what_failed_is_deployed_again_when_it_is_resumed() {
    let bench = Bench::new(BROKEN, Duration::from_millis(100)).await;
    deploy(bench.deps(), bench.id, Chance::Last).await.unwrap_err();
    bench.jobs().await;
    resume(bench.deps(), cause(), bench.id, operator()).await.unwrap();
    assert_eq!(bench.state(), RuntimeState::Starting);
    assert_eq!(bench.jobs().await, ["Deploy(it)"]);
    let now = bench.deps().clock.now();
    let expire = move |client: &mut Client| {
        let until = now - SignedDuration::from_hours(24 * 4);
        client.subscription = paused(until, now);
    };
    bench.host.change(bench.id, expire).await;
    let refused = resume(bench.deps(), cause(), bench.id, operator()).await;
    assert!(matches!(refused, Err(LifeError::NothingPaid)));
}

#[tokio::test]
async fn a_removed_client_leaves_nothing_but_the_log() {
    let bench = Bench::new(OBEDIENT, patient()).await;
    bench.deploy_well().await;
    bench.jobs().await;
    assert!(loss(bench.deps(), bench.id).unwrap().unused_until.is_some());
    let refused = ask_removal(bench.deps(), cause(), bench.id, Force::No, operator()).await;
    assert!(matches!(refused, Err(LifeError::StillServes)));
    ask_removal(bench.deps(), cause(), bench.id, Force::Yes, operator()).await.unwrap();
    assert_eq!(bench.jobs().await, ["Remove(it)"]);
    for _ in 0..2 {
        remove::remove(bench.deps(), bench.id).await.unwrap();
    }
    assert!(!bench.runs());
    assert_eq!(bench.host.find(bench.id), None);
    assert!(!bench.host.layout.data_dir(bench.id).exists());
    assert!(!bench.host.layout.socket_dir(bench.id).exists());
    let refused = ask_restart(bench.deps(), cause(), bench.id, operator()).await;
    assert!(matches!(refused, Err(LifeError::UnknownClient)));
}

#[tokio::test]
async fn a_client_who_pays_before_the_removal_is_kept() {
    let bench = Bench::new(OBEDIENT, patient()).await;
    bench.deploy_well().await;
    ask_removal(bench.deps(), cause(), bench.id, Force::Yes, operator()).await.unwrap();
    let now = bench.deps().clock.now();
    let pay = move |client: &mut Client| {
        client.subscription = client.subscription.extend(SignedDuration::from_hours(24), now);
    };
    bench.host.change(bench.id, pay).await;
    remove::remove(bench.deps(), bench.id).await.unwrap();
    assert!(bench.host.layout.data_dir(bench.id).join("client").exists());
    assert!(bench.host.find(bench.id).is_some());
}

#[tokio::test]
async fn what_ran_is_up_again_after_a_start_and_nobody_is_told() {
    let bench = Bench::new(OBEDIENT, patient()).await;
    bench.deploy_well().await;
    bench.jobs().await;
    bench.deps().runtime.stop(bench.id).await.unwrap();
    bench.deps().gateways.close(bench.id).await;
    let commits = bench.deps().store.stats().commits;
    boot(bench.deps()).await.unwrap();
    until("it runs again", || bench.pids().len() == 2).await;
    assert!(bench.host.layout.socket(bench.id).exists());
    assert_eq!(bench.deps().store.stats().commits, commits);
    bench.deps().runtime.stop(bench.id).await.unwrap();
    bench.host.change(bench.id, |client| client.runtime = RuntimeState::Failed).await;
    boot(bench.deps()).await.unwrap();
    assert!(!bench.runs());
}

/// D-143: a message that follows a deploy is changed when it begins and when it is over.
#[tokio::test]
async fn whoever_follows_a_deploy_sees_it_begin_and_end() {
    use crate::domain::ids::{JobId, UserId};
    use crate::store::followed::{self, Followed};
    let bench = Bench::new(OBEDIENT, Duration::from_secs(10)).await;
    let id = bench.id;
    let person = UserId::new(OWNER).unwrap();
    let message = Followed { person, message: 7, job: JobId(1) };
    let put = bench.deps().store.write(move |txn| followed::put(txn, id, message));
    put.await.unwrap();
    bench.deploy_well().await;
    let shown = bench.jobs().await;
    let shown = shown.iter().filter(|job| job.starts_with("ShowProgress")).count();
    assert_eq!(shown, 2);
}
