//! Schemathesis against the running binary: whatever `openapi.json` allows is taken, whatever it
//! forbids is refused, and every answer is one that it tells of; also step after step along its links.
//!
//! Needs a Python with the package `schemathesis`, named by `SLOTBOX_INTEROP_PYTHON`. Quick, and the
//! same each time, unless `SLOTBOX_SCHEMATHESIS_EXAMPLES` asks for more examples, which are then new
//! ones each time:
//!
//! ```sh
//! SLOTBOX_SCHEMATHESIS_EXAMPLES=500 cargo test --test schemathesis
//! ```
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the test's own settings come from the environment, and what cannot go on has failed"
)]

use std::collections::BTreeMap;
use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use slotbox::clock::Clock;
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::{Card, YooKassaSim};
use tokio::process::{Child, Command};

const TOKEN: &str = "5f0c7c39a8d14d1f9a5a3a4f2b0e77c1d6e8b9a0";
/// How many examples of each operation are tried if nobody says.
const EXAMPLES: &str = "10";
/// How many ways through the API are gone.
const SCENARIOS: &str = "60";
const UP_WITHIN: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing() {
    let Ok(python) = std::env::var("SLOTBOX_INTEROP_PYTHON") else {
        assert!(std::env::var("CI").is_err(), "CI must set SLOTBOX_INTEROP_PYTHON");
        return skip();
    };
    let shop = YooKassaSim::start(Clock::system()).await.unwrap();
    let telegram = TelegramSim::start(Clock::system()).await.unwrap();
    telegram.welcome_any_token();
    let dir = tempfile::tempdir().unwrap();
    let port = free_port().unwrap();
    let mut serve = serve(dir.path(), port, &shop, &telegram);
    let base = format!("http://127.0.0.1:{port}");
    let api =
        Api { base: base.clone(), http: reqwest::Client::builder().no_proxy().build().unwrap() };
    api.is_up().await;
    api.furnish(&shop, &telegram).await;

    let st = Path::new(&python).with_file_name("st");
    for (phases, examples) in [("examples,coverage,fuzzing", EXAMPLES), ("stateful", SCENARIOS)] {
        play(&st, &base, dir.path(), phases, examples).await;
    }
    let log = std::fs::read_to_string(dir.path().join("serve.log")).unwrap();
    assert!(!log.contains("http.panicked") && !log.contains("panicked at"), "{log}");
    stop(&mut serve).await;
    shop.shutdown().await;
    telegram.shutdown().await;
}

/// Runs schemathesis, which has to find nothing.
async fn play(st: &Path, base: &str, dir: &Path, phases: &str, usual: &str) {
    let examples = std::env::var("SLOTBOX_SCHEMATHESIS_EXAMPLES").ok();
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis");
    let mut command = Command::new(st);
    command.arg("--config-file").arg(files.join("schemathesis.toml"));
    command.args(["run", &format!("{base}/openapi.json"), "--no-color"]);
    command.args(["--checks", "all", "--phases", phases]);
    command.args(["--max-examples", examples.as_deref().unwrap_or(usual)]);
    command.args(["--continue-on-failure", "--request-timeout", "60"]);
    match examples {
        None => command.arg("--generation-deterministic"),
        Some(_) => command.args(["--generation-database", "none"]),
    };
    command
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", files)
        .env("NO_PROXY", "127.0.0.1");
    command
        .env("SLOTBOX_API_TOKEN", TOKEN)
        .current_dir(dir)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let played = command.output().await.unwrap();
    let told = String::from_utf8_lossy(&played.stdout);
    let complaint = String::from_utf8_lossy(&played.stderr);
    assert!(played.status.success(), "{told}\n{complaint}");
    assert!(told.contains("passed") && !told.contains(" 0 generated"), "{told}");
}

#[expect(clippy::print_stdout, reason = "whoever runs the tests should know what did not run")]
fn skip() {
    println!("skipped: SLOTBOX_INTEROP_PYTHON is not set");
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn serve(dir: &Path, port: u16, shop: &YooKassaSim, telegram: &TelegramSim) -> Child {
    let path = dir.display();
    let set = BTreeMap::from([
        ("TLS__MODE", "off".to_owned()),
        ("API__TOKEN", TOKEN.to_owned()),
        ("SERVER__LOCAL_LISTEN", format!("127.0.0.1:{port}")),
        ("SERVER__DATA_DIR", format!("{path}/data")),
        ("SERVER__RUNTIME_DIR", format!("{path}/run")),
        ("TELEGRAM__API_URL", telegram.url()),
        ("TELEGRAM__SALES_TOKEN", telegram.add_bot("Sales", "sales_bot")),
        ("TELEGRAM__MASTER_TOKEN", telegram.add_bot("Master", "master_bot")),
        ("TELEGRAM__OPERATORS", "[100]".to_owned()),
        ("YOOKASSA__API_URL", shop.url()),
        ("YOOKASSA__SHOP_ID", shop.shop_id().to_owned()),
        ("YOOKASSA__SECRET_KEY", shop.secret_key().to_owned()),
        ("YOOKASSA__TRUSTED_NETWORKS", r#"["127.0.0.0/8"]"#.to_owned()),
        ("RUNTIME__KIND", "process".to_owned()),
        ("LOG__FORMAT", "text".to_owned()),
    ]);
    let config = dir.join("slotbox.toml");
    std::fs::write(&config, "").unwrap();
    let log = std::fs::File::create(dir.join("serve.log")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
    command.arg("serve").arg("--config").arg(config).env_clear().kill_on_drop(true);
    command.envs(set.into_iter().map(|(key, value)| (format!("SLOTBOX__{key}"), value)));
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    command.spawn().unwrap()
}

async fn stop(serve: &mut Child) {
    let pid = Pid::from_raw(serve.id().unwrap().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let status = tokio::time::timeout(UP_WITHIN, serve.wait()).await.unwrap().unwrap();
    assert!(status.success(), "serve ended with {status}");
}

/// The API, as the test furnishes the house with it.
struct Api {
    base: String,
    http: reqwest::Client,
}

impl Api {
    async fn is_up(&self) {
        let up = async {
            while self.http.get(format!("{}/health/ready", self.base)).send().await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(UP_WITHIN, up).await.unwrap();
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}/api{path}", self.base)).bearer_auth(TOKEN);
        let answer = request.json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// Adds clients with orders, of which one is paid, so that lists have something to show.
    async fn furnish(&self, shop: &YooKassaSim, telegram: &TelegramSim) {
        for number in 0..3 {
            let token = telegram.add_bot("Salon", &format!("salon{number}_bot"));
            let client = json!({"bot_token": token, "admin_telegram_id": 111, "company_name": "Salon",
                "paid_amount": "299.00"});
            let client = self.post("/clients", client).await["client_id"].clone();
            let order = self.post("/orders", json!({"client_id": client, "plan_id": "1m"})).await;
            if let (0, Some(payment)) = (number, order["payment_id"].as_str()) {
                shop.pay(payment, Card::Ok).unwrap();
            }
        }
    }
}
