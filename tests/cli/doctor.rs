//! Each finding of `slotbox doctor` about the world around, provoked.

use std::fs;

use slotbox::sandbox::yookassa::Fault;

use super::fresh::{Fresh, verdicts};
use super::host::err;

type Findings = Vec<(String, String, String)>;

/// Sets a host up and does not start it: `serve` is always a finding here.
async fn set_up() -> Fresh {
    let fresh = Fresh::new().await;
    let set_up = fresh.set_up(&["--no-start"]).await;
    assert_eq!(set_up.status.code(), Some(0), "{}", err(&set_up));
    fresh
}

/// Puts settings over those of the set-up.
fn settle(fresh: &Fresh, text: &str) {
    fs::write(fresh.path("conf.d/60-test.toml"), text).unwrap();
}

/// Asserts that the one finding of a check has this verdict and says this.
fn says(found: &Findings, check: &str, verdict: &str, words: &str) {
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
}
