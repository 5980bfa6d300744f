//! No planted secret leaves: not by a log, a metric, an answer, an error, a list of processes, or
//! what is written to disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::PROXY_AUTHORIZATION;
use axum::response::{IntoResponse, Response};
use reqwest::{Method, StatusCode};
use serde_json::json;
use slotbox::sandbox::telegram::{Chat, Fault};
use slotbox::sandbox::yookassa::Rates;
use slotbox::store::{Options, Read, Store, StoreError};

use crate::world::{API_TOKEN, MASTER, OPERATOR, PATIENCE, Recipe, SALES, World};

/// Pasted into chats by mistake; no bot has it.
const PASTED: &str = "7654321098:AAPastedByMistakeIntoTheChat_x1y2z3w";
const PROXY_PASSWORD: &str = "Pr0xyPassPlanted77";
/// `proxyuser` and the password, as a request carries them.
const PROXY_BASIC: &str = "cHJveHl1c2VyOlByMHh5UGFzc1BsYW50ZWQ3Nw==";
const NAME: &str = "Прасковья Тайнова";
const PHONE: &str = "+79995550177";
const EMAIL: &str = "praskovya.tainova@example.org";
const COMPANY: &str = "Салон Потайная Дверь";
const WORDS: &str = "никому не говорите про завещание";

/// What was planted.
struct Planted {
    /// Tokens, keys and passwords: nowhere.
    secrets: Vec<String>,
    /// What people are and say: only where it is needed.
    personal: Vec<String>,
}

impl Planted {
    /// Looks for secrets in a text; `place` says where it was.
    fn check(&self, place: &str, text: &str) {
        find(&self.secrets, place, text.as_bytes());
    }

    /// Looks for secrets and for what is personal.
    fn check_all(&self, place: &str, text: &str) {
        self.check(place, text);
        find(&self.personal, place, text.as_bytes());
    }
}

fn find(words: &[String], place: &str, bytes: &[u8]) {
    for word in words {
        let at = bytes.windows(word.len()).position(|window| window == word.as_bytes());
        if let Some(at) = at {
            let around = &bytes[at.saturating_sub(300)..(at + 100).min(bytes.len())];
            panic!("{place} holds {word}: {}", String::from_utf8_lossy(around));
        }
    }
}

/// D-046, D-047, D-048: a token is in no log, no error, no job and no file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_planted_secret_leaves_as_json_lines() {
    no_planted_secret_leaves("json").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_planted_secret_leaves_as_text() {
    no_planted_secret_leaves("text").await;
}

async fn no_planted_secret_leaves(format: &str) {
    let proxy = proxy().await;
    let set = vec![
        ("TELEGRAM__PROXY_FILE", proxy.display().to_string()),
        ("LOG__FORMAT", format.to_owned()),
        ("LOG__LEVEL", "trace".to_owned()),
    ];
    let mut world = World::begin(Recipe { set: set.clone(), wrapper: None }).await;
    let tokens = ["salon", "other", "revoked"].map(|name| {
        let username = format!("{name}_planted_bot");
        (world.telegram.add_bot("Salon", &username), username)
    });
    let planted = planted(&world, &tokens);
    let client = live(&world, &tokens).await;
    let answers = ask_everything(&world, &client, &tokens[0].0).await;
    for (place, answer, personal) in &answers {
        if *personal {
            planted.check(place, answer);
        } else {
            planted.check_all(place, answer);
        }
    }
    // What is looked for is seen where it may be.
    let shown = answers.iter().filter(|(_, answer, _)| answer.contains(COMPANY)).count();
    assert_eq!(shown, 2, "the list of clients and the client, to those with the token");
    planted.check_all("/metrics", &world.metrics().await);
    look_at_processes(&world, &planted);
    ask_commands(&world, &planted, &set);
    let log = world.stop().await;
    planted.check_all("the log", &log);
    for event in ["update.failed", "gateway.flood", "payment.settled", "http.request"] {
        assert!(log.contains(event), "the story was told: no {event} in\n{log}");
    }
    look_at_jobs(&world, &planted);
    look_at_files(&world, &planted);
    fs::remove_dir_all(proxy.parent().unwrap()).unwrap();
}

