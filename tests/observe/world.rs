//! A real `serve` between a simulated Telegram and a simulated shop.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use slotbox::clock::Clock;
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::{Card, YooKassaSim};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

/// The one operator.
pub const OPERATOR: i64 = 111_111_111;
pub const MASTER: &str = "slotbox_master_bot";
pub const SALES: &str = "slotbox_sales_bot";
pub const API_TOKEN: &str = "c5b8a9ff3c5e4d7f8b0a1c2d3e4f5a6b7c8d9e0f";
/// How long anything may take: the machine may be busy.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// One test's world.
pub struct World {
    pub telegram: TelegramSim,
    pub shop: YooKassaSim,
    pub tokens: Tokens,
    pub address: SocketAddr,
    pub dir: TempDir,
    serve: Option<Child>,
    http: Client,
}

/// The tokens of the operator's bots.
pub struct Tokens {
    pub master: String,
    pub sales: String,
}

/// How `serve` is started.
#[derive(Default)]
pub struct Recipe {
    /// More settings, as the environment names them.
    pub set: Vec<(&'static str, String)>,
    /// The command that the program's own is put behind, if any, once it knows the directory.
    pub wrapper: Option<fn(&Path) -> Vec<String>>,
}

impl World {
    /// Begins a world whose `serve` answers.
    pub async fn begin(recipe: Recipe) -> Self {
        let telegram = TelegramSim::start(Clock::system()).await.unwrap();
        let shop = YooKassaSim::start(Clock::system()).await.unwrap();
        let dir = tempfile::Builder::new().prefix("slotbox-observe-").tempdir().unwrap();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        shop.notify_url(Some(format!("http://{address}/yookassa/webhook")));
        let tokens = Tokens {
            master: telegram.add_bot("Slotbox Master", MASTER),
            sales: telegram.add_bot("Slotbox", SALES),
        };
        let http = Client::builder().no_proxy().build().unwrap();
        let mut world = Self { telegram, shop, tokens, address, dir, serve: None, http };
        world.start(recipe);
        world.wait_until_up().await;
        world
    }

    fn start(&mut self, recipe: Recipe) {
        let (dir, config) = (self.dir.path(), self.dir.path().join("slotbox.toml"));
        let shown = dir.display();
        let text = format!(
            "[server]\nlocal_listen = \"{}\"\ndata_dir = \"{shown}/data\"\n\
             runtime_dir = \"{shown}/run\"\nsupport = \"@slotbox_support\"\n\
             [tls]\nmode = \"off\"\n[runtime]\nkind = \"process\"\n\
             [yookassa]\ntrusted_networks = [\"127.0.0.0/8\"]\n",
            self.address
        );
        fs::write(&config, text).unwrap();
        let log = File::create(self.log_file()).unwrap();
        let mut words = recipe.wrapper.map(|wrap| wrap(dir)).unwrap_or_default();
        words.push(env!("CARGO_BIN_EXE_slotbox").to_owned());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).arg("serve").arg("--config").arg(&config);
        command.env_clear().envs(self.environment(recipe.set)).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.serve = Some(command.spawn().unwrap());
    }

