//! What operators hear unasked, and how often.

use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;

use super::*;
use crate::actions::show_figures::day_report;
use crate::deps::Till;
use crate::domain::client::BotProblem;
use crate::domain::ids::{ClientId, UserId};
use crate::domain::job::Job;
use crate::domain::money::Money;
use crate::domain::order::Attention;
use crate::domain::payment::{Payment, PaymentState, Shop, Source};
use crate::domain::plan::Days;
use crate::domain::subscription::Subscription;
use crate::external::yookassa::{Settings, YooKassa};
use crate::sandbox::yookassa::YooKassaSim;
use crate::store::payments;
use crate::testing::{Host, give_up};
use crate::texts::notices;

fn host() -> Host {
    Host::new("http://127.0.0.1:1", Path::new("/bin/false"), Duration::ZERO)
}

/// Counts the notices that were queued, by what their payload begins with.
fn queued(deps: &Deps) -> usize {
    let now = deps.clock.now();
    let all = deps.store.read(|snap| queue::list(snap, None, 999, now)).unwrap();
    let waits =
        |job: &queue::JobRecord| job.kind == "notify" && job.state == queue::JobState::Queued;
    all.iter().filter(|job| waits(job)).count()
}

/// D-142, D-143: jobs that were given up are told once, all together; and a notice that reached
/// nobody calls for no other one.
#[tokio::test]
async fn jobs_that_were_given_up_are_told_once() {
    let host = host();
    let deps = &host.deps;
    give_up(deps, Job::Lifecycle).await;
    give_up(deps, Job::Reconcile).await;
    watch(deps).await.unwrap();
    watch(deps).await.unwrap();
    assert_eq!(queued(deps), 1);
    tokio::time::sleep(Duration::from_millis(5)).await; // Another millisecond.
    let olga = UserId::new(111_111).unwrap();
    give_up(deps, Job::Notify(olga, Notice::ShopRefused)).await;
    let before = queued(deps);
    watch(deps).await.unwrap();
    assert_eq!(queued(deps), before);
}

/// O-16: one report a day for each operator, however often it is asked for.
#[tokio::test]
async fn a_day_is_reported_once() {
    let host = host();
    let before = host.deps.clock.now() - SignedDuration::from_secs(1);
    digest(&host.deps, before).await.unwrap();
    assert_eq!(queued(&host.deps), 0, "there is nothing yet to tell of");
    host.add_client(1, 5001, "700001:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8").await;
    let morning = host.deps.clock.now();
    digest(&host.deps, before).await.unwrap();
    assert_eq!(queued(&host.deps), 0, "it was not there that morning");
    for _ in 0..3 {
        digest(&host.deps, morning).await.unwrap();
    }
    assert_eq!(queued(&host.deps), 1);
    digest(&host.deps, morning + SignedDuration::from_hours(24)).await.unwrap();
    assert_eq!(queued(&host.deps), 2);
}

#[tokio::test]
async fn a_key_that_the_shop_refuses_is_told_once_a_day() {
    let host = host();
    let sim = YooKassaSim::start(host.deps.clock.clone()).await.unwrap();
    let settings = Settings {
        api_url: sim.url(),
        shop_id: sim.shop_id().to_owned(),
        secret_key: "test_wrong".into(),
    };
    let yookassa = YooKassa::new(settings).unwrap();
    let shop = Shop { account: sim.shop_id().to_owned(), test: true };
    let deps = Deps { till: Some(Till { yookassa, shop }), ..host.deps.clone() };
    watch(&deps).await.unwrap();
    assert_eq!(queued(&deps), 0, "nobody has asked the shop yet");
    let till = deps.till.as_ref().unwrap();
    assert!(till.yookassa.payment(&"2f1c".parse().unwrap()).await.is_err());
    for _ in 0..3 {
        watch(&deps).await.unwrap();
    }
    assert_eq!(queued(&deps), 1);
}

fn payment(id: &str, state: PaymentState, at: Timestamp) -> Payment {
    Payment {
        id: id.parse().unwrap(),
        source: Source::Manual,
        order: None,
        client: None,
        amount: "299.50".parse().unwrap(),
        refunded: Money::ZERO,
        days: Days::new(30).unwrap(),
        state,
        settled_at: at,
    }
}

/// O-16: what ends, what is ill, what was sold yesterday and what waits; a quiet day is one line.
#[tokio::test]
async fn a_report_names_what_needs_a_person() {
    let host = host();
    let (deps, zone) = (&host.deps, &host.deps.config.server.timezone);
    let now = deps.clock.now();
    let quiet = day_report(deps, now).await.unwrap();
    let words = deps.words();
    assert!(quiet.is_empty());
    assert!(notices::digest(words, &quiet, zone).text.lines().count() == 1);

    let ids: Vec<ClientId> = {
        let mut ids = Vec::new();
        for number in 1..=12u8 {
            let token = format!("70000{number}:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8");
            ids.push(host.add_client(number.into(), 5001, &token).await);
        }
        ids
    };
    host.change(ids[0], |client| client.problem = Some(BotProblem::Conflict)).await;
    let far = now + SignedDuration::from_hours(24 * 30);
    host.change(ids[1], move |client| {
        client.subscription = Subscription::Active { paid_until: far };
    })
    .await;
    let yesterday = now - SignedDuration::from_hours(24);
    let put = deps.store.write::<_, StoreError>(move |txn| {
        payments::put(txn, &payment("one", PaymentState::Settled, yesterday))?;
        payments::put(txn, &payment("two", PaymentState::Attention(Attention::PaidTwice), now))
    });
    put.await.unwrap();
    give_up(deps, Job::Lifecycle).await;
    let report = day_report(deps, now).await.unwrap();
    assert_eq!((report.ending.len(), report.ill.len(), report.held), (11, 1, 1));
    assert_eq!((report.sales.count, report.dead_jobs), (1, 1));
    let message = notices::digest(words, &report, zone);
    for part in ["Истекает за 7 дней: 11", "… и ещё 1", "Продаж вчера: 1, на 299,50 ₽"]
    {
        assert!(message.text.contains(part), "{}", message.text);
    }
    assert_eq!(message.buttons.len(), 2);
    assert!(message.text.chars().count() < 4096);
}
