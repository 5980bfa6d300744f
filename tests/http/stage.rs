//! What every test stands on.

use std::collections::BTreeMap;
use std::future::pending;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use slotbox::app::parts::{self, Ground};
use slotbox::clock::{Clock, ClockHand};
use slotbox::config::{Config, Sources};
use slotbox::deps::Deps;
use slotbox::external::containers::Layout;
use slotbox::external::containers::process::{ProcessSettings, Processes};
use slotbox::http::{QueueAlive, Site, bind, router, serve};
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::YooKassaSim;
use slotbox::store::secrets::Sealer;
use slotbox::store::{Options, Store};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::schema;

/// When every test begins.
pub const BEGIN: &str = "2026-11-23T10:00:00Z";
/// The operator's token.
pub const TOKEN: &str = "5f0c7c39a8d14d1f9a5a3a4f2b0e77c1d6e8b9a0";

/// A host with its doors open, and its worker said to be alive.
pub struct Stage {
    pub deps: Deps,
    pub shop: YooKassaSim,
    pub telegram: TelegramSim,
    pub hand: ClockHand,
    pub worker: JoinHandle<()>,
    base: String,
    http: reqwest::Client,
    closing: CancellationToken,
    clients: AtomicU64,
    document: Value,
    set: Vec<(String, String)>,
    dir: tempfile::TempDir,
}

/// The doors of a host, and the worker that is said to be alive.
struct Doors {
    deps: Deps,
    worker: JoinHandle<()>,
    base: String,
    closing: CancellationToken,
}

impl Doors {
    /// Opens the house that stands in `dir`, anew or again.
    async fn open(config: Config, dir: &Path, clock: Clock) -> Self {
        let file = dir.join("t.redb");
        let store = Store::open(&file, Options { cache_bytes: 8 << 20 }).unwrap();
        let layout = Layout::new(&dir.join("data"), &dir.join("run"));
        let runtime = Arc::new(Processes::new(ProcessSettings::new("/bin/false".into(), layout)));
        let sealer = Sealer::new(&[7; 32]).unwrap();
        let sealing_key = dir.join("sealing.key");
        let ground = Ground { config, store, sealer, sealing_key, clock, runtime };
        let (deps, _line) = parts::deps(ground).unwrap();
        let queue = QueueAlive::default();
        let alive = queue.clone();
        let worker = tokio::spawn(async move { alive.during(pending()).await });
        while !queue.get() {
            tokio::task::yield_now().await;
        }
        let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let closing = CancellationToken::new();
        let site = Site { deps: deps.clone(), queue };
        tokio::spawn(serve(listener, router(site), closing.clone()));
        Self { deps, worker, base, closing }
    }
}

impl Stage {
    pub async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// Opens a host with more settings, as the environment names them.
    pub async fn open_with(more: &[(&str, &str)]) -> Self {
        let (clock, hand) = Clock::stopped(BEGIN.parse().unwrap());
        let shop = YooKassaSim::start(clock.clone()).await.unwrap();
        let telegram = TelegramSim::start(clock.clone()).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let set: Vec<_> = more.iter().map(|(key, to)| ((*key).into(), (*to).into())).collect();
        let config = config(&shop, &telegram, dir.path(), &set);
        let Doors { deps, worker, base, closing } = Doors::open(config, dir.path(), clock).await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let document = http.get(format!("{base}/openapi.json")).send().await.unwrap();
        let document = document.json().await.unwrap();
        let clients = AtomicU64::new(0);
        Self {
            deps,
            shop,
            telegram,
            hand,
            worker,
            base,
            http,
            closing,
            clients,
            document,
            set,
            dir,
        }
    }

    /// Stops the host and starts it again, as an upgrade does.
    pub async fn restart(&mut self) {
        self.closing.cancel();
        self.worker.abort();
        self.deps.store.clone().close();
        let config = config(&self.shop, &self.telegram, self.dir.path(), &self.set);
        let doors = Doors::open(config, self.dir.path(), self.deps.clock.clone()).await;
        Doors { deps: self.deps, worker: self.worker, base: self.base, closing: self.closing } =
            doors;
    }

