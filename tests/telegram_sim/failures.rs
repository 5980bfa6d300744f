//! Floods, faults and the end of the world.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use slotbox::sandbox::telegram::{Fault, FloodLimits, Rate};
use teloxide::RequestError;
use teloxide::prelude::*;
use teloxide::types::{ChatId, Seconds};

use crate::{SOON, Stage};

#[tokio::test]
async fn a_flood_is_held_back() {
    let stage = Stage::begun().await;
    let rate = Rate { per_second: 3.0, burst: 3 };
    stage.sim.set_flood_limits(FloodLimits { per_chat: Some(rate), per_bot: None });
    let message = json!({"chat_id": stage.chat.id(), "text": "x"});
    for _ in 0..3 {
        stage.ok("sendMessage", &message).await;
    }
    let (status, answer) = stage.call("sendMessage", &message).await;
    let expected = json!({
        "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    });
    assert_eq!((status, answer), (429, expected));
    let passes = async {
        while stage.call("sendMessage", &message).await.0 != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, passes).await.unwrap();
}

#[tokio::test]
async fn the_usual_limits_let_a_burst_pass() {
    let stage = Stage::begun().await;
    let message = json!({"chat_id": stage.chat.id(), "text": "x"});
    for _ in 0..20 {
        stage.ok("sendMessage", &message).await;
    }
    let mut refused = 0;
    for _ in 0..5 {
        refused += usize::from(stage.call("sendMessage", &message).await.0 == 429);
    }
    assert!(refused >= 3, "{refused} of 5 refused");
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_deed() {
    let stage = Stage::begun().await;
    let message = json!({"chat_id": stage.chat.id(), "text": "x"});
    for (fault, messages) in [(Fault::CutBefore, 1), (Fault::CutAfter, 2)] {
        stage.sim.faults().once("sendMessage", fault);
        let sent = stage.http.post(stage.address("sendMessage")).json(&message).send().await;
        assert!(sent.is_err(), "{fault:?} must leave no answer: {sent:?}");
        assert_eq!(stage.chat.messages().len(), messages, "{fault:?}");
    }
    stage.ok("sendMessage", &message).await;
    let calls = stage.sim.calls();
    let statuses: Vec<_> = calls.iter().rev().take(3).map(|call| call.status).collect();
    assert_eq!(statuses, [200, 0, 0]);
}

#[tokio::test]
async fn a_proxy_fails_and_a_service_is_slow() {
    let stage = Stage::begun().await;
    stage.sim.faults().once("getMe", Fault::Status(500));
    let (status, answer) = stage.call("getMe", &json!({})).await;
    let expected = json!({"ok": false, "error_code": 500, "description": "Internal Server Error"});
    assert_eq!((status, answer), (500, expected));
    stage.sim.faults().once("getMe", Fault::Page(502));
    let answer = stage.http.get(stage.address("getMe")).send().await.unwrap();
    assert_eq!(answer.status(), 502);
    assert!(answer.text().await.unwrap().starts_with("<html>"));
    stage.sim.faults().once("getMe", Fault::Slow(Duration::from_millis(80)));
    let begun = Instant::now();
    stage.ok("getMe", &json!({})).await;
    assert!(begun.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn teloxide_understands_the_refusals() {
    let stage = Stage::begun().await;
    let bot = stage.bot();
    let chat = ChatId(stage.chat.id());
    stage.sim.faults().once("SendMessage", Fault::RetryAfter(7));
    let refused = bot.send_message(chat, "x").await.unwrap_err();
    assert!(matches!(refused, RequestError::RetryAfter(wait) if wait == Seconds::from_seconds(7)));
    stage.chat.block();
    let refused = bot.send_message(chat, "x").await.unwrap_err();
    assert!(matches!(refused, RequestError::Api(teloxide::ApiError::BotBlocked)), "{refused:?}");
    let refused = bot.send_message(ChatId(42), "x").await.unwrap_err();
    assert!(matches!(refused, RequestError::Api(teloxide::ApiError::ChatNotFound)), "{refused:?}");
    stage.sim.revoke_token(&stage.token);
    let refused = bot.get_me().await.unwrap_err();
    assert!(matches!(refused, RequestError::Api(teloxide::ApiError::InvalidToken)), "{refused:?}");
}

#[tokio::test]
async fn a_stop_leaves_no_socket() {
    let stage = Stage::begun().await;
    let poll = stage.http.get(format!("{}?timeout=50", stage.address("getUpdates")));
    let poll = tokio::spawn(async move { poll.send().await.is_err() });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    stage.sim.shutdown().await;
    assert!(begun.elapsed() < Duration::from_secs(2), "took {:?}", begun.elapsed());
    assert!(poll.await.unwrap(), "a waiting poll is cut");
    let refused = stage.http.get(stage.address("getMe")).send().await.unwrap_err();
    assert!(refused.is_connect(), "{refused:?}");
}

/// Polls until it has seen `count` different updates, and returns all it saw, repeats included.
async fn poll_through(stage: &Stage, count: usize) -> Vec<i64> {
    let mut seen: Vec<i64> = Vec::new();
    while seen.iter().collect::<BTreeSet<_>>().len() < count {
        let next = seen.iter().max().map_or(0, |newest| newest + 1);
        let poll = json!({"offset": next, "limit": 3, "timeout": 1});
        let request = stage.http.post(stage.address("getUpdates")).json(&poll);
        let Ok(response) = request.send().await else { continue };
        let Ok(answer) = response.json::<Value>().await else { continue };
        let updates = answer["result"].as_array().cloned().unwrap_or_default();
        seen.extend(updates.iter().map(|update| update["update_id"].as_i64().unwrap()));
    }
    seen
}

#[tokio::test]
async fn nothing_is_lost_in_chaos() {
    let stage = Stage::new().await;
    let mix = [Fault::CutBefore, Fault::CutAfter, Fault::Status(502), Fault::Page(502)];
    stage.sim.faults().random_of("getUpdates", &mix, 11, 0.4);
    stage.sim.faults().random_updates(12, 0.2);
    for number in 0..50 {
        stage.chat.send(&number.to_string());
    }
    let seen = tokio::time::timeout(4 * SOON, poll_through(&stage, 50)).await.unwrap();
    let mut fresh = seen.clone();
    fresh.sort_unstable();
    fresh.dedup();
    assert_eq!(fresh.len(), 50);
    assert!(seen.len() > 50, "some came twice");
    let statuses: BTreeSet<_> = stage.sim.calls().iter().map(|call| call.status).collect();
    assert_eq!(statuses, BTreeSet::from([0, 200, 502]));
}

#[tokio::test]
async fn a_quiet_world_keeps_little() {
    let stage = Stage::begun().await;
    stage.sim.quiet();
    stage.sim.set_flood_limits(FloodLimits::OFF);
    for _ in 0..300 {
        stage.ok("sendMessage", &json!({"chat_id": stage.chat.id(), "text": "x"})).await;
    }
    assert_eq!((stage.sim.log().len(), stage.sim.calls().len()), (0, 0));
    assert_eq!(stage.chat.messages().len(), 100);
}