    fn environment(&self, more: Vec<(&'static str, String)>) -> BTreeMap<String, String> {
        let set = [
            ("API__TOKEN_FILE", self.secret_file("api.token", API_TOKEN)),
            ("TELEGRAM__API_URL", self.telegram.url()),
            ("TELEGRAM__MASTER_TOKEN_FILE", self.secret_file("master.token", &self.tokens.master)),
            ("TELEGRAM__SALES_TOKEN_FILE", self.secret_file("sales.token", &self.tokens.sales)),
            ("TELEGRAM__OPERATORS", format!("[{OPERATOR}]")),
            ("YOOKASSA__API_URL", self.shop.url()),
            ("YOOKASSA__SHOP_ID", self.shop.shop_id().to_owned()),
            ("YOOKASSA__SECRET_KEY_FILE", self.secret_file("shop.key", self.shop.secret_key())),
            ("LOG__FORMAT", "json".to_owned()),
        ];
        let set = set.into_iter().chain(more);
        let path = ("PATH".to_owned(), "/usr/sbin:/usr/bin:/sbin:/bin".to_owned());
        set.map(|(name, value)| (format!("SLOTBOX__{name}"), value)).chain([path]).collect()
    }

    /// Writes a secret where only this user reads it, and returns where.
    pub fn secret_file(&self, name: &str, secret: &str) -> String {
        let path = self.dir.path().join(name);
        fs::write(&path, secret).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    }

    /// Returns where all that `serve` writes is kept.
    pub fn log_file(&self) -> PathBuf {
        self.dir.path().join("serve.log")
    }

    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.log_file()).unwrap()).into_owned()
    }

    /// Returns the records of the log, which is JSON lines.
    pub fn records(&self) -> Vec<Value> {
        self.log().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Waits until no job is left to do.
    pub async fn rest(&self) {
        let states = ["queued", "waiting", "running"];
        self.until("/api/queue", |queue| states.iter().all(|state| queue[state] == 0)).await;
    }

    /// Returns the numbers of the processes of this world that run the program: `serve` and its
    /// clients.
    pub fn processes(&self) -> Vec<(u32, String)> {
        let (dir, program) = (self.dir.path().to_str().unwrap(), env!("CARGO_BIN_EXE_slotbox"));
        let numbers = fs::read_dir("/proc").unwrap().flatten();
        let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let lines = numbers.map(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            (pid, String::from_utf8_lossy(&line).replace('\0', " "))
        });
        lines.filter(|(_, line)| line.starts_with(program) && line.contains(dir)).collect()
    }

    /// Returns the command line with which commands find this world's settings.
    pub fn command(&self, set: Vec<(&'static str, String)>) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_slotbox"));
        command.arg("--config").arg(self.dir.path().join("slotbox.toml"));
        command.env_clear().envs(self.environment(set));
        command
    }

    async fn wait_until_up(&self) {
        let up = async || {
            let asked = self.http.get(self.url("/health/ready")).send().await;
            asked.is_ok_and(|answer| answer.status() == StatusCode::OK)
        };
        let deadline = Instant::now() + PATIENCE;
        while !up().await {
            assert!(Instant::now() < deadline, "serve does not come up:\n{}", self.log());
            sleep(Duration::from_millis(50)).await;
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Begins a request without a token.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    /// Begins a request with the operator's token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(API_TOKEN)
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.request(Method::GET, path).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.request(Method::POST, path).json(body).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Returns what `/metrics` says.
    pub async fn metrics(&self) -> String {
        let answer = self.bare(Method::GET, "/metrics").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.text().await.unwrap()
    }

    /// Adds a client of this owner, whose bot has this token, and returns its id.
    pub async fn add_client(&self, token: &str, owner: i64, company: &str) -> String {
        let body = json!({
            "bot_token": token, "admin_telegram_id": owner, "company_name": company,
            "subscription_days": 30, "paid_amount": "299.00", "payment_id": format!("by-hand-{owner}"),
        });
        let added = self.post("/api/clients", &body).await;
        added["client_id"].as_str().unwrap().to_owned()
    }

    /// Waits until what the API says at `path` is as it should be.
    pub async fn until(&self, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.get(path).await;
            if fits(&answer) {
                return answer;
            }
            assert!(Instant::now() < deadline, "{path}: {answer:#}\n{}", self.log());
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn until_running(&self, client: &str) {
        self.until(&format!("/api/clients/{client}"), |it| it["runtime"] == "running").await;
    }

    /// Orders a month for a client, pays it, and returns the order and the payment, settled.
    pub async fn sell(&self, client: &str) -> (String, String) {
        let order = json!({"client_id": client, "plan_id": "1m"});
        let order = self.post("/api/orders", &order).await;
        let payment = order["payment_id"].as_str().unwrap().to_owned();
        self.shop.pay(&payment, Card::Ok).unwrap();
        let path = "/api/payments?limit=200";
        let is_it = |it: &Value| it["payment_id"] == *payment && it["state"] == "settled";
        self.until(path, |page| page["items"].as_array().unwrap().iter().any(is_it)).await;
        (order["order_id"].as_str().unwrap().to_owned(), payment)
    }

    /// Ends `serve`, and returns all that it wrote.
    pub async fn stop(&mut self) -> String {
        let mut serve = self.serve.take().unwrap();
        let running = self.processes();
        let (pid, _) = running.iter().find(|(_, line)| line.contains(" serve ")).unwrap();
        let pid = Pid::from_raw(i32::try_from(*pid).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        let ended = tokio::time::timeout(PATIENCE, serve.wait()).await;
        let status = ended.unwrap_or_else(|_| panic!("serve does not stop:\n{}", self.log()));
        assert!(status.unwrap().success(), "{}", self.log());
        self.log()
    }
}
