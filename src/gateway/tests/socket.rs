//! The socket itself, and what the gateway answers without Telegram.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::domain::subscription::{GrantKind, Granted, Subscription, SuspendedBy};

#[tokio::test]
async fn a_socket_is_private_replaces_an_old_one_and_goes_when_it_is_closed() {
    let bench = Bench::new().await;
    let socket = bench.host.layout.socket(bench.client);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&socket), mode(socket.parent().unwrap())), (0o600, 0o700));
    bench.host.deps.gateways.open(bench.client).await.unwrap();
    bench.host.deps.gateways.close(bench.client).await;
    assert!(!socket.exists());
    bench.host.deps.gateways.close(bench.client).await;
    fs::write(&socket, "left over").unwrap();
    bench.host.deps.gateways.open(bench.client).await.unwrap();
    assert_eq!(bench.say(OWNER, "again").await, 200);
    let unknown = bench.host.deps.gateways.open(ClientId::from_bits(99)).await;
    assert!(unknown.is_err());
}

#[tokio::test]
async fn noise_on_the_socket_does_no_harm() {
    let bench = Bench::new().await;
    for noise in
        ["\r\n\r\n", "\u{0}\u{1}\u{2}", "GET / HTTP/9.9\r\n\r\n", "POST /report HTTP/1.1\r\n"]
    {
        let socket = bench.host.layout.socket(bench.client);
        UnixStream::connect(socket).await.unwrap().write_all(noise.as_bytes()).await.unwrap();
    }
    for body in ["", "{", "[]", "{\"state\":\"well\"}", "{\"state\":\"healthy\"}"] {
        let url = "http://gateway/report";
        let kind = ("content-type", "application/json");
        let request = bench.http.post(url).header(kind.0, kind.1).body(body);
        assert_eq!(request.send().await.unwrap().status(), 400, "{body}");
    }
    assert!(!bench.host.deps.health.is_healthy(bench.client));
    assert_eq!(bench.call("getMe", json!({})).await.0, 200);
}

#[tokio::test]
async fn one_client_cannot_use_up_what_others_need() {
    let bench = Bench::new().await;
    let other_token = "700002:AAother5YkoiEuPk8-FZa32hStHTqXiLPtA";
    bench.sim.add_bot_with_token(other_token, "Other", "other_bot");
    let other = bench.host.add_client(2, OWNER, other_token).await;
    bench.host.deps.gateways.open(other).await.unwrap();
    let socket = bench.host.layout.socket(bench.client);
    let mut idle = Vec::new();
    for _ in 0..200 {
        idle.push(UnixStream::connect(&socket).await.unwrap());
    }
    let http = reqwest::Client::builder().unix_socket(bench.host.layout.socket(other));
    let me = http.build().unwrap().post("http://gateway/bot0:gateway/getMe").send().await.unwrap();
    let me: Value = me.json().await.unwrap();
    assert_eq!(me["result"]["username"], "other_bot");
}

#[tokio::test]
async fn who_closes_keeps_nobody_waiting() {
    let bench = Bench::new().await;
    let gateways = &bench.host.deps.gateways;
    let (http, url) = (bench.http.clone(), "http://gateway/bot0:gateway/GetUpdates");
    let poll =
        tokio::spawn(http.post(url).json(&json!({"offset": 999_999_999, "timeout": 20})).send());
    sleep(Duration::from_millis(200)).await; // Nothing tells that it has come in.
    // The poll is given time to end; meanwhile the same socket is opened anew, and works.
    let reopened = async {
        gateways.open(bench.client).await.unwrap();
        assert_eq!(bench.say(OWNER, "again").await, 200);
    };
    tokio::select! {
        biased;
        () = gateways.close(bench.client) => panic!("the poll was cut off, or nobody else came in"),
        () = reopened => {}
    }
    poll.abort();
}

#[tokio::test]
async fn a_profile_is_given_at_once_and_again_when_it_changes() {
    let bench = Bench::new().await;
    let profile = bench.profile("").await;
    assert_eq!(profile["client_id"], bench.client.to_string());
    assert_eq!(profile["company_name"], "Salon");
    assert_eq!(profile["owner"], OWNER);
    assert_eq!(profile["bot_username"], "bot_1");
    assert_eq!(profile["timezone"], "Europe/Moscow");
    assert_eq!((&profile["locale"], &profile["service"]), (&json!("ru"), &json!("full")));
    assert_eq!(profile["support"], "@support");
    let version = profile["version"].as_u64().unwrap();
    assert_eq!(bench.profile(&format!("?known={}&wait=50", version + 1)).await, profile);
    assert_eq!(bench.profile(&format!("?known={version}&wait=0")).await, profile);

    let query = format!("?known={version}&wait=50");
    let waiting = bench.profile(&query);
    let pausing = async {
        sleep(Duration::from_millis(30)).await;
        let now = bench.host.deps.clock.now();
        let pause = move |client: &mut crate::domain::client::Client| {
            let day = jiff::SignedDuration::from_hours(24);
            client.subscription = {
                let granted = Granted { until: now + day, kind: GrantKind::Paid };
                Subscription::Suspended { granted, since: now, by: SuspendedBy::Operator }
            };
        };
        bench.host.change(bench.client, pause).await;
    };
    let (paused, ()) = tokio::join!(waiting, pausing);
    assert_eq!(paused["service"], "paused");
    assert_ne!(paused["version"], profile["version"]);
}

#[tokio::test]
async fn a_report_is_noted() {
    let bench = Bench::new().await;
    let report = json!({"state": "healthy", "version": "0.1.0"});
    let sent = bench.http.post("http://gateway/report").json(&report).send().await.unwrap();
    assert_eq!(sent.status(), 204);
    assert!(bench.host.deps.health.is_healthy(bench.client));
}
