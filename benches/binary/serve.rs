//! `slotbox serve`, built as for a release, in a process of its own, against simulators in this one.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::YooKassaSim;
use tokio::process::{Child, Command};

/// The API's token.
pub const API_TOKEN: &str = "5f0c7c39a8d14d1f9a5a3a4f2b0e77c1d6e8b9a0";
/// The first operator's id; the ids of the others follow.
pub const OPERATOR: i64 = 111;

/// Returns an address of the loopback interface that nobody listens on.
pub async fn free_address() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Starts it on `address`, with all it keeps under `dir`, and clients as processes of its own; its
/// log is `dir/log`.
pub fn start_serve(
    dir: &Path,
    address: &str,
    telegram: &TelegramSim,
    shop: &YooKassaSim,
    operators: i64,
) -> Child {
    start_serve_with(dir, address, telegram, shop, operators, None)
}

/// As [`start_serve`]; clients are in containers if there is a deployer, which listens there.
pub fn start_serve_with(
    dir: &Path,
    address: &str,
    telegram: &TelegramSim,
    shop: &YooKassaSim,
    operators: i64,
    deployer: Option<PathBuf>,
) -> Child {
    let operators: Vec<i64> = (OPERATOR..OPERATOR + operators).collect();
    let config = dir.join("slotbox.toml");
    std::fs::write(&config, "# All settings are in the environment.\n").unwrap();
    let kind = if deployer.is_some() { "docker" } else { "process" };
    let deployer = deployer.unwrap_or_else(|| dir.join("no-deployer"));
    let set = [
        ("TLS__MODE", "off".to_owned()),
        ("SERVER__LOCAL_LISTEN", address.to_owned()),
        ("SERVER__DATA_DIR", dir.join("data").display().to_string()),
        ("SERVER__RUNTIME_DIR", dir.join("run").display().to_string()),
        ("SERVER__SUPPORT", "@support".to_owned()),
        ("API__TOKEN", API_TOKEN.to_owned()),
        ("TELEGRAM__API_URL", telegram.url()),
        ("TELEGRAM__MASTER_TOKEN", telegram.add_bot("Master", "master_bot")),
        ("TELEGRAM__SALES_TOKEN", telegram.add_bot("Sales", "sales_bot")),
        ("TELEGRAM__OPERATORS", format!("{operators:?}")),
        ("YOOKASSA__API_URL", shop.url()),
        ("YOOKASSA__SHOP_ID", shop.shop_id().to_owned()),
        ("YOOKASSA__SECRET_KEY", shop.secret_key().to_owned()),
        ("RUNTIME__KIND", kind.to_owned()),
        ("RUNTIME__DEPLOYER_SOCKET", deployer.display().to_string()),
    ];
    let log = std::fs::File::create(dir.join("log")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
    command.arg("serve").arg("--config").arg(config).stdin(Stdio::null()).stderr(log);
    for (key, value) in set {
        command.env(format!("SLOTBOX__{key}"), value);
    }
    command.kill_on_drop(true).spawn().unwrap()
}
