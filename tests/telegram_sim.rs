//! The simulated Telegram, as real clients meet it at the wire.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

#[path = "telegram_sim/control.rs"]
mod control;
#[path = "telegram_sim/conversation.rs"]
mod conversation;
#[path = "telegram_sim/failures.rs"]
mod failures;
#[path = "telegram_sim/files.rs"]
mod files;
#[path = "telegram_sim/polling.rs"]
mod polling;
#[path = "telegram_sim/strictness.rs"]
mod strictness;
#[path = "telegram_sim/webhook.rs"]
mod webhook;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use slotbox::clock::{Clock, ClockHand};
use slotbox::sandbox::telegram::{Chat, TelegramSim};
use teloxide::Bot;

/// How long a test waits for what should come at once.
const SOON: Duration = Duration::from_secs(5);

/// A world with a bot, a person who has started it, and a clock that stands still.
struct Stage {
    sim: TelegramSim,
    hand: ClockHand,
    token: String,
    chat: Chat,
    http: reqwest::Client,
}

impl Stage {
    async fn new() -> Self {
        let (clock, hand) = Clock::stopped(Timestamp::from_second(1_800_000_000).unwrap());
        let sim = TelegramSim::start(clock).await.unwrap();
        sim.take_plain_webhooks();
        let token = sim.add_bot("Salon", "salon_bot");
        let chat = sim.chat("salon_bot", &sim.person("anna"));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { sim, hand, token, chat, http }
    }

    /// Makes a stage on which the person has written `/start` and the bot has read it.
    async fn begun() -> Self {
        let stage = Self::new().await;
        stage.chat.send("/start");
        stage.ok("getUpdates", &serde_json::json!({"offset": -1})).await;
        stage.ok("getUpdates", &serde_json::json!({"offset": i64::from(i32::MAX)})).await;
        stage
    }

    fn address(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.sim.url(), self.token)
    }

    /// Calls a method with a JSON body and returns the status and the answer.
    async fn call(&self, method: &str, params: &Value) -> (u16, Value) {
        let response = self.http.post(self.address(method)).json(params).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Calls a method that succeeds and returns its result.
    async fn ok(&self, method: &str, params: &Value) -> Value {
        let (status, mut answer) = self.call(method, params).await;
        assert_eq!((status, &answer["ok"]), (200, &Value::Bool(true)), "{method}: {answer}");
        answer["result"].take()
    }

    /// Returns teloxide's client for the bot.
    fn bot(&self) -> Bot {
        Bot::with_client(&self.token, self.http.clone())
            .set_api_url(self.sim.url().parse().unwrap())
    }
}
