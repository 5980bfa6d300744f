//! A client's process talks through its socket to a simulated Telegram.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::Instant;
use tracing_subscriber::layer::{self, Layer, SubscriberExt as _};

use super::*;
use crate::actions::cover::Cover;
use crate::actions::take_update::take_update;
use crate::clock::Clock;
use crate::config::Updates;
use crate::domain::client::BotProblem;
use crate::domain::ids::ClientId;
use crate::domain::subscription::{GrantKind, Granted, Subscription, SuspendedBy};
use crate::domain::token::BotToken;
use crate::external::telegram::RawUpdate;
use crate::sandbox::telegram::{Fault, TelegramSim};
use crate::store::{StoreError, updates};
use crate::testing::{Host, until};

const OWNER: i64 = 5001;
const TOKEN: &str = "700001:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";
const SECRET: &str = "AAH5YkoiEuPk8";
const NONE: [i64; 0] = [];

mod seed;

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

#[tokio::test]
async fn a_call_goes_on_under_the_clients_token() {
    let bench = Bench::new().await;
    let (status, me) = bench.call("GetMe", json!({})).await;
    assert_eq!((status, &me["result"]["username"]), (200, &json!("salon_bot")));
    assert_eq!(bench.say(OWNER, "hello").await, 200);
    let chat = bench.sim.chat("salon_bot", &bench.sim.person_with_id(OWNER, "Olga"));
    assert!(chat.messages().iter().any(|message| message.text == "hello"));
    let (status, failed) = bench.call("SendMessage", json!({"chat_id": 404, "text": "x"})).await;
    assert_eq!((status, &failed["ok"]), (400, &json!(false)));
    assert_eq!(failed["description"], "Bad Request: chat not found");
}

#[tokio::test]
async fn only_methods_in_the_list_reach_telegram() {
    let bench = Bench::new().await;
    for method in ["setWebhook", "deleteWebhook", "logOut", "close", "getWebhookInfo", "nonsense"] {
        let (status, answer) = bench.call(method, json!({"url": "https://evil.example"})).await;
        assert_eq!(status, 403, "{method}");
        assert_eq!(answer["error_code"], 403);
        assert_eq!(answer["description"], "Forbidden: method is not allowed");
    }
    assert_eq!(bench.sim.calls().len(), 0);
}

#[tokio::test]
async fn forged_requests_reach_no_other_bot_and_no_other_host() {
    let bench = Bench::new().await;
    let other = "700002:AAother5YkoiEuPk8-FZa32hStHTqXiLPtA";
    bench.sim.add_bot_with_token(other, "Other", "other_bot");
    for target in [
        format!("/bot{other}/getMe"),
        format!("http://api.telegram.org/bot{other}/getMe"),
        format!("/bot0:gateway/getMe/../../bot{other}/getMe"),
        format!("/bot0:gateway/../bot{other}/getMe"),
        format!("/bot0:gateway%2f..%2fbot{other}/getMe"),
        format!("/bot0:gateway/getMe%2f..%2f..%2fbot{other}%2fgetMe"),
        format!("//bot{other}/getMe"),
        format!("/bot0:gateway/getMe?x=/../bot{other}/getMe"),
        "/bot0:gateway/getMe\u{0}".to_owned(),
    ] {
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: other_bot\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let answer = bench.raw(&request).await;
        assert!(!answer.contains("other_bot\"") && !answer.contains(SECRET), "{target}: {answer}");
        assert!(
            answer.starts_with("HTTP/1.1 4") || answer.contains("salon_bot"),
            "{target}: {answer}"
        );
    }
    assert!(bench.sim.calls().iter().all(|call| call.bot.as_deref() == Some("salon_bot")));
}

