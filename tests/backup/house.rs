//! A running host with clients, money and bookings, and the command line of whoever keeps it.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use slotbox::clock::Clock;
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::{Card, YooKassaSim};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::host::{Api, free_port, serve_with, stop};
use crate::person::Person;

/// What anything may take on a machine that does much else.
pub const SOON: Duration = Duration::from_mins(2);

pub struct House {
    pub dir: TempDir,
    pub shop: YooKassaSim,
    pub telegram: TelegramSim,
    pub api: Api,
    port: u16,
    settings: Vec<(&'static str, String)>,
    serving: Option<Child>,
}

/// What a command has answered.
pub struct Told {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl House {
    /// Opens a host whose backups go to `vault` in its directory.
    pub async fn open(settings: &[(&'static str, &str)]) -> Self {
        let mut house = Self::build(settings).await;
        house.begin().await;
        house
    }

    /// As [`House::open`], but nothing runs yet.
    pub async fn build(settings: &[(&'static str, &str)]) -> Self {
        let shop = YooKassaSim::start(Clock::system()).await.unwrap();
        let telegram = TelegramSim::start(Clock::system()).await.unwrap();
        let (dir, port) = (tempfile::tempdir().unwrap(), free_port().unwrap());
        let vault = dir.path().join("vault");
        std::fs::create_dir(&vault).unwrap();
        let mut all = vec![("BACKUP__DESTINATION", vault.display().to_string())];
        all.extend(settings.iter().map(|(key, value)| (*key, (*value).to_owned())));
        let api = Api::at(port);
        shop.notify_url(Some(format!("http://127.0.0.1:{port}/yookassa/webhook")));
        Self { dir, shop, telegram, api, port, settings: all, serving: None }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Starts `serve` and waits until it answers.
    pub async fn begin(&mut self) {
        let settings = self.settings.clone();
        let (dir, port) = (self.dir.path(), self.port);
        self.serving = Some(serve_with(dir, port, &self.shop, &self.telegram, &settings));
        self.api.is_up().await;
    }

    pub async fn end(&mut self) {
        let mut serving = self.serving.take().unwrap();
        stop(&mut serving).await;
    }

    /// Returns the process of `serve`.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.serving.as_ref().unwrap().id().unwrap()).unwrap()
    }

    /// Ends `serve` with no chance to put anything in order.
    pub async fn kill(&mut self) {
        let mut serving = self.serving.take().unwrap();
        serving.start_kill().unwrap();
        serving.wait().await.unwrap();
    }

    pub async fn shut(mut self) {
        if self.serving.is_some() {
            self.end().await;
        }
        self.shop.shutdown().await;
        self.telegram.shutdown().await;
    }

    /// Runs a command of the command line.
    pub async fn cli(&self, arguments: &[&str]) -> Told {
        let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
        let socket = self.path("run/control.sock");
        command.args(arguments).arg("--config").arg(self.path("slotbox.toml"));
        command.arg("--socket").arg(socket).env_clear().stdin(Stdio::null()).kill_on_drop(true);
        let path = self.dir.path().display();
        let all = [
            ("TLS__MODE", "off".to_owned()),
            ("API__TOKEN", crate::host::TOKEN.to_owned()),
            ("SERVER__DATA_DIR", format!("{path}/data")),
            ("SERVER__RUNTIME_DIR", format!("{path}/run")),
            ("RUNTIME__KIND", "process".to_owned()),
        ];
        let all = all.into_iter().chain(self.settings.clone());
        command.envs(all.map(|(key, value)| (format!("SLOTBOX__{key}"), value)));
        let done = tokio::time::timeout(SOON, command.output()).await.unwrap().unwrap();
        let Output { status, stdout, stderr } = done;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Told { code: status.code(), out: text(stdout), err: text(stderr) }
    }

    /// Makes a backup and returns what is told of it.
    pub async fn back_up(&self) -> Value {
        let told = self.cli(&["backup", "create", "--json"]).await;
        assert_eq!(told.code, Some(0), "{}\n{}", told.err, self.log());
        serde_json::from_str(&told.out).unwrap()
    }

    /// Tells what `serve` remembers of its backups.
    pub async fn backups(&self) -> Value {
        let told = self.cli(&["status", "--json"]).await;
        let status: Value = serde_json::from_str(&told.out).unwrap();
        status["backup"].clone()
    }

    /// Adds a client whose bot runs, with a visit that a customer has booked, and money taken.
    pub async fn add_salon(&self, bot: &str, customer: i64) -> String {
        let client = self.api.add_client(&self.telegram, bot).await;
        until(&self.api, &format!("/clients/{client}"), "runtime", "running").await;
        let person = self.person(bot, customer);
        person.say("/start", "Salon").await.unwrap();
        person.say("📅 Записаться", "Выберите день").await.unwrap();
        person.press(&person.0.last_button("d:").unwrap(), "Выберите время").await.unwrap();
        person.press(&person.0.last_button("t:").unwrap(), "Проверьте").await.unwrap();
        person.press("✅ Подтвердить", "Вы записаны").await.unwrap();
        client
    }

    /// Has a client pay for more time through the shop, and waits until it is granted.
    pub async fn extend(&self, client: &str) -> String {
        let order = json!({"client_id": client, "plan_id": "1m"});
        let order = self.api.post("/orders", order).await;
        let payment = order["payment_id"].as_str().unwrap().to_owned();
        self.shop.pay(&payment, Card::Ok).unwrap();
        let path = format!("/orders/{}", order["order_id"].as_str().unwrap());
        until(&self.api, &path, "state", "paid").await;
        payment
    }

    pub fn person(&self, bot: &str, customer: i64) -> Person {
        Person(self.telegram.chat(bot, &self.telegram.person_with_id(customer, "Анна")))
    }

    /// Returns all that is on record, as the API tells it.
    pub async fn books(&self) -> Value {
        let mut books = json!({});
        for list in ["clients", "orders", "payments", "audit"] {
            books[list] = self.api.get(&format!("/{list}?limit=200")).await["items"].clone();
        }
        books
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("serve.log")).unwrap_or_default()
    }
}

/// Looks until the field says so.
pub async fn until(api: &Api, path: &str, field: &str, word: &str) -> Value {
    let look = async {
        loop {
            let seen = api.get(path).await;
            assert_ne!(seen[field], json!("dead"), "{seen}");
            if seen[field] == json!(word) {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let seen = tokio::time::timeout(SOON, look).await;
    seen.unwrap_or_else(|_| panic!("{path}: {field} does not become {word}"))
}

pub fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}
