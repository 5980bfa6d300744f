//! A running `slotbox serve` with a certificate of its own, and the simulated Telegram outside.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use slotbox::clock::Clock;
use slotbox::sandbox::telegram::{Chat, TelegramSim};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::tls::Pair;

pub const NAME: &str = "bots.example.test";
pub const SALON: &str = "salon_bot";
const TOKEN: &str = "5f0c7c39a8d14d1f9a5a3a4f2b0e77c1d6e8b9a0";
/// A port that Telegram calls and that needs no rights.
const PORT: u16 = 8443;
pub const WITHIN: Duration = Duration::from_secs(40);

pub struct Host {
    pub sim: TelegramSim,
    pub http: reqwest::Client,
    pub tokens: Vec<String>,
    dir: TempDir,
    public: SocketAddr,
    local: u16,
    set: Vec<Setting>,
    serve: Option<Child>,
}

/// A setting of the environment, without `SLOTBOX__`, and its value.
pub type Setting = (&'static str, String);

/// Returns an address of this test alone: the port is everybody's.
fn own_address() -> SocketAddr {
    static NEXT: AtomicU8 = AtomicU8::new(2);
    let [.., high, low] = std::process::id().to_be_bytes();
    let last = NEXT.fetch_add(1, Ordering::Relaxed);
    SocketAddr::from((Ipv4Addr::new(127, high, low, last), PORT))
}

impl Host {
    /// Starts a host with both bots, whose updates come so, and one client, `@salon_bot`.
    pub async fn start(updates: &str) -> Self {
        let pair = Pair::of(&[NAME]);
        let mut host = Self::at_rest(&pair).await;
        host.sim.reach(NAME, host.public, pair.pem.as_bytes()).unwrap();
        host.up(updates).await;
        host.add_client().await;
        host
    }

    /// Makes a host that shows this certificate, and does not start it yet.
    pub async fn at_rest(pair: &Pair) -> Self {
        let dir = tempfile::Builder::new().prefix("slotbox-ways-").tempdir().unwrap();
        fs::write(dir.path().join("cert.pem"), &pair.pem).unwrap();
        fs::write(dir.path().join("key.pem"), pair.key.serialize_pem()).unwrap();
        let sim = TelegramSim::start(Clock::system()).await.unwrap();
        let public = own_address();
        let root = reqwest::Certificate::from_pem(pair.pem.as_bytes()).unwrap();
        let http = reqwest::Client::builder().no_proxy().resolve(NAME, public);
        let http = http.add_root_certificate(root).build().unwrap();
        let local = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let bots = [("Master", "master_bot"), ("Sales", "sales_bot"), ("Salon", SALON)];
        let tokens = bots.map(|(name, username)| sim.add_bot(name, username)).into();
        Self { sim, http, tokens, dir, public, local, set: Vec::new(), serve: None }
    }

    /// Has settings of the environment from the next start on.
    pub fn set(&mut self, settings: impl IntoIterator<Item = Setting>) {
        self.set.extend(settings);
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Returns where plain HTTP is spoken.
    pub fn local(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.local))
    }

    /// Starts `serve`, whose updates come so.
    pub async fn up(&mut self, updates: &str) {
        self.write_settings(updates);
        let log = File::options().create(true).append(true).open(self.dir.path().join("log"));
        let log = log.unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
        command.arg("serve").arg("--config").arg(self.dir.path().join("slotbox.toml"));
        command.env_clear().kill_on_drop(true).stdin(Stdio::null());
        command.envs(self.environment());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let before = self.log().matches("slotbox is up").count();
        self.serve = Some(command.spawn().unwrap());
        until("serve is up", || self.log().matches("slotbox is up").count() > before).await;
    }

    /// Ends `serve` as an upgrade does.
    pub async fn down(&mut self) {
        let mut serve = self.serve.take().unwrap();
        signal(serve.id().unwrap(), Signal::TERM);
        let status = tokio::time::timeout(WITHIN, serve.wait()).await.unwrap().unwrap();
        assert!(status.success(), "{}", self.log());
    }

    /// Ends `serve` as a power cut does.
    pub async fn kill(&mut self) {
        self.serve.take().unwrap().kill().await.unwrap();
    }

    fn write_settings(&self, updates: &str) {
        let (shown, public, local) = (self.dir.path().display(), self.public, self.local);
        let (url, master, sales) = (self.sim.url(), &self.tokens[0], &self.tokens[1]);
        let text = format!(
            "[server]\ndomain = '{NAME}'\nlocal_listen = '127.0.0.1:{local}'\nlocale = 'en'\n\
             https_listen = ['{public}']\nhttp_listen = []\n\
             data_dir = '{shown}/data'\nruntime_dir = '{shown}/run'\n\
             [tls]\nmode = 'files'\ncert_file = '{shown}/cert.pem'\nkey_file = '{shown}/key.pem'\n\
             [telegram]\napi_url = '{url}'\nmaster_token = '{master}'\nsales_token = '{sales}'\n\
             operators = [100]\nupdates = '{updates}'\n\
             [runtime]\nkind = 'process'\n[api]\ntoken = '{TOKEN}'\n\
             [log]\nformat = 'text'\nlevel = 'debug'\n"
        );
        fs::write(self.dir.path().join("slotbox.toml"), text).unwrap();
    }

    fn environment(&self) -> impl Iterator<Item = (String, String)> {
        self.set.iter().map(|(key, value)| (format!("SLOTBOX__{key}"), value.clone()))
    }

    pub async fn add_client(&self) {
        let client = json!({"bot_token": self.tokens[2], "admin_telegram_id": 111,
            "company_name": "Salon", "paid_amount": "299.00"});
        self.api("POST", "/clients", Some(&client)).await;
        let up = || self.log().contains("the client's bot is healthy");
        until("the client's bot is up", up).await;
    }

    /// Calls the API and returns the answer of a success.
    pub async fn api(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let url = format!("http://{}/api{path}", self.local());
        let mut request = self.http.request(method.parse().unwrap(), url).bearer_auth(TOKEN);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// Asks the client's gateway for a file, as its bot does, and returns the status.
    pub async fn file(&self, client: &str, path: &str) -> u16 {
        let socket = self.path().join(format!("run/clients/{client}/gateway.sock"));
        let http = reqwest::Client::builder().unix_socket(socket).no_proxy().build().unwrap();
        let url = format!("http://gateway/file/bot0:gateway/{path}");
        http.get(url).send().await.unwrap().status().as_u16()
    }

    /// Runs a command that must succeed and returns what it printed.
    pub fn command(&self, arguments: &[&str]) -> String {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_slotbox"));
        command.arg("--config").arg(self.path().join("slotbox.toml")).args(arguments);
        command.env_clear().envs(self.environment()).stdin(Stdio::null());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    pub fn chat(&self, bot: &str, person: &str) -> Chat {
        match person {
            "operator" => self.sim.chat(bot, &self.sim.person_with_id(100, person)),
            _ => self.sim.chat(bot, &self.sim.person(person)),
        }
    }

    /// Returns what Telegram says of the webhook of the bot with this token.
    pub async fn info(&self, token: &str) -> Value {
        let url = format!("{}/bot{token}/getWebhookInfo", self.sim.url());
        let answer: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        answer["result"].clone()
    }

    /// Waits until the webhooks of all bots are set, or none is.
    pub async fn webhooks_are(&self, set: bool) {
        let deadline = Instant::now() + WITHIN;
        for token in &self.tokens {
            while (self.info(token).await["url"] != "") != set {
                assert!(Instant::now() < deadline, "in vain: webhooks {set}\n{}", self.log());
                sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Waits until Telegram has brought all that it has for a bot.
    pub async fn all_brought(&self, token: &str) {
        let deadline = Instant::now() + WITHIN;
        while self.info(token).await["pending_update_count"] != 0 {
            assert!(Instant::now() < deadline, "{}\n{}", self.info(token).await, self.log());
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Posts as somebody who says to be Telegram, and returns the status.
    pub async fn post(&self, bot: &str, secret: Option<&str>, update: &Value) -> u16 {
        let url = format!("https://{NAME}:{PORT}/telegram/webhook/{bot}");
        let mut request = self.http.post(url).json(update);
        if let Some(secret) = secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        request.send().await.unwrap().status().as_u16()
    }

    /// Stops the client's process where it stands, or lets it go on.
    pub fn hold_client(&self, it: Signal) {
        let dir = self.dir.path().display().to_string();
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            let number = process.file_name().to_str().and_then(|name| name.parse().ok());
            if let (Some(number), true) = (number, line.contains(&dir) && line.contains(" client "))
            {
                signal(number, it);
            }
        }
    }

    /// Counts how often a bot has greeted somebody; of what happens to a client it tells besides.
    pub fn greetings(&self, bot: &str) -> usize {
        use slotbox::sandbox::telegram::{Speaker, What};
        let by_bot = |what: &What| matches!(what, What::Said { by: Speaker::Bot, text, .. } if text.contains("Hello"));
        self.sim.log().iter().filter(|it| it.bot == bot && by_bot(&it.what)).count()
    }

    pub fn calls(&self, method: &str) -> usize {
        self.sim.calls().iter().filter(|call| call.method.eq_ignore_ascii_case(method)).count()
    }
}

fn signal(process: u32, it: Signal) {
    kill_process(Pid::from_raw(process.try_into().unwrap()).unwrap(), it).unwrap();
}

/// Waits until `done`.
pub async fn until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + WITHIN;
    while !done() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}
