//! `slotbox status`, in good days and in bad ones.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use expect_test::expect;
use serde_json::Value;

use super::host::{Host, OWNER, err, out, tidy};

async fn status(host: &Host) -> Value {
    let told = host.run(&["status", "--json"]).await;
    serde_json::from_str(&out(&told)).unwrap_or_else(|_| panic!("{}", err(&told)))
}

/// Waits until the status fits.
async fn until(host: &Host, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        let now = status(host).await;
        if fits(&now) {
            return now;
        }
        assert!(Instant::now() < deadline, "{what}: {now}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_is_well_until_a_token_is_revoked() {
    let host = Host::start().await;
    host.add("Салон", "salon_bot").await;
    let extend = ["clients", "extend", "@salon_bot", "--days", "30", "--amount", "299.00"];
    host.ok(&[&extend[..], &["--payment-id", "receipt-1"]].concat()).await;
    until(&host, "polling", |it| it["bots"]["master"]["state"] == "polling").await;
    until(&host, "rest", |it| it["queue"]["queued"] == 0 && it["queue"]["running"] == 0).await;
    let told = host.run(&["status"]).await;
    assert_eq!(told.status.code(), Some(0), "{}", out(&told));
    // How old, how large and how busy it is differs from run to run, and so do the warnings.
    let told = tidy(&out(&told).replace(&host.address.to_string(), "LOCAL"), host.dir.path());
    let varies =
        |line: &&str| ["slotbox", "database", "jobs"].iter().any(|name| line.starts_with(name));
    let told = told.split("\nlast warnings").next().unwrap().trim_end();
    let told: Vec<_> = told.lines().filter(|line| !varies(line)).collect();
    let told = told.join("\n") + "\n";
    expect![[r"
        all is well

        worker    ok
        master    polling, no update yet
        sales     off: no token is set
        clients   1: 1 active
        bots      1 running
        money     299.00 RUB today, 299.00 RUB in 30 days
        orders    0 open, 0 need a person
        backup    none yet, to DIR/new/data/backups/vault
        webhook   no public name is set; behind a proxy: http://LOCAL/yookassa/webhook
    "]]
    .assert_eq(&told);

    let token = std::fs::read_to_string(host.dir.path().join("salon_bot.token")).unwrap();
    host.telegram.revoke_token(token.trim());
    let ill = |it: &Value| it["clients"]["ill"][0]["reason"] == "token_revoked";
    let now = until(&host, "ill", ill).await;
    assert_eq!(now["healthy"], false);
    assert_eq!(now["problems"][0]["what"], "1 client's bot is ill");
    let told = host.run(&["status"]).await;
    assert_eq!(told.status.code(), Some(1));
    let told = out(&told);
    assert!(told.contains("something needs a person\n  1 client's bot is ill: "), "{told}");
    assert!(told.contains("its token was revoked: the owner must bring a new one"), "{told}");
    assert!(told.contains("last warnings"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_is_away_is_told_with_the_cure() {
    let mut host = Host::start().await;
    host.kill();
    let (file, socket) = (host.dir.path().join("slotbox.toml"), host.dir.path().join("none.sock"));
    let docker = format!("kind = 'docker'\ndeployer_socket = '{}'", socket.display());
    let text = std::fs::read_to_string(&file).unwrap().replace("kind = 'process'", &docker);
    std::fs::write(&file, text).unwrap();
    host.start_again().await;
    let now = until(&host, "unseen", |it| it["problems"][0]["cure"] == "slotbox doctor").await;
    let what = now["problems"][0]["what"].as_str().unwrap();
    assert!(what.contains("the deployer or the engine is away"), "{what}");
    let events = now["alarms"].as_array().unwrap().iter().map(|alarm| &alarm["event"]);
    assert!(events.into_iter().any(|event| event == "runtime.unseen"), "{now}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_token_of_the_operators_bot_is_told_with_the_cure() {
    let host = Host::start_with("sales_token = '7:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8'\n").await;
    let refused = |it: &Value| it["bots"]["sales"]["state"] == "unauthorized";
    let now = until(&host, "refused", refused).await;
    assert_eq!(now["healthy"], false);
    let alarms = now["alarms"].as_array().unwrap();
    let events: Vec<_> = alarms.iter().map(|alarm| alarm["event"].as_str().unwrap()).collect();
    assert!(events.contains(&"bot.unauthorized"), "{events:?}");
    let told = host.run(&["status"]).await;
    assert_eq!(told.status.code(), Some(1));
    assert!(out(&told).contains("Telegram refuses the token of the sales bot: set a new token"));
    assert!(!out(&told).contains("AAH5"));

    // A client whose bot cannot be checked is not added.
    let file = host.token_file("other_bot");
    let add = ["clients", "add", "--name", "S", "--owner", OWNER, "--token-file", &file];
    host.telegram.revoke_token(std::fs::read_to_string(&file).unwrap().trim());
    let refused = host.fails(1, &add).await;
    expect![[r"
        slotbox: the token: telegram does not accept this token
    "]]
    .assert_eq(&refused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_can_be_watched_and_followed() {
    let host = Host::start().await;
    let mut watching = host.command(&["status", "--watch", "--json"]);
    let mut watching = watching.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let two: Vec<Value> =
        lines.take(2).map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert!(two[0]["now"].as_str() < two[1]["now"].as_str());
    watching.kill().unwrap();
    watching.wait().unwrap();

    let mut tail = host.command(&["audit", "tail", "-n", "0", "--follow", "--json"]);
    let mut tail = tail.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    // It follows from when it has begun; what comes before that is not seen.
    tokio::time::sleep(Duration::from_secs(2)).await;
    host.add("Салон", "salon_bot").await;
    let entry: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(entry["action"], "client.added");
    tail.kill().unwrap();
    tail.wait().unwrap();
}