#[tokio::test]
async fn noise_on_the_socket_does_no_harm() {
    let bench = Bench::new().await;
    for noise in
        ["\r\n\r\n", "\u{0}\u{1}\u{2}", "GET / HTTP/9.9\r\n\r\n", "POST /report HTTP/1.1\r\n"]
    {
        let socket = bench.host.layout.socket(bench.client);
        UnixStream::connect(socket).await.unwrap().write_all(noise.as_bytes()).await.unwrap();
    }
    for body in ["", "{", "[]", "{\"state\":\"well\"}", "{\"state\":\"healthy\"}"] {
        let url = "http://gateway/report";
        let kind = ("content-type", "application/json");
        let request = bench.http.post(url).header(kind.0, kind.1).body(body);
        assert_eq!(request.send().await.unwrap().status(), 400, "{body}");
    }
    assert!(!bench.host.deps.health.is_healthy(bench.client));
    assert_eq!(bench.call("getMe", json!({})).await.0, 200);
}

#[tokio::test]
async fn files_go_both_ways_and_only_plain_paths_are_asked_for() {
    let bench = Bench::new().await;
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let part = reqwest::multipart::Part::bytes(bytes.clone()).file_name("price.pdf");
    let form = reqwest::multipart::Form::new().text("chat_id", OWNER.to_string());
    let request = bench.http.post("http://gateway/bot0:gateway/SendDocument");
    let sent = request.multipart(form.part("document", part)).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    let sent: Value = sent.json().await.unwrap();
    let file_id = sent["result"]["document"]["file_id"].as_str().unwrap();

    let (_, file) = bench.call("GetFile", json!({"file_id": file_id})).await;
    let path = file["result"]["file_path"].as_str().unwrap();
    let url = format!("http://gateway/file/bot0:gateway/{path}");
    let fetched = bench.http.get(url).send().await.unwrap();
    assert_eq!(fetched.status(), 200);
    assert!(fetched.bytes().await.unwrap() == bytes);

    for path in ["../bot700001/x", "%2e%2e/x", "documents/no_such_file.pdf", "a//b", ""] {
        let answer = bench
            .raw(&format!(
                "GET /file/bot0:gateway/{path} HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n"
            ))
            .await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(!answer.contains(SECRET));
    }
}

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
async fn a_revoked_token_is_shown_and_not_used_until_there_is_another() {
    let bench = Bench::new().await;
    let fresh = bench.sim.revoke_token(TOKEN);
    assert_eq!(bench.say(OWNER, "hello").await, 401);
    until("the problem is on record", || bench.problem() == Some(BotProblem::TokenRevoked)).await;
    assert_eq!(bench.notices(), 2); // One for the operator, one for the owner.
    let before = bench.sim.calls().len();
    for _ in 0..5 {
        assert_eq!(bench.say(OWNER, "hello").await, 401);
    }
    assert_eq!(bench.sim.calls().len(), before);
    assert_eq!(bench.notices(), 2);

    bench.host.change_token(bench.client, &fresh).await;
    let deadline = Instant::now() + Duration::from_secs(10);
    while bench.say(OWNER, "hello").await != 200 {
        assert!(Instant::now() < deadline, "the new token is not used");
    }
    until("the problem is gone", || bench.problem().is_none()).await;
    assert_eq!(bench.notices(), 2);
}

#[tokio::test]
async fn an_owner_who_blocks_the_bot_is_shown() {
    let bench = Bench::new().await;
    let chat = bench.sim.chat("salon_bot", &bench.sim.person_with_id(OWNER, "Olga"));
    chat.block();
    assert_eq!(bench.say(OWNER, "hello").await, 403);
    until("the problem is on record", || bench.problem() == Some(BotProblem::OwnerUnreachable))
        .await;
    chat.unblock();
    assert_eq!(bench.say(OWNER, "hello").await, 200);
    until("the problem is gone", || bench.problem().is_none()).await;
}

#[tokio::test]
async fn a_customer_who_blocks_the_bot_is_no_problem() {
    let bench = Bench::new().await;
    let chat = bench.sim.chat("salon_bot", &bench.sim.person("Anna"));
    chat.send("/start");
    chat.block();
    assert_eq!(bench.say(chat.id(), "hello").await, 403);
    assert_eq!(bench.say(OWNER, "hello").await, 200);
    assert_eq!(bench.problem(), None);
}

