//! The simulated Telegram against Bot API clients that nobody here wrote: aiogram and
//! python-telegram-bot.
//!
//! `SLOTBOX_INTEROP_PYTHON` names a Python that has both, as in
//! `python3 -m venv venv && venv/bin/pip install 'aiogram==3.*' 'python-telegram-bot==22.*'`.
#![expect(clippy::expect_used, reason = "a test that fails says where")]

use std::ffi::OsString;
use std::time::Duration;

use slotbox::clock::Clock;
use slotbox::sandbox::telegram::{Call, TelegramSim};
use tokio::process::Command;

/// How long a script may take.
const WITHIN: Duration = Duration::from_mins(1);

#[tokio::test]
async fn aiogram_talks_to_it() {
    run("telegram_aiogram.py").await;
}

#[tokio::test]
async fn python_telegram_bot_talks_to_it() {
    run("telegram_ptb.py").await;
}

/// Returns the Python to use. Only where nobody looks may the test be passed over.
fn python() -> Option<OsString> {
    let python = std::env::var_os("SLOTBOX_INTEROP_PYTHON");
    assert!(
        python.is_some() || std::env::var_os("CI").is_none(),
        "SLOTBOX_INTEROP_PYTHON must name a Python with aiogram and python-telegram-bot"
    );
    python
}

/// Runs a script against a fresh world.
async fn run(script: &str) {
    let Some(python) = python() else {
        return say_skipped();
    };
    let sim = TelegramSim::start(Clock::system()).await.expect("a free port");
    let token = sim.add_bot("Interop", "interop_bot");
    let path = format!("{}/tests/interop/{script}", env!("CARGO_MANIFEST_DIR"));
    let child = Command::new(python)
        .arg("-B")
        .arg(path)
        .arg(sim.url())
        .arg(token)
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(WITHIN, child).await.expect("the script ends in time");
    let output = output.expect("python starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} failed:\n{errors}\nthe talk:\n{}", sim.transcript());
    let good = |call: &Call| call.status == 200 && call.bot.as_deref() == Some("interop_bot");
    assert!(sim.calls().iter().any(good), "{script} did not talk to the simulator");
    sim.shutdown().await;
}

#[expect(clippy::print_stderr, reason = "whoever runs the test should know")]
fn say_skipped() {
    eprintln!("skipped: SLOTBOX_INTEROP_PYTHON is not set");
}
