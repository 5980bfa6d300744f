//! A client's bot asks for updates.

use tokio::time::Instant;

use super::*;
use crate::actions::cover::Cover;
use crate::domain::client::RuntimeState;
use crate::external::telegram::RawUpdate;
use crate::store::{StoreError, updates};

const NONE: [i64; 0] = [];

#[tokio::test]
async fn a_long_poll_waits_and_is_not_in_the_way_of_calls() {
    let bench = Bench::new().await;
    let (_, first) = bench.poll(0, 0).await;
    let next = first["result"][0]["update_id"].as_i64().unwrap() + 1;
    let anna = bench.sim.person("Anna");
    let polling = bench.poll(next, 30);
    let meanwhile = async {
        sleep(Duration::from_millis(50)).await;
        assert_eq!(bench.say(OWNER, "meanwhile").await, 200);
        bench.sim.chat("salon_bot", &anna).send("hello");
    };
    let begun = Instant::now();
    let ((status, updates), ()) = tokio::join!(polling, meanwhile);
    assert_eq!((status, &updates["result"][0]["message"]["text"]), (200, &json!("hello")));
    assert!(begun.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_foreign_webhook_is_removed_and_no_update_is_lost() {
    let bench = Bench::new().await;
    bench.divert().await;
    assert_eq!(bench.poll(0, 0).await.0, 409);
    let (status, updates) = bench.poll(0, 1).await;
    assert_eq!((status, &updates["result"][0]["message"]["text"]), (200, &json!("/start")));
    assert_eq!(bench.problem(), None);
    assert_eq!(bench.notices(), 0, "it was there before the bot came here");
}

#[tokio::test]
async fn who_takes_the_updates_of_a_bot_that_works_is_told_of_once_a_day() {
    let bench = Bench::new().await;
    assert_eq!(bench.poll(0, 0).await.0, 200);
    for _ in 0..3 {
        bench.divert().await;
        assert_eq!(bench.poll(0, 0).await.0, 409);
        assert_eq!(bench.poll(0, 0).await.0, 200);
        assert_eq!(bench.notices(), 2, "one for the operator, one for the owner");
    }
}

#[tokio::test]
async fn a_webhook_that_was_set_while_the_host_was_down_is_told_of_too() {
    let bench = Bench::new().await;
    bench.host.deps.gateways.close(bench.client).await;
    bench.host.change(bench.client, |client| client.runtime = RuntimeState::Running).await;
    bench.host.deps.gateways.open(bench.client).await.unwrap();
    bench.divert().await;
    assert_eq!(bench.poll(0, 0).await.0, 409);
    assert_eq!(bench.notices(), 2);
    // Another bot comes from where it was before.
    let other = bench.sim.add_bot("Other", "other_bot");
    bench.host.change_token(bench.client, &other).await;
    let set = format!("{}/bot{other}/setWebhook", bench.sim.url());
    let body = json!({"url": "https://127.0.0.1/hook"});
    reqwest::Client::new().post(set).json(&body).send().await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while bench.poll(0, 0).await.0 != 409 {
        assert!(Instant::now() < deadline, "the new token is not used");
    }
    assert_eq!(bench.notices(), 2);
}

#[tokio::test]
async fn another_programs_poll_is_a_conflict_only_if_it_lasts() {
    let bench = Bench::new().await;
    let (_, first) = bench.poll(0, 0).await;
    let next = first["result"][0]["update_id"].as_i64().unwrap() + 1;
    let theirs = format!("{}/bot{TOKEN}/getUpdates", bench.sim.url());
    let them = reqwest::Client::new();
    let polling = bench.poll(next, 30);
    let barging_in = async {
        sleep(Duration::from_millis(50)).await;
        let body = json!({"offset": next, "timeout": 0});
        them.post(&theirs).json(&body).send().await.unwrap().status().as_u16()
    };
    let ((status, _), _) = tokio::join!(polling, barging_in);
    assert_eq!(status, 409);
    assert_eq!(bench.poll(next, 0).await.0, 200);
    assert_eq!(bench.problem(), None);
}

#[tokio::test]
async fn what_telegram_brings_is_held_until_the_bot_asks_for_what_follows() {
    let bench = Bench::with(Updates::Webhook).await;
    bench.bring(102).await;
    bench.bring(103).await;
    assert_eq!(bench.numbers(0, 0).await, [102, 103]);
    assert_eq!(bench.numbers(0, 0).await, [102, 103], "the answer may have been lost");
    assert_eq!(bench.numbers(104, 0).await, NONE);
    bench.bring(103).await;
    assert_eq!(bench.numbers(104, 0).await, NONE, "it was here before");
    // A poll that waits hears of what comes.
    let (got, ()) = tokio::join!(bench.numbers(104, 20), async {
        sleep(Duration::from_millis(50)).await;
        bench.bring(104).await;
    });
    assert_eq!(got, [104]);
    assert_eq!(bench.calls_of("getUpdates"), 0, "telegram is not asked");
}

#[tokio::test]
async fn what_comes_late_with_a_low_number_is_handed_out_until_it_has_arrived() {
    let bench = Bench::with(Updates::Webhook).await;
    bench.bring(102).await;
    assert_eq!(bench.numbers(0, 0).await, [102]);
    assert_eq!(bench.numbers(103, 0).await, NONE);
    bench.bring(101).await;
    assert_eq!(bench.numbers(103, 0).await, [101]);
    // The bot died with the answer, and asks as before.
    assert_eq!(bench.numbers(103, 0).await, [101]);
    bench.bring(103).await;
    assert_eq!(bench.numbers(103, 0).await, [101, 103]);
    assert_eq!(bench.numbers(104, 0).await, NONE);
    bench.bring(100).await;
    assert_eq!(bench.numbers(104, 0).await, [100]);
    assert_eq!(bench.numbers(101, 0).await, NONE, "it has arrived");
}

#[tokio::test]
async fn what_is_held_goes_before_what_telegram_is_asked_for() {
    let bench = Bench::new().await;
    let bot = TOKEN.parse::<BotToken>().unwrap().bot();
    let update = RawUpdate::brought(br#"{"update_id":7}"#).unwrap();
    let held = [Cover::of(&bench.host.deps, bot).put_on(update).unwrap()];
    let store = &bench.host.deps.store;
    let keep = store.write::<_, StoreError>(move |txn| updates::keep(txn, bot, &held));
    keep.await.unwrap();
    assert_eq!(bench.numbers(0, 0).await, [7]);
    assert_eq!(bench.calls_of("getUpdates"), 0);
    let (status, updates) = bench.poll(8, 1).await;
    assert_eq!((status, &updates["result"][0]["message"]["text"]), (200, &json!("/start")));
}