#[tokio::test]
async fn a_foreign_webhook_is_removed_and_no_update_is_lost() {
    let bench = Bench::new().await;
    let foreign = format!("{}/bot{TOKEN}/setWebhook", bench.sim.url());
    let body = json!({"url": "https://127.0.0.1/hook"});
    let set = reqwest::Client::new().post(foreign).json(&body).send().await.unwrap();
    assert_eq!(set.status(), 200);
    assert_eq!(bench.poll(0, 0).await.0, 409);
    let (status, updates) = bench.poll(0, 1).await;
    assert_eq!((status, &updates["result"][0]["message"]["text"]), (200, &json!("/start")));
    assert_eq!(bench.problem(), None);
}

#[tokio::test]
async fn telegrams_own_limit_is_kept_afterwards() {
    let bench = Bench::new().await;
    bench.sim.faults().once("sendMessage", Fault::RetryAfter(600));
    assert_eq!(bench.say(OWNER, "hello").await, 429);
    let before = bench.calls_of("sendMessage");
    let (status, answer) = bench.call("sendMessage", json!({"chat_id": OWNER, "text": "x"})).await;
    assert_eq!((status, &answer["ok"]), (429, &json!(false)));
    let wait = answer["parameters"]["retry_after"].as_u64().unwrap();
    assert!((598..=601).contains(&wait), "{wait}");
    assert_eq!(bench.calls_of("sendMessage"), before);
    let anna = bench.sim.chat("salon_bot", &bench.sim.person("Anna"));
    anna.send("/start");
    assert_eq!(bench.say(anna.id(), "hello").await, 200);
}

/// What every part of the program says, down to the smallest detail.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<String>>);

impl<S: tracing::Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &tracing::Event<'_>, _: layer::Context<'_, S>) {
        self.0.lock().unwrap().push_str(&format!("{event:?}\n"));
    }
}

#[tokio::test]
async fn the_token_is_in_no_log() {
    let heard = Heard::default();
    let own = tracing_subscriber::registry().with(heard.clone());
    let _listening = tracing::subscriber::set_default(own);
    let bench = Bench::new().await;
    bench.say(OWNER, "hello").await;
    bench.sim.faults().once("sendMessage", Fault::CutBefore);
    bench.say(OWNER, "hello").await;
    bench.sim.faults().once("sendMessage", Fault::Status(502));
    bench.say(OWNER, "hello").await;
    bench.call("setWebhook", json!({})).await;
    bench.sim.revoke_token(TOKEN);
    bench.say(OWNER, "hello").await;
    until("the problem is on record", || bench.problem().is_some()).await;
    bench.sim.shutdown().await;
    let text = heard.0.lock().unwrap().clone();
    assert!(text.contains("gateway.no_answer"), "{text}");
    assert!(text.contains("client.problem"), "{text}");
    assert!(!text.contains(SECRET), "{text}");
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
async fn a_flood_is_spread_out() {
    let bench = Bench::new().await;
    let begun = Instant::now();
    let calls =
        (0..7).map(|n| bench.call("sendMessage", json!({"chat_id": OWNER, "text": n.to_string()})));
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().all(|(status, _)| *status == 200));
    assert!(begun.elapsed() >= Duration::from_secs(2), "five at once, then one a second");
}

#[tokio::test]
async fn without_telegram_the_answer_has_its_form() {
    let bench = Bench::new().await;
    for fault in [Fault::CutBefore, Fault::Status(502)] {
        bench.sim.faults().once("sendMessage", fault);
        let (status, answer) =
            bench.call("sendMessage", json!({"chat_id": OWNER, "text": "x"})).await;
        assert_eq!((status, &answer["error_code"]), (502, &json!(502)), "{fault:?}");
    }
    bench.sim.shutdown().await;
    assert_eq!(bench.say(OWNER, "hello").await, 502);
    assert_eq!(bench.problem(), None);
}

