//! The people's side over HTTP.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Stage;

impl Stage {
    async fn control(&self, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}/sandbox/{path}", self.sim.url());
        let request = match body {
            Some(body) => self.http.post(url).json(&body),
            None => self.http.get(url),
        };
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}

#[tokio::test]
async fn a_page_can_speak_for_a_person() {
    let stage = Stage::new().await;
    let chat = format!("chats/salon_bot/{}", stage.chat.id());
    let done = (200, json!({"ok": true}));
    assert_eq!(stage.control(&format!("{chat}/send"), Some(json!({"text": "/start"}))).await, done);
    let keyboard = json!({"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]});
    let question = json!({"chat_id": stage.chat.id(), "text": "Sure?", "reply_markup": keyboard});
    stage.ok("sendMessage", &question).await;
    let (_, page) = stage.control(&format!("{chat}/messages"), None).await;
    assert_eq!(page["chat_id"], stage.chat.id());
    assert_eq!(page["messages"][0]["from_bot"], false);
    assert_eq!(page["messages"][1]["buttons"], json!([[{"text": "Yes", "data": "y"}]]));
    assert_eq!(stage.control(&format!("{chat}/press"), Some(json!({"button": "Yes"}))).await, done);
    let missing = stage.control(&format!("{chat}/press"), Some(json!({"button": "No"}))).await;
    assert_eq!(missing, (404, json!({"error": "there is no such button"})));
    let unknown = stage.control("chats/nobody/anna/messages", None).await;
    assert_eq!(unknown, (404, json!({"error": "there is no such bot"})));
    let (_, chats) = stage.control("chats", None).await;
    let person = json!({"id": stage.chat.id(), "name": "anna"});
    assert_eq!(chats, json!([{"bot": "salon_bot", "person": person}]));
}

#[tokio::test]
async fn events_are_waited_for() {
    let stage = Stage::new().await;
    stage.chat.send("one");
    let (_, events) = stage.control("events", None).await;
    assert_eq!((&events[0]["kind"], &events[0]["text"]), (&json!("said"), &json!("one")));
    let begun = Instant::now();
    let ((_, events), ()) = tokio::join!(stage.control("events?after=1&wait_s=20", None), async {
        tokio::time::sleep(Duration::from_millis(40)).await;
        stage.chat.send("two");
    });
    assert_eq!((&events[0]["number"], &events[0]["text"]), (&json!(1), &json!("two")));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_person_saves_a_file() {
    let stage = Stage::new().await;
    stage.chat.send_document("list.txt", "contents");
    let url = format!("{}/sandbox/chats/salon_bot/anna/files/1", stage.sim.url());
    let saved = stage.http.get(url).send().await.unwrap();
    assert_eq!(saved.text().await.unwrap(), "contents");
}
