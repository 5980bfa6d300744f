//! The later life: cancelled and taken back, archived and paid for again, removed for good.

use jiff::Timestamp;

use super::*;
use crate::actions::archive::archive;
use crate::actions::cancel::cancel;
use crate::actions::cause::Cause;
use crate::actions::extend::{Extension, extend};
use crate::actions::lifecycle::lifecycle;
use crate::actions::start_trial::{Trial, TrialError, start_trial};
use crate::actions::undo::{undo, undoable};
use crate::clock::{Clock, ClockHand};
use crate::domain::ids::UserId;
use crate::domain::money::Money;
use crate::domain::plan::Days;
use crate::store::{payments, secrets};

impl Bench {
    /// A bench whose clock stands until it is moved.
    async fn at(now: &str) -> (Self, ClockHand) {
        let (clock, hand) = Clock::stopped(now.parse().unwrap());
        let mut bench = Self::new(OBEDIENT, patient()).await;
        bench.host.deps.clock = clock;
        let created_at = now.parse().unwrap();
        bench.host.change(bench.id, move |client| client.created_at = created_at).await;
        (bench, hand)
    }

    async fn pay(&self, days: i64, payment: &str) {
        let extension = Extension {
            client: self.id,
            days: Days::new(days).unwrap(),
            amount: "299.00".parse().unwrap(),
            payment: Some(payment.parse().unwrap()),
            by: operator(),
        };
        extend(self.deps(), Cause::new(payment.to_owned()), extension).await.unwrap();
    }

    async fn paid_until(&self, until: Timestamp) {
        let change = move |client: &mut Client| {
            client.subscription = Subscription::Active { paid_until: until };
        };
        self.host.change(self.id, change).await;
    }

    fn data(&self) -> std::path::PathBuf {
        self.host.layout.data_dir(self.id)
    }

    fn has_token(&self) -> bool {
        self.deps().store.read(|snap| secrets::get(snap, self.id)).unwrap().is_some()
    }

    fn audit(&self) -> Vec<String> {
        let lines = self.deps().store.read(|snap| audit::list(snap, None, 50)).unwrap();
        lines.into_iter().map(|(_, entry)| format!("{} {}", entry.actor, entry.action)).collect()
    }
}

fn day(from: &str, days: i64) -> Timestamp {
    from.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * days)
}

const START: &str = "2026-11-25T10:00:00Z";

/// D-022: the renewal of a suspended client did not bring its bot back. Here it comes back even out
/// of the archive, with its data and its token, and no operator has a hand in it.
#[tokio::test]
async fn d_022_a_payment_brings_a_bot_back_out_of_the_archive() {
    let (bench, hand) = Bench::at(START).await;
    bench.deploy_well().await;
    bench.paid_until(day(START, 10)).await;
    bench.jobs().await;
    hand.set(day(START, 14));
    lifecycle(bench.deps()).await.unwrap();
    assert_eq!(bench.host.client(bench.id).subscription.name(), "suspended");
    assert_eq!(bench.jobs().await, ["Notify(UserId(5001), Subscription(it))"]);
    assert!(bench.runs(), "it answers that it is paused");
    hand.set(day(START, 96));
    lifecycle(bench.deps()).await.unwrap();
    assert_eq!(bench.jobs().await, ["Notify(UserId(5001), DataEnds(it))"]);
    hand.set(day(START, 103));
    lifecycle(bench.deps()).await.unwrap();
    assert_eq!(bench.state(), RuntimeState::None);
    assert_eq!(bench.jobs().await, ["Archive(it)"]);

    for _ in 0..2 {
        archive(bench.deps(), bench.id).await.unwrap();
    }
    assert_eq!(bench.jobs().await, ["Notify(UserId(5001), Subscription(it))"]);
    assert!(!bench.runs() && !bench.data().exists() && !bench.has_token());
    let kept = bench.host.layout.archive_dir(bench.id);
    assert!(kept.join("data/client").exists() && kept.join("token").exists());
    assert!(!bench.host.layout.socket_dir(bench.id).exists());
    assert_eq!(bench.audit(), ["slotbox client.archived"]);
    lifecycle(bench.deps()).await.unwrap();
    boot(bench.deps()).await.unwrap();
    assert_eq!(bench.jobs().await, Vec::<String>::new());

    bench.pay(30, "m_1").await;
    let jobs = bench.jobs().await;
    assert_eq!(jobs, ["Deploy(it)", "Notify(UserId(5001), PaymentReceived(PaymentId(\"m_1\")))"]);
    let reporting = async {
        until("the bot runs again", || bench.pids().len() == 2).await;
        bench.deps().health.report(bench.id);
    };
    let (deployed, ()) = tokio::join!(deploy(bench.deps(), bench.id, Chance::More), reporting);
    deployed.unwrap();
    assert!(bench.runs() && bench.has_token() && !kept.exists());
    assert_eq!(bench.state(), RuntimeState::Running);
    let client = bench.host.client(bench.id);
    assert_eq!(client.subscription.granted_until(), Some(day(START, 133)));
}