#[tokio::test]
async fn a_profile_is_given_at_once_and_again_when_it_changes() {
    let bench = Bench::new().await;
    let profile = bench.profile("").await;
    assert_eq!(profile["client_id"], bench.client.to_string());
    assert_eq!(profile["company_name"], "Salon");
    assert_eq!(profile["owner"], OWNER);
    assert_eq!(profile["bot_username"], "bot_1");
    assert_eq!(profile["timezone"], "Europe/Moscow");
    assert_eq!((&profile["locale"], &profile["service"]), (&json!("ru"), &json!("full")));
    assert_eq!(profile["support"], "@support");
    let version = profile["version"].as_u64().unwrap();
    assert_eq!(bench.profile(&format!("?known={}&wait=50", version + 1)).await, profile);
    assert_eq!(bench.profile(&format!("?known={version}&wait=0")).await, profile);

    let query = format!("?known={version}&wait=50");
    let waiting = bench.profile(&query);
    let pausing = async {
        sleep(Duration::from_millis(30)).await;
        let now = bench.host.deps.clock.now();
        let pause = move |client: &mut crate::domain::client::Client| {
            let day = jiff::SignedDuration::from_hours(24);
            client.subscription = {
                let granted = Granted { until: now + day, kind: GrantKind::Paid };
                Subscription::Suspended { granted, since: now, by: SuspendedBy::Operator }
            };
        };
        bench.host.change(bench.client, pause).await;
    };
    let (paused, ()) = tokio::join!(waiting, pausing);
    assert_eq!(paused["service"], "paused");
    assert_ne!(paused["version"], profile["version"]);
}

#[tokio::test]
async fn a_report_is_noted() {
    let bench = Bench::new().await;
    let report = json!({"state": "healthy", "version": "0.1.0"});
    let sent = bench.http.post("http://gateway/report").json(&report).send().await.unwrap();
    assert_eq!(sent.status(), 204);
    assert!(bench.host.deps.health.is_healthy(bench.client));
}

#[tokio::test]
async fn a_socket_is_private_replaces_an_old_one_and_goes_when_it_is_closed() {
    let bench = Bench::new().await;
    let socket = bench.host.layout.socket(bench.client);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&socket), mode(socket.parent().unwrap())), (0o600, 0o700));
    bench.host.deps.gateways.open(bench.client).await.unwrap();
    bench.host.deps.gateways.close(bench.client).await;
    assert!(!socket.exists());
    bench.host.deps.gateways.close(bench.client).await;
    fs::write(&socket, "left over").unwrap();
    bench.host.deps.gateways.open(bench.client).await.unwrap();
    assert_eq!(bench.say(OWNER, "again").await, 200);
    let unknown = bench.host.deps.gateways.open(ClientId::from_bits(99)).await;
    assert!(unknown.is_err());
}

#[tokio::test]
async fn one_client_cannot_use_up_what_others_need() {
    let bench = Bench::new().await;
    let other_token = "700002:AAother5YkoiEuPk8-FZa32hStHTqXiLPtA";
    bench.sim.add_bot_with_token(other_token, "Other", "other_bot");
    let other = bench.host.add_client(2, OWNER, other_token).await;
    bench.host.deps.gateways.open(other).await.unwrap();
    let socket = bench.host.layout.socket(bench.client);
    let mut idle = Vec::new();
    for _ in 0..200 {
        idle.push(UnixStream::connect(&socket).await.unwrap());
    }
    let http = reqwest::Client::builder().unix_socket(bench.host.layout.socket(other));
    let me = http.build().unwrap().post("http://gateway/bot0:gateway/getMe").send().await.unwrap();
    let me: Value = me.json().await.unwrap();
    assert_eq!(me["result"]["username"], "other_bot");
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
