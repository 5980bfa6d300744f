//! Webhooks: what is posted, in what order, and how often.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Json, Router};
use jiff::SignedDuration;
use serde_json::{Value, json};
use slotbox::clock::Clock;
use slotbox::sandbox::telegram::TelegramSim;
use tokio::net::TcpListener;

use crate::{SOON, Stage};

/// What came: the secret in the header, and the update.
type Received = (Option<String>, Value);

/// A bot's server: answers as it is told, then 200, and remembers what came.
#[derive(Clone, Default)]
struct Receiver {
    answers: Arc<Mutex<VecDeque<(u16, Value)>>>,
    got: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let app = Router::new().fallback(take).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        url
    }

    fn texts(&self) -> Vec<String> {
        let got = self.got.lock().unwrap();
        got.iter()
            .map(|(_, update)| update["message"]["text"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn wait(&self, count: usize) {
        let arrived = async {
            while self.got.lock().unwrap().len() < count {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        let arrived = tokio::time::timeout(SOON, arrived).await;
        assert!(arrived.is_ok(), "only {:?} came", self.texts());
    }
}

async fn take(
    State(receiver): State<Receiver>,
    headers: HeaderMap,
    Json(update): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let secret = headers.get("X-Telegram-Bot-Api-Secret-Token");
    let secret = secret.map(|secret| secret.to_str().unwrap().to_owned());
    receiver.got.lock().unwrap().push((secret, update));
    let answer = receiver.answers.lock().unwrap().pop_front();
    let (status, body) = answer.unwrap_or((200, json!({})));
    (StatusCode::from_u16(status).unwrap(), Json(body))
}

impl Stage {
    /// Waits until the last failed delivery is one of this status.
    async fn wait_for_failure(&self, status: &str) -> Value {
        let failed = async {
            loop {
                let info = self.ok("getWebhookInfo", &json!({})).await;
                let words = info["last_error_message"].as_str().unwrap_or_default();
                if words == format!("Wrong response from the webhook: {status}") {
                    return info;
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(SOON, failed).await.unwrap()
    }
}

#[tokio::test]
async fn an_update_is_posted_with_the_secret() {
    let (stage, receiver) = (Stage::new().await, Receiver::default());
    stage.chat.send("before");
    let url = receiver.start().await;
    stage.ok("setWebhook", &json!({"url": url, "secret_token": "s-1_x"})).await;
    stage.chat.send("after");
    receiver.wait(2).await;
    assert_eq!(receiver.texts(), ["before", "after"]);
    assert_eq!(receiver.got.lock().unwrap()[0].0.as_deref(), Some("s-1_x"));
}

#[tokio::test]
async fn a_failed_delivery_is_repeated_and_holds_its_chat_back() {
    let (stage, receiver) = (Stage::new().await, Receiver::default());
    let url = receiver.start().await;
    receiver.answers.lock().unwrap().extend([(500, json!({})), (503, json!({}))]);
    stage.ok("setWebhook", &json!({"url": url})).await;
    stage.chat.send("a1");
    receiver.wait(1).await;
    stage.chat.send("a2");
    stage.wait_for_failure("500 Internal Server Error").await;
    stage.hand.advance(SignedDuration::from_secs(1));
    receiver.wait(2).await;
    let boris = stage.sim.chat("salon_bot", &stage.sim.person("boris"));
    boris.send("b1"); // Others do not wait for anna.
    receiver.wait(3).await;
    let info = stage.wait_for_failure("503 Service Unavailable").await;
    assert_eq!(info["url"], url);
    stage.hand.advance(SignedDuration::from_secs(1));
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    assert_eq!(receiver.texts(), ["a1", "a1", "b1"], "the second pause is two seconds");
    stage.hand.advance(SignedDuration::from_secs(1));
    receiver.wait(5).await;
    assert_eq!(receiver.texts(), ["a1", "a1", "b1", "a1", "a2"]);
    let taken = async {
        while stage.ok("getWebhookInfo", &json!({})).await["pending_update_count"] != 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SOON, taken).await.unwrap();
}

#[tokio::test]
async fn a_returned_method_is_performed() {
    let (stage, receiver) = (Stage::new().await, Receiver::default());
    let url = receiver.start().await;
    let call = json!({"method": "sendMessage", "chat_id": stage.chat.id(), "text": "returned"});
    receiver.answers.lock().unwrap().push_back((200, call));
    stage.ok("setWebhook", &json!({"url": url})).await;
    stage.chat.send("/start");
    stage.chat.wait_for("returned", SOON).await.unwrap();
}

#[tokio::test]
async fn a_slow_bot_gets_no_more_than_it_asked_for_at_once() {
    let (stage, receiver) = (Stage::new().await, Receiver::default());
    let url = receiver.start().await;
    receiver.answers.lock().unwrap().extend([(500, json!({})), (500, json!({}))]);
    stage.ok("setWebhook", &json!({"url": url, "max_connections": 2})).await;
    for (name, text) in [("anna", "a"), ("boris", "b"), ("vera", "c")] {
        stage.sim.chat("salon_bot", &stage.sim.person(name)).send(text);
    }
    receiver.wait(2).await;
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    assert_eq!(receiver.got.lock().unwrap().len(), 2, "vera waits for a free connection");
    // Each failure sets its own hour for the next attempt, so the clock is moved until both came.
    while receiver.got.lock().unwrap().len() < 5 {
        stage.hand.advance(SignedDuration::from_secs(1));
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let mut texts = receiver.texts();
    texts.sort();
    assert_eq!(texts, ["a", "a", "b", "b", "c"]);
}

#[tokio::test]
async fn a_deleted_webhook_gets_nothing_more() {
    let (stage, receiver) = (Stage::new().await, Receiver::default());
    let url = receiver.start().await;
    receiver.answers.lock().unwrap().push_back((500, json!({})));
    stage.ok("setWebhook", &json!({"url": url})).await;
    stage.chat.send("a");
    stage.wait_for_failure("500 Internal Server Error").await;
    stage.ok("deleteWebhook", &json!({})).await;
    stage.hand.advance(SignedDuration::from_mins(1));
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    assert_eq!(receiver.texts(), ["a"]);
    let updates = stage.ok("getUpdates", &json!({})).await;
    assert_eq!(updates[0]["message"]["text"], "a", "what was not taken is polled");
}

#[tokio::test]
async fn an_address_that_telegram_does_not_call_is_refused() {
    let sim = TelegramSim::start(Clock::system()).await.unwrap();
    let token = sim.add_bot("Salon", "salon_bot");
    let set = async |url: &str| {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let method = format!("{}/bot{token}/setWebhook", sim.url());
        let answer = http.post(method).json(&json!({ "url": url })).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["description"].clone()
    };
    let wrong = "Bad Request: bad webhook: ";
    let plain = format!("{wrong}An HTTPS URL must be provided for webhook");
    assert_eq!(set("http://bots.example.test/hook").await, plain);
    let port = format!("{wrong}Webhook can be set up only on ports 80, 88, 443 or 8443");
    assert_eq!(set("https://bots.example.test:444/hook").await, port);
    for port in ["", ":443", ":8443", ":88", ":80"] {
        assert_eq!(set(&format!("https://bots.example.test{port}/hook")).await, Value::Null);
    }
}