/// A start of the program that comes before the deploy finds the data, too, and makes none anew.
#[tokio::test]
async fn a_start_of_the_program_takes_the_data_back_as_well() {
    let (bench, hand) = Bench::at(START).await;
    bench.deploy_well().await;
    hand.set(day(START, 200));
    lifecycle(bench.deps()).await.unwrap();
    archive(bench.deps(), bench.id).await.unwrap();
    bench.pay(30, "m_1").await;
    boot(bench.deps()).await.unwrap();
    until("the bot runs", || bench.pids().len() == 2).await;
    assert!(bench.has_token());
    assert!(!bench.host.layout.archive_dir(bench.id).exists());
}

/// Whichever of the two is first, the bot is there in the end and its data in one place.
#[tokio::test]
async fn a_payment_while_the_archive_is_made_wins() {
    let (bench, hand) = Bench::at(START).await;
    bench.deploy_well().await;
    hand.set(day(START, 200));
    lifecycle(bench.deps()).await.unwrap();
    bench.jobs().await;
    let (archived, ()) = tokio::join!(archive(bench.deps(), bench.id), bench.pay(30, "m_1"));
    archived.unwrap();
    let jobs = bench.jobs().await;
    assert!(jobs.contains(&"Deploy(it)".to_owned()), "{jobs:?}");
    let reporting = async {
        until("the bot runs again", || bench.data().exists() && bench.pids().len() == 2).await;
        bench.deps().health.report(bench.id);
    };
    let (deployed, ()) = tokio::join!(deploy(bench.deps(), bench.id, Chance::More), reporting);
    deployed.unwrap();
    assert!(bench.runs() && bench.has_token());
}

#[tokio::test]
async fn a_cancelled_bot_is_stopped_and_comes_back_when_it_is_taken_back() {
    let bench = Bench::new(OBEDIENT, patient()).await;
    bench.deploy_well().await;
    bench.jobs().await;
    let owner = Actor::Owner(UserId::new(OWNER).unwrap());
    for _ in 0..2 {
        let client = cancel(bench.deps(), cause(), bench.id, owner).await.unwrap();
        assert_eq!(client.subscription.name(), "cancelled");
    }
    let told = "Notify(UserId(5001), Subscription(it))";
    assert_eq!(bench.jobs().await, ["Deploy(it)", told]);
    deploy(bench.deps(), bench.id, Chance::More).await.unwrap();
    assert!(!bench.runs() && bench.data().exists());
    assert!(loss(bench.deps(), bench.id).unwrap().unused_until.is_some());
    let (deps, known) = (bench.deps(), bench.host.client(bench.id));
    let last = deps.store.read(|snap| undoable(snap, &known, deps.clock.now())).unwrap().unwrap();
    let client = undo(deps, cause(), bench.id, last.at, owner).await.unwrap();
    assert_eq!(client.subscription.name(), "active");
    assert_eq!(bench.jobs().await, ["Deploy(it)", told]);
    bench.deploy_well().await;
    assert!(bench.runs());
    assert_eq!(bench.audit(), ["owner:5001 client.undone", "owner:5001 client.cancelled"]);
}

/// D-026, D-084: deleting a client deleted its payments and its line in the audit log.
#[tokio::test]
async fn d_026_d_084_money_and_the_log_outlive_the_client() {
    let (bench, hand) = Bench::at(START).await;
    bench.deploy_well().await;
    bench.pay(30, "m_1").await;
    hand.set(day(START, 200));
    lifecycle(bench.deps()).await.unwrap();
    archive(bench.deps(), bench.id).await.unwrap();
    ask_removal(bench.deps(), cause(), bench.id, Force::No, operator()).await.unwrap();
    remove::remove(bench.deps(), bench.id).await.unwrap();
    assert_eq!(bench.host.find(bench.id), None);
    assert!(!bench.host.layout.archive_dir(bench.id).exists() && !bench.has_token());
    let id: crate::domain::ids::PaymentId = "m_1".parse().unwrap();
    let payment = bench.deps().store.read(|snap| payments::get(snap, &id)).unwrap().unwrap();
    assert_eq!((payment.client, payment.refunded), (Some(bench.id), Money::ZERO));
    let log = bench.audit();
    let removed = "operator:111111 client.removed";
    assert_eq!(log, [removed, "slotbox client.archived", "operator:111111 client.extended"]);
}

