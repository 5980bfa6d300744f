//! YooKassa's official SDK against the simulated shop: both speak the same protocol.
//!
//! Needs a Python with the package `yookassa`, named by `SLOTBOX_INTEROP_PYTHON`.
#![expect(clippy::disallowed_methods, reason = "the test's own settings come from the environment")]

use std::io;
use std::net::TcpListener;
use std::process::Stdio;

use slotbox::clock::Clock;
use slotbox::sandbox::yookassa::YooKassaSim;
use tokio::process::Command;

#[tokio::test]
async fn the_official_sdk_speaks_to_the_shop() {
    let Ok(python) = std::env::var("SLOTBOX_INTEROP_PYTHON") else {
        assert!(std::env::var("CI").is_err(), "CI must set SLOTBOX_INTEROP_PYTHON");
        return skip();
    };
    let shop = YooKassaSim::start(Clock::system()).await.unwrap();
    let port = free_port().unwrap();
    shop.notify_url(Some(format!("http://127.0.0.1:{port}/yookassa/webhook")));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/yookassa_sdk.py");
    let played = Command::new(python)
        .args([script, &shop.url(), shop.shop_id(), shop.secret_key(), &port.to_string()])
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let complaint = String::from_utf8_lossy(&played.stderr);
    assert!(played.status.success(), "{complaint}");
    assert_eq!(String::from_utf8_lossy(&played.stdout).trim(), "ok", "{complaint}");
    shop.shutdown().await;
}

#[expect(clippy::print_stdout, reason = "whoever runs the tests should know what did not run")]
fn skip() {
    println!("skipped: SLOTBOX_INTEROP_PYTHON is not set");
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
