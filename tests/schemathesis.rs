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

use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use slotbox::clock::Clock;
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::{Card, YooKassaSim};
use tokio::process::Command;

use crate::host::{Api, TOKEN, free_port, serve, stop};

#[path = "running/host.rs"]
#[expect(dead_code, reason = "each test needs its part")]
mod host;

/// How many examples of each operation are tried if nobody says.
const EXAMPLES: &str = "10";
/// How many ways through the API are gone.
const SCENARIOS: &str = "60";

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
    let api = Api::at(port);
    api.is_up().await;
    furnish(&api, &shop, &telegram).await;

    let st = Path::new(&python).with_file_name("st");
    for (phases, examples) in [("examples,coverage,fuzzing", EXAMPLES), ("stateful", SCENARIOS)] {
        play(&st, &api.base, dir.path(), phases, examples).await;
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

/// Adds clients with orders, of which one is paid, so that lists have something to show.
async fn furnish(api: &Api, shop: &YooKassaSim, telegram: &TelegramSim) {
    for number in 0..3 {
        let client = api.add_client(telegram, &format!("salon{number}_bot")).await;
        let order = api.post("/orders", json!({"client_id": client, "plan_id": "1m"})).await;
        if let (0, Some(payment)) = (number, order["payment_id"].as_str()) {
            shop.pay(payment, Card::Ok).unwrap();
        }
    }
}
