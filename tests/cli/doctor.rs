//! Each finding of `slotbox doctor` about the world around, provoked.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use slotbox::sandbox::yookassa::Fault;

use super::fresh::{Fresh, verdicts};
use super::host::err;

pub type Findings = Vec<(String, String, String)>;

/// Sets a host up and does not start it: `serve` is always a finding here.
pub async fn set_up() -> Fresh {
    let fresh = Fresh::new().await;
    let set_up = fresh.set_up(&["--no-start"]).await;
    assert_eq!(set_up.status.code(), Some(0), "{}", err(&set_up));
    fresh
}

/// Puts settings over those of the set-up.
pub fn settle(fresh: &Fresh, text: &str) {
    fs::write(fresh.path("conf.d/60-test.toml"), text).unwrap();
}

/// Asserts that the one finding of a check has this verdict and says this.
pub fn says(found: &Findings, check: &str, verdict: &str, words: &str) {
    let its: Vec<_> = found.iter().filter(|it| it.0 == check).collect();
    let [(_, its_verdict, evidence)] = its[..] else { panic!("{check}: {found:?}") };
    assert!(its_verdict == verdict && evidence.contains(words), "{check}: {found:?}");
}

/// Shows the doctor a system on which these TCP ports are listened on.
fn listen(fresh: &Fresh, ports: &[u16]) {
    let lines = ports.iter().map(|port| {
        format!("   0: 00000000:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000\n")
    });
    let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n".to_owned();
    let dir = fresh.dir.path().join("root/proc/net");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("tcp"), table + &lines.collect::<String>()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_and_ports_that_nobody_reaches_are_named() {
    let fresh = set_up().await;
    let files = "[server]\ndomain = 'nobody.invalid'\nhttps_listen = ['127.0.0.1:443']\n\
                 http_listen = ['127.0.0.1:80']\n[tls]\nmode = 'acme'\ncontact = 'a@b.ru'\n";
    settle(&fresh, files);
    listen(&fresh, &[80]);
    let found = fresh.doctor(1).await;
    says(&found, "ports", "fail", "nobody listens on [443]");
    says(&found, "dns", "fail", "nobody.invalid does not resolve");
    listen(&fresh, &[80, 443]);
    let found = fresh.doctor(1).await;
    says(&found, "ports", "warn", "nobody.invalid:443 cannot be reached from here");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_does_not_work_is_named_and_whether_it_is_needed() {
    let fresh = set_up().await;
    says(&fresh.doctor(1).await, "proxy", "ok", "none is needed");
    settle(&fresh, "[telegram]\nproxy = 'socks5h://user:hunter2@127.0.0.1:1'\n");
    let found = fresh.doctor(1).await;
    says(&found, "telegram", "fail", "the proxy cannot be reached");
    says(&found, "proxy", "fail", "it does not work, and Telegram answers without it");
    settle(
        &fresh,
        "[telegram]\napi_url = 'http://127.0.0.1:1'\nproxy = 'socks5h://user:hunter2@127.0.0.1:1'\n",
    );
    let found = fresh.doctor(1).await;
    says(&found, "proxy", "fail", "it does not work");
    assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_trouble_with_the_shop_is_named() {
    let fresh = set_up().await;
    says(&fresh.doctor(1).await, "yookassa", "ok", "play money");
    fresh.shop.require_receipt(true);
    says(&fresh.doctor(1).await, "yookassa", "warn", "wants receipts");
    fresh.shop.require_receipt(false);
    fresh.shop.faults().outage(Some(Fault::FailBefore));
    says(&fresh.doctor(1).await, "yookassa", "fail", "it cannot be asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_sealing_key_is_named() {
    let mut fresh = set_up().await;
    fresh.start().await;
    fresh.kill();
    says(&fresh.doctor(1).await, "sealing-key", "ok", "keep a copy");
    let key = fs::read(fresh.path("sealing.key")).unwrap();
    fs::write(fresh.path("sealing.key"), &key[..31]).unwrap();
    let found = fresh.doctor(1).await;
    says(&found, "sealing-key", "fail", "has 31 bytes instead of 32");
    assert_eq!(verdicts(&found, "serve"), ["fail"]);
    fs::write(fresh.path("sealing.key"), &key).unwrap();
    fs::set_permissions(fresh.path("sealing.key"), Permissions::from_mode(0o644)).unwrap();
    says(&fresh.doctor(1).await, "sealing-key", "fail", "can be read by others");
    fs::remove_file(fresh.path("sealing.key")).unwrap();
    says(&fresh.doctor(1).await, "sealing-key", "fail", "there is a database and no sealing key");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_telegram_does_not_know_is_named() {
    let fresh = set_up().await;
    settle(&fresh, "[telegram]\nsales_token = '7:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8'\n");
    let found = fresh.doctor(1).await;
    says(&found, "sales-bot", "fail", "does not accept the token");
    says(&found, "master-bot", "ok", "@setup_master_bot");
    assert!(!format!("{found:?}").contains("AAH5"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_looked_at_is_told() {
    let fresh = set_up().await;
    let below_a_file = fresh.path("slotbox.toml/data");
    settle(&fresh, &format!("[server]\ndata_dir = '{below_a_file}'\n"));
    says(&fresh.doctor(1).await, "files", "warn", "slotbox.toml/data: ");
}

/// `systemctl` is played: what it answers is what counts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_that_does_not_run_is_named() {
    let fresh = set_up().await;
    fs::create_dir_all(fresh.path("root/run/systemd/system")).unwrap();
    fs::create_dir_all(fresh.path("bin")).unwrap();
    for (state, verdict) in [("active", "ok"), ("failed", "fail"), ("inactive", "fail")] {
        let script =
            format!("#!/bin/sh\n[ \"$*\" = 'is-active slotbox.service' ] && echo {state}\n");
        fs::write(fresh.path("bin/systemctl"), script).unwrap();
        fs::set_permissions(fresh.path("bin/systemctl"), Permissions::from_mode(0o755)).unwrap();
        says(&fresh.doctor(1).await, "units", verdict, &format!("slotbox.service is {state}"));
    }
}