fn planted(world: &World, tokens: &[(String, String)]) -> Planted {
    let letters = |token: &str| token.rsplit(':').next().unwrap().to_owned();
    let bots = [&world.tokens.master, &world.tokens.sales].map(|token| letters(token));
    let own = tokens.iter().map(|(token, _)| letters(token));
    let others = [world.shop.secret_key(), API_TOKEN, PROXY_PASSWORD, PROXY_BASIC];
    let others = others.map(ToOwned::to_owned).into_iter().chain([letters(PASTED)]);
    Planted {
        secrets: bots.into_iter().chain(own).chain(others).collect(),
        personal: [NAME, PHONE, &PHONE[1..], EMAIL, COMPANY, WORDS].map(ToOwned::to_owned).into(),
    }
}

/// Plays a story in which much goes wrong, and returns the client.
async fn live(world: &World, tokens: &[(String, String)]) -> String {
    let telegram = &world.telegram;
    let operator = telegram.person_with_id(OPERATOR, NAME);
    let owner = telegram.person_with_id(222, NAME);
    for (bot, person) in [(MASTER, &operator), (SALES, &owner)] {
        let chat = telegram.chat(bot, person);
        chat.send("/start");
        chat.wait_for("", PATIENCE).await.unwrap();
        for text in [PASTED, PHONE, EMAIL, WORDS, &tokens[1].0, "/help"] {
            chat.send(text);
        }
        chat.send_contact(PHONE);
    }
    let client = world.add_client(&tokens[0].0, 222, COMPANY).await;
    world.until_running(&client).await;
    let revoked = world.add_client(&tokens[2].0, 222_222, COMPANY).await;
    world.until_running(&revoked).await;
    telegram.revoke_token(&tokens[2].0);
    world.rest().await;
    let faults = telegram.faults();
    for fault in [Fault::RetryAfter(1), Fault::CutBefore, Fault::Status(500), Fault::Page(502)] {
        faults.once("sendMessage", fault);
    }
    let own = telegram.chat(&tokens[0].1, &owner);
    own.send("/start");
    own.wait_for("", PATIENCE).await.unwrap();
    let anna = telegram.person_with_id(333, NAME);
    let chat = telegram.chat(&tokens[0].1, &anna);
    for text in ["/start", PASTED, PHONE, EMAIL, WORDS, NAME] {
        chat.send(text);
    }
    chat.send_contact(PHONE);
    chat.wait_for("", PATIENCE).await.unwrap();
    flood(world, &chat).await;
    let odd = Rates { fail_before: 200, cut_after: 100, too_many: 100, ..Rates::default() };
    world.shop.faults().random(7, odd);
    faults.random_of("*", &[Fault::CutAfter, Fault::Status(500), Fault::RetryAfter(1)], 7, 0.1);
    tokio::time::sleep(Duration::from_secs(2)).await;
    world.shop.faults().clear();
    faults.clear();
    world.sell(&client).await;
    client
}

