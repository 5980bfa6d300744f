//! Long polling: turns, offsets, kinds and how long updates are kept.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::{Value, json};
use slotbox::sandbox::telegram::UpdateFault;

use crate::Stage;

fn texts(updates: &Value) -> Vec<&str> {
    let updates = updates.as_array().unwrap().iter();
    updates.map(|update| update["message"]["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_poll_waits_for_news() {
    let stage = Stage::new().await;
    let begun = Instant::now();
    let (updates, ()) =
        tokio::join!(async { stage.ok("getUpdates", &json!({"timeout": 20})).await }, async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            stage.chat.send("hello");
        });
    assert_eq!(texts(&updates), ["hello"]);
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(updates[0]["message"]["date"], 1_800_000_000);
}

#[tokio::test]
async fn an_offset_confirms_what_came_before_it() {
    let stage = Stage::new().await;
    for text in ["a", "b", "c", "d"] {
        stage.chat.send(text);
    }
    let all = stage.ok("getUpdates", &json!({})).await;
    assert_eq!(texts(&all), ["a", "b", "c", "d"]);
    let second = all[1]["update_id"].as_i64().unwrap();
    let two = stage.ok("getUpdates", &json!({"offset": second, "limit": 2})).await;
    assert_eq!(texts(&two), ["b", "c"]);
    assert_eq!(texts(&stage.ok("getUpdates", &json!({"offset": -1})).await), ["d"]);
    assert_eq!(texts(&stage.ok("getUpdates", &json!({})).await), ["d"], "the others are forgotten");
    assert_eq!(texts(&stage.ok("getUpdates", &json!({"offset": second + 3})).await), [""; 0]);
}

#[tokio::test]
async fn the_older_of_two_pollers_ends() {
    let stage = Stage::new().await;
    let poll = json!({"timeout": 20});
    let (older, newer) = tokio::join!(stage.call("getUpdates", &poll), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let (newer, ()) = tokio::join!(stage.call("getUpdates", &poll), async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            stage.chat.send("x");
        });
        newer
    });
    assert_eq!(older.0, 409);
    assert_eq!(
        older.1["description"],
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    );
    assert_eq!(newer.0, 200);
    assert_eq!(texts(&newer.1["result"]), ["x"]);
}

#[tokio::test]
async fn a_webhook_excludes_polling() {
    let stage = Stage::new().await;
    stage.ok("setWebhook", &json!({"url": "http://127.0.0.1:9/"})).await;
    let (status, answer) = stage.call("getUpdates", &json!({})).await;
    assert_eq!(status, 409);
    assert_eq!(
        answer["description"],
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    );
    stage.chat.send("kept");
    stage.ok("deleteWebhook", &json!({})).await;
    assert_eq!(texts(&stage.ok("getUpdates", &json!({})).await), ["kept"]);
}

#[tokio::test]
async fn the_choice_of_kinds_is_remembered() {
    let stage = Stage::new().await;
    stage.ok("getUpdates", &json!({"allowed_updates": ["my_chat_member"]})).await;
    stage.chat.send("unseen");
    stage.chat.block();
    let updates = stage.ok("getUpdates", &json!({})).await;
    assert_eq!(updates.as_array().unwrap().len(), 1);
    assert!(updates[0]["my_chat_member"].is_object());
    stage.ok("getUpdates", &json!({"allowed_updates": [], "offset": -1})).await;
    stage.chat.send("seen");
    assert_eq!(stage.ok("getUpdates", &json!({})).await.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn updates_are_kept_for_a_day() {
    let stage = Stage::new().await;
    stage.chat.send("old");
    stage.hand.advance(SignedDuration::from_hours(23));
    stage.chat.send("new");
    stage.hand.advance(SignedDuration::from_hours(1));
    assert_eq!(texts(&stage.ok("getUpdates", &json!({})).await), ["new"]);
}

#[tokio::test]
async fn a_revoked_token_is_unauthorized() {
    let mut stage = Stage::new().await;
    let fresh = stage.sim.revoke_token(&stage.token);
    let (status, answer) = stage.call("getMe", &json!({})).await;
    assert_eq!((status, &answer["description"]), (401, &json!("Unauthorized")));
    stage.token = fresh;
    assert_eq!(stage.ok("getMe", &json!({})).await["username"], "salon_bot");
}

#[tokio::test]
async fn a_poll_ends_when_its_token_is_revoked() {
    let stage = Stage::new().await;
    let poll = json!({"timeout": 20});
    let (polled, ()) = tokio::join!(stage.call("getUpdates", &poll), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        stage.sim.revoke_token(&stage.token);
    });
    assert_eq!(polled.0, 401);
}

#[tokio::test]
async fn an_update_may_come_twice_or_late() {
    let stage = Stage::new().await;
    stage.sim.faults().once_update(UpdateFault::Twice);
    stage.chat.send("twice");
    let first = stage.ok("getUpdates", &json!({})).await;
    let next = json!({"offset": first[0]["update_id"].as_i64().unwrap() + 1});
    assert_eq!(stage.ok("getUpdates", &next).await, first);
    assert_eq!(stage.ok("getUpdates", &next).await, json!([]));
    stage.sim.faults().once_update(UpdateFault::Late(Duration::from_millis(300)));
    stage.chat.send("late");
    assert_eq!(stage.ok("getUpdates", &json!({})).await, json!([]));
    assert_eq!(texts(&stage.ok("getUpdates", &json!({"timeout": 20})).await), ["late"]);
}