    /// Begins a request without a token.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// Begins a request with the operator's token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(TOKEN)
    }

    pub async fn get(&self, path: &str) -> Answer {
        let answer = Answer::of(self.request(Method::GET, path)).await;
        schema::check(&self.document, &Method::GET, path, &answer);
        answer
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let answer = Answer::of(self.request(Method::POST, path).json(body)).await;
        schema::check(&self.document, &Method::POST, path, &answer);
        answer
    }

    pub async fn post_with_key(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).header("Idempotency-Key", key);
        let answer = Answer::of(request.json(body)).await;
        schema::check(&self.document, &Method::POST, path, &answer);
        answer
    }

    /// Posts to the webhook.
    pub async fn notify(&self, body: impl Into<reqwest::Body>) -> Answer {
        Answer::of(self.bare(Method::POST, "/yookassa/webhook").body(body)).await
    }

    /// Returns what is needed to add a client with a bot of its own.
    pub fn client(&self) -> Value {
        let number = self.clients.fetch_add(1, Ordering::Relaxed);
        let token = self.telegram.add_bot("Salon", &format!("salon{number}_bot"));
        json!({"bot_token": token, "admin_telegram_id": 111, "company_name": "Salon"})
    }

    /// Adds a client and returns its id.
    pub async fn add_client(&self) -> String {
        let added = self.post("/api/clients", &self.client()).await;
        assert_eq!(added.status, StatusCode::ACCEPTED, "{}", added.text);
        added.json["client_id"].as_str().unwrap().to_owned()
    }

    /// Orders a month for a client and returns the order as the API shows it.
    pub async fn order(&self, client: &str) -> Value {
        let body = json!({"client_id": client, "plan_id": "1m"});
        let made = self.post("/api/orders", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        made.json
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.closing.cancel();
        self.worker.abort();
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    /// The text as JSON, or null.
    pub json: Value,
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        Self::read(request.send().await.unwrap()).await
    }

    pub async fn read(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Self { status, headers, text, json }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Writes the answer down without what differs from run to run.
    pub fn tidy(&self) -> String {
        let mut json = self.json.clone();
        tidy(&mut json);
        format!("{} {json:#}", self.status.as_u16())
    }
}

fn tidy(json: &mut Value) {
    match json {
        Value::String(text) => *text = tidy_text(text),
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(fields) => fields.values_mut().for_each(tidy),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Puts a placeholder where something differs from run to run.
pub fn tidy_text(text: &str) -> String {
    match text {
        id if id.starts_with("c_") && id.len() == 28 => "c_*".to_owned(),
        id if id.starts_with("o_") && id.len() == 28 => "o_*".to_owned(),
        id if id.starts_with("m_") && id.len() == 28 => "m_*".to_owned(),
        id if id.starts_with("r_") && id.len() == 18 => "r_*".to_owned(),
        id if id.len() == 36 && id.matches('-').count() == 4 => "<payment>".to_owned(),
        url if url.starts_with("http://127.0.0.1:") => "<url>".to_owned(),
        other => other.to_owned(),
    }
}

fn config(
    shop: &YooKassaSim,
    telegram: &TelegramSim,
    dir: &Path,
    more: &[(String, String)],
) -> Config {
    let dir = dir.display();
    let mut set = BTreeMap::from([
        ("TLS__MODE", "off".to_owned()),
        ("API__TOKEN", TOKEN.to_owned()),
        ("SERVER__DATA_DIR", format!("{dir}/data")),
        ("SERVER__RUNTIME_DIR", format!("{dir}/run")),
        ("TELEGRAM__API_URL", telegram.url()),
        ("TELEGRAM__SALES_TOKEN", telegram.add_bot("Sales", "sales_bot")),
        ("TELEGRAM__OPERATORS", "[100]".to_owned()),
        ("YOOKASSA__API_URL", shop.url()),
        ("YOOKASSA__SHOP_ID", shop.shop_id().to_owned()),
        ("YOOKASSA__SECRET_KEY", shop.secret_key().to_owned()),
        ("YOOKASSA__TRUSTED_NETWORKS", r#"["127.0.0.0/8", "185.71.76.0/27"]"#.to_owned()),
        ("RUNTIME__KIND", "process".to_owned()),
    ]);
    for (key, value) in more {
        if value.is_empty() {
            set.remove(key.as_str());
        } else {
            set.insert(key, value.clone());
        }
    }
    let named = set.into_iter().map(|(key, value)| (format!("SLOTBOX__{key}"), value));
    let environment = named.map(|(key, value)| (key.into(), value.into())).collect();
    let sources = Sources { file: None, environment, credentials: None };
    Config::load(&sources).unwrap_or_else(|problems| panic!("{problems}"))
}