/// Speaks until Telegram has told the client's bot to wait: which bot meets a fault of the next
/// message is chance.
async fn flood(world: &World, chat: &Chat) {
    let met = async {
        while !world.log().contains("gateway.flood") {
            world.telegram.faults().once("sendMessage", Fault::RetryAfter(1));
            chat.send("/start");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    tokio::time::timeout(PATIENCE, met).await.expect("the client's bot is told to wait");
}

/// Asks the API for all that it tells, and for nonsense with secrets in it. An answer that may hold
/// the company's name says so.
async fn ask_everything(world: &World, client: &str, token: &str) -> Vec<(String, String, bool)> {
    let json = |body: serde_json::Value| body.to_string();
    let questions = [
        (Method::GET, "/api/clients".to_owned(), String::new(), true),
        (Method::GET, format!("/api/clients/{client}"), String::new(), true),
        (Method::GET, format!("/api/clients/{client}/payments"), String::new(), false),
        (Method::GET, "/api/orders".to_owned(), String::new(), false),
        (Method::GET, "/api/payments".to_owned(), String::new(), false),
        (Method::GET, "/api/queue".to_owned(), String::new(), false),
        (Method::GET, "/api/audit".to_owned(), String::new(), false),
        (Method::GET, "/api/plans".to_owned(), String::new(), false),
        (Method::GET, "/health".to_owned(), String::new(), false),
        (Method::GET, format!("/api/clients/{PASTED}"), String::new(), false),
        (Method::GET, format!("/api/payments/{token}"), String::new(), false),
        (Method::GET, format!("/api/orders?cursor={PASTED}"), String::new(), false),
        (Method::GET, format!("/{PASTED}"), String::new(), false),
        (Method::GET, format!("/payment/success?order={PASTED}"), String::new(), false),
        (Method::POST, "/api/clients".to_owned(), format!("{{\"bot_token\": {PASTED}"), false),
        (
            Method::POST,
            "/api/clients".to_owned(),
            json(json!({"bot_token": format!("{PASTED}!"), "payment_id": API_TOKEN,
                "admin_telegram_id": PHONE, "company_name": WORDS.repeat(9)})),
            false,
        ),
        (
            // The bot is taken: the error names no token (D-047).
            Method::POST,
            "/api/clients".to_owned(),
            json(json!({"bot_token": token, "admin_telegram_id": 1, "company_name": COMPANY})),
            false,
        ),
        (
            // Telegram knows no such token.
            Method::POST,
            "/api/clients".to_owned(),
            json(json!({"bot_token": PASTED, "admin_telegram_id": 1, "company_name": COMPANY})),
            false,
        ),
        (Method::POST, "/yookassa/webhook".to_owned(), PASTED.to_owned(), false),
        (Method::POST, "/yookassa/webhook".to_owned(), format!("{{\"object\":{token}"), false),
        (Method::DELETE, format!("/api/clients/{PASTED}"), PASTED.to_owned(), false),
    ];
    let mut answers = Vec::new();
    for (method, path, body, personal) in questions {
        for bearer in [API_TOKEN, PASTED] {
            let request = world.bare(method.clone(), &path).bearer_auth(bearer);
            let request = request.header("Content-Type", "application/json").body(body.clone());
            let request = request.header("Idempotency-Key", token).header("User-Agent", PASTED);
            let answer = request.send().await.unwrap();
            let told = format!("{} {:?}", answer.status(), answer.headers());
            let text = format!("{told}\n{}", answer.text().await.unwrap());
            answers.push((format!("{method} {}", path.replace(PASTED, "..")), text, personal));
        }
    }
    answers
}

/// What anybody on the host sees of the processes, and what they hand on.
fn look_at_processes(world: &World, planted: &Planted) {
    let processes = world.processes();
    assert!(processes.len() >= 3, "serve and its clients run: {processes:?}");
    for (pid, line) in processes {
        planted.check_all("a command line", &line);
        let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        planted.check_all("an environment", &String::from_utf8_lossy(&environ));
        if line.contains(" client ") {
            assert!(environ.is_empty(), "a client's process has an environment");
        }
    }
}

/// What commands print, well or badly used.
fn ask_commands(world: &World, planted: &Planted, set: &[(&'static str, String)]) {
    let mut bad = set.to_vec();
    bad.retain(|(name, _)| !name.starts_with("TELEGRAM__PROXY"));
    for (name, value) in [
        ("TELEGRAM__PROXY", format!("gopher://proxyuser:{PROXY_PASSWORD}@[")),
        ("TELEGRAM__MASTER_TOKEN", PASTED.replace(':', ";")),
        ("YOOKASSA__SECRET_KEY", format!("wrong{}", world.shop.secret_key())),
        ("API__TOKEN", API_TOKEN[..20].to_owned()),
        ("LOG__LEVEL", PASTED.to_owned()),
    ] {
        bad.push((name, value));
    }
    let mut shown = 0;
    for settings in [set.to_vec(), bad] {
        for words in [
            &["config", "show"][..],
            &["config", "show", "--json"],
            &["config", "check"],
            &["config", "check", "--json"],
            &["serve"], // The first one has the database: it ends with an error.
            &["serve", PASTED],
        ] {
            let output = world.command(settings.clone()).args(words).output().unwrap();
            let told = [output.stdout, output.stderr].concat();
            let mut told = String::from_utf8_lossy(&told).into_owned();
            shown += usize::from(told.contains("***"));
            if words.contains(&PASTED) || told.contains("log.level") {
                // What is typed as an argument or as a level is no secret's place, and is repeated.
                told = told.replace(PASTED, "");
            }
            planted.check_all(&format!("{words:?}"), &told.replace(&API_TOKEN[..20], ""));
        }
    }
    assert!(shown > 3, "secrets are masked where they would stand");
}

/// D-048: no job carries a secret, or what a person is or says.
fn look_at_jobs(world: &World, planted: &Planted) {
    let path = world.data().join("slotbox.redb");
    let store = Store::open(&path, Options { cache_bytes: 8 << 20 }).unwrap();
    let rows: Vec<Vec<u8>> = store
        .read::<_, StoreError>(|snap| {
            snap.jobs().range(..).map(|entry| Ok(entry?.1)).collect::<Result<_, _>>()
        })
        .unwrap();
    assert!(rows.len() > 10, "there were jobs");
    for row in rows {
        find(&planted.secrets, "a job", &row);
        find(&planted.personal, "a job", &row);
    }
    store.close();
}

/// D-048: what is on disk holds no secret in the clear, and nobody else reads it.
fn look_at_files(world: &World, planted: &Planted) {
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let data = world.data();
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&world.dir.path().join("sealing.key")), 0o600);
    let mut databases = 0;
    for path in files(&data) {
        assert_eq!(mode(&path) & 0o077, 0, "others may look into {}", path.display());
        if path.file_name().is_some_and(|name| name == "slotbox.redb") {
            find(&planted.secrets, "the database", &fs::read(&path).unwrap());
        }
        databases += usize::from(path.extension().is_some_and(|it| it == "redb"));
    }
    assert_eq!(databases, 3, "that of serve and one for each client");
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Opens a proxy that wants a password, and returns the file that holds its address.
async fn proxy() -> PathBuf {
    let client = Arc::new(reqwest::Client::builder().no_proxy().build().unwrap());
    let pass = move |request: Request| {
        let client = Arc::clone(&client);
        async move { pass_on(&client, request).await }
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(pass);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let dir = tempfile::tempdir().unwrap().keep();
    let file = dir.join("proxy");
    fs::write(&file, format!("http://proxyuser:{PROXY_PASSWORD}@{address}")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file
}

async fn pass_on(client: &reqwest::Client, request: Request) -> Response {
    let wanted = format!("Basic {PROXY_BASIC}");
    if request
        .headers()
        .get(PROXY_AUTHORIZATION)
        .is_none_or(|it| it.as_bytes() != wanted.as_bytes())
    {
        return StatusCode::PROXY_AUTHENTICATION_REQUIRED.into_response();
    }
    let (mut parts, body) = request.into_parts();
    parts.headers.remove(PROXY_AUTHORIZATION);
    let body = axum::body::to_bytes(body, 64 << 20).await.unwrap();
    let passed = client.request(parts.method, parts.uri.to_string()).headers(parts.headers);
    match passed.body(body).send().await {
        Ok(answer) => {
            let (status, bytes) = (answer.status(), answer.bytes().await);
            bytes.map_or_else(
                |_| StatusCode::BAD_GATEWAY.into_response(),
                |bytes| (status, Body::from(bytes)).into_response(),
            )
        }
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