/// D-142: the queue forgets the key of a job after a week, so a warning that lasts longer than that
/// must be remembered elsewhere.
#[tokio::test]
async fn d_142_an_early_warning_is_not_repeated() {
    let (mut bench, hand) = Bench::at(START).await;
    let mut config = (*bench.deps().config).clone();
    config.billing.warn_days = [30, 7].map(|days| Days::new(days).unwrap()).to_vec();
    bench.host.deps.config = Arc::new(config);
    bench.paid_until(day(START, 40)).await;
    bench.jobs().await;
    let mut heard = Vec::new();
    for hours in (0..40 * 24).step_by(6) {
        hand.set(day(START, 0) + SignedDuration::from_hours(hours));
        lifecycle(bench.deps()).await.unwrap();
        heard.extend(bench.jobs().await.iter().map(|_| hours / 24));
    }
    assert_eq!(heard, [10, 33]);
}

/// D-024: the trial was advertised, and never granted, recorded or ended. Here it is given once,
/// ends by itself, and becomes a paid subscription by a payment.
#[tokio::test]
async fn d_024_a_trial_is_given_once_ends_and_converts() {
    let (bench, hand) = Bench::at(START).await;
    let trial = |owner, token: &str| {
        let token: crate::domain::token::BotToken = token.parse().unwrap();
        let bot =
            crate::domain::client::Bot { id: token.bot(), username: "tried_bot".parse().unwrap() };
        let (owner, company) = (UserId::new(owner).unwrap(), "Salon".parse().unwrap());
        Trial { owner, company, token, bot }
    };
    let other = "700009:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";
    let cause = |key: &str| Cause::new(key.to_owned());
    let begun = start_trial(bench.deps(), cause("1"), trial(77, other)).await.unwrap();
    assert_eq!(begun.subscription, Subscription::Trial { until: day(START, 7) });
    let again = start_trial(bench.deps(), cause("2"), trial(77, TOKEN)).await;
    assert!(matches!(again, Err(TrialError::HadOne)));
    let again = start_trial(bench.deps(), cause("3"), trial(78, other)).await;
    assert!(matches!(again, Err(TrialError::HadOne)));
    hand.set(day(START, 7));
    lifecycle(bench.deps()).await.unwrap();
    assert_eq!(bench.host.client(begun.id).subscription.service(), Service::Paused);
    let extension = Extension {
        client: begun.id,
        days: Days::new(30).unwrap(),
        amount: Money::ZERO,
        payment: None,
        by: operator(),
    };
    let paid = extend(bench.deps(), cause("4"), extension).await.unwrap().client;
    assert_eq!(paid.subscription, Subscription::Active { paid_until: day(START, 37) });
}

/// D-090, D-091, D-092: a start that failed left a client whose token and place were burnt, services
/// that ran on, and a schema; the next try said that it exists. Here nothing is left running, what
/// must stay is what the next try needs, and that try succeeds.
#[tokio::test]
async fn d_090_d_091_d_092_a_failed_start_leaves_nothing_and_can_be_tried_again() {
    let bench = Bench::new(BROKEN, Duration::from_millis(300)).await;
    deploy(bench.deps(), bench.id, Chance::Last).await.unwrap_err();
    assert!(!bench.runs());
    assert!(!bench.host.layout.socket(bench.id).exists());
    assert_eq!(bench.state(), RuntimeState::Failed);
    assert!(bench.has_token(), "the next try needs it");
    fs::write(bench.data().join("client"), OBEDIENT).unwrap();
    bench.deploy_well().await;
    assert_eq!(bench.state(), RuntimeState::Running);
}

/// D-141: three naming schemes for one container. Here every place is named by the client's id, by
/// one rule.
#[tokio::test]
async fn d_141_everything_of_a_client_is_named_by_its_id() {
    let bench = Bench::new(OBEDIENT, patient()).await;
    bench.deploy_well().await;
    let (layout, name) = (&bench.host.layout, bench.id.to_string());
    for dir in
        [layout.data_dir(bench.id), layout.socket_dir(bench.id), layout.archive_dir(bench.id)]
    {
        assert_eq!(dir.file_name().unwrap().to_str(), Some(name.as_str()));
    }
    assert!(bench.deps().runtime.list().await.unwrap().keys().eq([&bench.id]));
}
