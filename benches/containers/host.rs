//! A `serve` whose clients live in containers, or are its own processes, and the people who write
//! to their bots.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use slotbox::clock::Clock;
use slotbox::deployer::{Ceilings, Containers, DeployerSettings, Door, LogDriver, User, serve};
use slotbox::sandbox::telegram::{Chat, FloodLimits, Speaker, TelegramSim, What};
use slotbox::sandbox::yookassa::YooKassaSim;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::binary::{API_TOKEN, free_address, start_serve_with};
use crate::run::{ENGINE, Run};

/// How long anything is waited for.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// A deployer in this process, as the demo has it: the clients' clocks can be moved.
pub struct Deployer {
    socket: PathBuf,
    clock: PathBuf,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Deployer {
    async fn start(run: &Run, dir: &Path, program: PathBuf) -> Self {
        let (socket, clock) = (dir.join("deployer.sock"), dir.join("clock"));
        std::fs::create_dir(&clock).unwrap();
        let user = User::this();
        let settings = DeployerSettings {
            instance: run.instance.clone(),
            gateways: dir.join("run/clients"),
            program,
            engine: ENGINE.into(),
            user,
            // What `[runtime]` says where nobody has changed it.
            ceilings: Ceilings {
                memory_bytes: 64 << 20,
                nano_cpus: 250_000_000,
                pids: 64,
                together_bytes: None,
            },
            log: LogDriver::JsonFile,
            clock_dir: Some(clock.clone()),
        };
        let containers = Arc::new(Containers::open(settings).await.unwrap());
        let door = Door::bind(&socket, user).unwrap();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(door, containers, stop.clone()));
        Self { socket, clock, stop, serving }
    }

    /// Puts the clients' clocks so far ahead.
    pub fn put_ahead(&self, by: Duration) {
        let new = self.clock.join("new");
        std::fs::write(&new, by.as_millis().to_string()).unwrap();
        std::fs::rename(new, self.clock.join("ahead")).unwrap();
    }
}

/// A `serve` in a process of its own, with its simulators.
pub struct Host {
    pub telegram: TelegramSim,
    pub deployer: Option<Deployer>,
    serve: Child,
    shop: YooKassaSim,
    address: String,
    http: reqwest::Client,
    dir: tempfile::TempDir,
    clients: usize,
}

/// How long it took from the token.
pub struct Deployed {
    /// Until the bot has answered.
    pub answers: Duration,
    /// Until the client is on record as running.
    pub recorded: Duration,
}

impl Host {
    /// Starts one whose clients are its own processes.
    pub async fn of_processes() -> Self {
        Self::start(None).await
    }

    /// Starts one whose clients live in containers and run this program.
    pub async fn of_containers(run: &Run, program: PathBuf) -> Self {
        Self::start(Some((run, program))).await
    }

    async fn start(containers: Option<(&Run, PathBuf)>) -> Self {
        let telegram = TelegramSim::start(Clock::system()).await.unwrap();
        telegram.set_flood_limits(FloodLimits::OFF);
        let shop = YooKassaSim::start(Clock::system()).await.unwrap();
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let deployer = match containers {
            Some((run, program)) => Some(Deployer::start(run, dir.path(), program).await),
            None => None,
        };
        let address = free_address().await;
        let socket = deployer.as_ref().map(|deployer| deployer.socket.clone());
        let serve = start_serve_with(dir.path(), &address, &telegram, &shop, 1, socket);
        let http = reqwest::Client::new();
        let host = Self { telegram, deployer, serve, shop, address, http, dir, clients: 0 };
        host.until("/health/ready", |_| true).await;
        host
    }

    /// Adds a client; returns once the bot has answered a person and the client is on record as running.
    pub async fn add(&mut self) -> Deployed {
        self.clients += 1;
        let bot = bot(self.clients);
        let client = json!({
            "bot_token": self.telegram.add_bot("Salon", &bot),
            "admin_telegram_id": 1000 + self.clients,
            "company_name": format!("Salon {}", self.clients),
        });
        let chat = self.chat(self.clients, 1);
        let url = format!("http://{}/api/clients", self.address);
        let began = Instant::now();
        let asked = self.http.post(url).bearer_auth(API_TOKEN).json(&client);
        let answered = reply(&self.telegram, &chat, &bot);
        let added = async {
            let added = asked.send().await.unwrap();
            assert_eq!(added.status(), 202);
            let added: Value = added.json().await.unwrap();
            let path = format!("/api/clients/{}", added["client_id"].as_str().unwrap());
            self.until(&path, |client| client["runtime"] == "running").await;
            began.elapsed()
        };
        let (answers, recorded) = tokio::join!(answered, added);
        Deployed { answers: answers - began, recorded }
    }

    /// Returns the chat of the client's bot and a person; people of different clients are different.
    pub fn chat(&self, client: usize, person: usize) -> Chat {
        let id = i64::try_from(1_000_000 * person + client).unwrap();
        let person = self.telegram.person_with_id(id, &format!("Person {id}"));
        self.telegram.chat(&bot(client), &person)
    }

    /// Asks until the answer is good and `holds`.
    async fn until(&self, path: &str, holds: impl Fn(&Value) -> bool) {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let url = format!("http://{}{path}", self.address);
            let answer = self.http.get(url).bearer_auth(API_TOKEN).send().await;
            if let Ok(answer) = answer.and_then(reqwest::Response::error_for_status)
                && holds(&answer.json().await.unwrap_or_default())
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap();
        panic!("{path} was never as it should be; the log:\n{log}");
    }

    /// Ends `serve` as a service manager does. Containers run on.
    pub async fn end_serve(&mut self) {
        let pid = self.serve.id().unwrap().to_string();
        Command::new("kill").arg(pid).status().await.unwrap();
        self.serve.wait().await.unwrap();
    }

    /// Starts `serve` again.
    pub fn start_again(&mut self) {
        let socket = self.deployer.as_ref().map(|deployer| deployer.socket.clone());
        let (dir, telegram, shop) = (self.dir.path(), &self.telegram, &self.shop);
        self.serve = start_serve_with(dir, &self.address, telegram, shop, 1, socket);
    }

    pub async fn stop(mut self) {
        self.end_serve().await;
        if let Some(deployer) = self.deployer {
            deployer.stop.cancel();
            deployer.serving.await.unwrap();
        }
    }
}

/// Returns the name of the client's bot.
pub fn bot(client: usize) -> String {
    format!("salon_{client}_bot")
}

/// Writes, and returns when the bot's next message was there.
pub async fn reply(telegram: &TelegramSim, chat: &Chat, bot: &str) -> Instant {
    let mut events = telegram.events();
    chat.send("/start");
    let answered = async {
        loop {
            let event = events.recv().await.unwrap();
            let said = matches!(&event.what, What::Said { by: Speaker::Bot, .. });
            if said && event.person == chat.id() && event.bot == bot {
                return Instant::now();
            }
        }
    };
    let answered = tokio::time::timeout(PATIENCE, answered).await;
    answered.unwrap_or_else(|_| panic!("{bot} did not answer"))
}
