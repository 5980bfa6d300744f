//! A client's process talks through its socket to a simulated Telegram.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use super::*;
use crate::actions::take_update::take_update;
use crate::clock::Clock;
use crate::config::Updates;
use crate::domain::client::BotProblem;
use crate::domain::ids::ClientId;
use crate::domain::token::BotToken;
use crate::sandbox::telegram::TelegramSim;
use crate::testing::{Host, until};

const OWNER: i64 = 5001;
const TOKEN: &str = "700001:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";
const SECRET: &str = "AAH5YkoiEuPk8";

mod calls;
mod polls;
mod problems;
mod seed;
mod socket;

struct Bench {
    sim: TelegramSim,
    host: Host,
    client: ClientId,
    http: reqwest::Client,
    stop: CancellationToken,
}

impl Bench {
    /// One client, whose bot the owner and Anna have started.
    async fn new() -> Self {
        Self::with(Updates::Polling).await
    }

    /// The same, where updates come so.
    async fn with(updates: Updates) -> Self {
        let sim = TelegramSim::start(Clock::system()).await.unwrap();
        sim.add_bot_with_token(TOKEN, "Salon", "salon_bot");
        sim.chat("salon_bot", &sim.person_with_id(OWNER, "Olga")).send("/start");
        let mut host = Host::new(&sim.url(), Path::new("/no/such"), Duration::from_secs(5));
        let mut config = (*host.deps.config).clone();
        config.telegram.updates = updates;
        host.deps.config = Arc::new(config);
        let client = host.add_client(1, OWNER, TOKEN).await;
        let forwarder = Forwarder::new(&sim.url(), None).unwrap();
        let stop = CancellationToken::new();
        let orders = host.orders.take().unwrap();
        let running = run(host.deps.clone(), host.layout.clone(), forwarder, orders, stop.clone());
        tokio::spawn(running);
        host.deps.gateways.open(client).await.unwrap();
        let http = reqwest::Client::builder().unix_socket(host.layout.socket(client));
        Self { http: http.build().unwrap(), sim, host, client, stop }
    }

    /// Calls a method as teloxide does.
    async fn call(&self, method: &str, body: Value) -> (u16, Value) {
        let url = format!("http://gateway/bot0:gateway/{method}");
        let response = self.http.post(url).json(&body).send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        assert!(!text.contains(SECRET), "the token is in {text}");
        (status, serde_json::from_str(&text).unwrap())
    }

    async fn say(&self, chat: i64, text: &str) -> u16 {
        self.call("SendMessage", json!({"chat_id": chat, "text": text})).await.0
    }

    async fn poll(&self, offset: i64, timeout: u64) -> (u16, Value) {
        self.call("GetUpdates", json!({"offset": offset, "timeout": timeout})).await
    }

    /// Keeps an update as if Telegram had brought it.
    async fn bring(&self, id: i64) {
        let bot = TOKEN.parse::<BotToken>().unwrap().bot();
        let update = json!({ "update_id": id }).to_string();
        take_update(&self.host.deps, bot, update.as_bytes()).await.unwrap();
    }

    /// Asks for updates and returns their numbers.
    async fn numbers(&self, offset: i64, timeout: u64) -> Vec<i64> {
        let (status, answer) = self.poll(offset, timeout).await;
        assert_eq!(status, 200, "{answer}");
        let updates = answer["result"].as_array().unwrap().iter();
        updates.map(|it| it["update_id"].as_i64().unwrap()).collect()
    }

    /// Writes raw bytes to the socket and reads all that comes back.
    async fn raw(&self, request: &str) -> String {
        let mut stream = UnixStream::connect(self.host.layout.socket(self.client)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn profile(&self, query: &str) -> Value {
        let url = format!("http://gateway/profile{query}");
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    fn problem(&self) -> Option<BotProblem> {
        self.host.client(self.client).problem
    }

    fn calls_of(&self, method: &str) -> usize {
        let calls = self.sim.calls();
        calls.iter().filter(|call| call.method.eq_ignore_ascii_case(method)).count()
    }

    /// Has another program take the bot's updates.
    async fn divert(&self) {
        let foreign = format!("{}/bot{TOKEN}/setWebhook", self.sim.url());
        let body = json!({"url": "https://127.0.0.1/hook"});
        let set = reqwest::Client::new().post(foreign).json(&body).send().await.unwrap();
        assert_eq!(set.status(), 200);
    }

    /// Counts the jobs that tell somebody something.
    fn notices(&self) -> usize {
        let now = self.host.deps.clock.now();
        let store = &self.host.deps.store;
        let jobs = store.read(|snap| crate::store::queue::list(snap, None, 100, now)).unwrap();
        jobs.iter().filter(|job| job.kind == "notify").count()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
