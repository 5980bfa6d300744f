//! A running `slotbox serve`, with a simulated outside, and its API.

use std::collections::BTreeMap;
use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::YooKassaSim;
use tokio::process::{Child, Command};

/// The operator's token.
pub const TOKEN: &str = "5f0c7c39a8d14d1f9a5a3a4f2b0e77c1d6e8b9a0";
const UP_WITHIN: Duration = Duration::from_mins(1);

pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

pub fn serve(dir: &Path, port: u16, shop: &YooKassaSim, telegram: &TelegramSim) -> Child {
    serve_with(dir, port, shop, telegram, &[])
}

/// As [`serve`], with more settings.
pub fn serve_with(
    dir: &Path,
    port: u16,
    shop: &YooKassaSim,
    telegram: &TelegramSim,
    more: &[(&'static str, String)],
) -> Child {
    let path = dir.display();
    let mut set = BTreeMap::from([
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
    set.extend(more.iter().cloned());
    let config = dir.join("slotbox.toml");
    std::fs::write(&config, "").unwrap();
    let log = std::fs::File::create(dir.join("serve.log")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
    command.arg("serve").arg("--config").arg(config).env_clear().kill_on_drop(true);
    command.envs(set.into_iter().map(|(key, value)| (format!("SLOTBOX__{key}"), value)));
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    command.spawn().unwrap()
}

pub async fn stop(serve: &mut Child) {
    let pid = Pid::from_raw(serve.id().unwrap().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let status = tokio::time::timeout(UP_WITHIN, serve.wait()).await.unwrap().unwrap();
    assert!(status.success(), "serve ended with {status}");
}

/// The API, as the test furnishes the house with it.
pub struct Api {
    pub base: String,
    http: reqwest::Client,
}

impl Api {
    pub fn at(port: u16) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { base: format!("http://127.0.0.1:{port}"), http }
    }

    pub async fn is_up(&self) {
        let up = async {
            while self.http.get(format!("{}/health/ready", self.base)).send().await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(UP_WITHIN, up).await.unwrap();
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}/api{path}", self.base)).bearer_auth(TOKEN);
        let answer = request.json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}/api{path}", self.base)).bearer_auth(TOKEN);
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// Adds a client with a bot of this name and returns its id.
    pub async fn add_client(&self, telegram: &TelegramSim, bot: &str) -> String {
        let token = telegram.add_bot("Salon", bot);
        let client = json!({"bot_token": token, "admin_telegram_id": 111, "company_name": "Salon",
            "paid_amount": "299.00"});
        let added = self.post("/clients", client).await;
        added["client_id"].as_str().unwrap().to_owned()
    }
}
