//! Each finding of `slotbox doctor` about what a running `serve` and an engine tell, provoked: both are
//! played here, and say what the test wants.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::routing::get;
use axum::{Json, Router};
use jiff::SignedDuration;
use serde_json::{Value, json};
use slotbox::clock::Clock;
use tokio::net::UnixListener;

use super::doctor::{says, set_up, settle};
use super::fresh::Fresh;
use super::host::err;

/// Answers on a socket with what each of these paths is to say.
fn play(socket: &Path, answers: &[(&'static str, &Arc<Mutex<Value>>)]) {
    fs::create_dir_all(socket.parent().unwrap()).unwrap();
    let mut router = Router::new();
    for &(path, answer) in answers {
        let answer = answer.clone();
        router = router.route(path, get(async move || Json(answer.lock().unwrap().clone())));
    }
    let listener = UnixListener::bind(socket).unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
}

/// A `serve` that says what it is told to.
struct Told {
    fresh: Fresh,
    status: Arc<Mutex<Value>>,
    tls: Arc<Mutex<Value>>,
    operators: Arc<Mutex<Value>>,
}

impl Told {
    async fn begin() -> Self {
        let fresh = Fresh::new().await;
        // A name that does not resolve would be a finding of its own.
        let answers = fresh.read("answers.toml").replace("domain = 'bots.example.ru'\n", "");
        fs::write(fresh.path("answers.toml"), answers).unwrap();
        let written = fresh.set_up(&["--no-start"]).await;
        assert_eq!(written.status.code(), Some(0), "{}", err(&written));
        let now = Clock::system().now();
        let status = json!({
            "version": env!("CARGO_PKG_VERSION"), "database": "ok", "worker": "ok",
            "bots": {"master": {"state": "polling"}}, "clients": {"ill": [], "moving": []},
            "queue": {"dead": 0, "oldest_age_seconds": 0}, "attention": [],
            "backup": {"last_success_at": now, "trouble": null},
        });
        let tls = json!({"mode": "off", "certificate": null, "trouble": null});
        let operators = json!({"items": [{"id": 111}]});
        let [status, tls, operators] = [status, tls, operators].map(|it| Arc::new(Mutex::new(it)));
        play(
            Path::new(&fresh.path("run/control.sock")),
            &[
                ("/control/status", &status),
                ("/control/tls", &tls),
                ("/control/operators", &operators),
            ],
        );
        Self { fresh, status, tls, operators }
    }

    /// Has the status say this in the place of what it says, asks the doctor, and takes it back.
    async fn finds(&self, changes: Value, check: &str, verdict: &str, words: &str) {
        self.finds_in(&self.status, changes, check, verdict, words).await;
    }

    async fn finds_in(
        &self,
        told: &Mutex<Value>,
        changes: Value,
        check: &str,
        verdict: &str,
        words: &str,
    ) {
        let before = told.lock().unwrap().clone();
        for (key, value) in changes.as_object().unwrap() {
            told.lock().unwrap()[key] = value.clone();
        }
        let found = self.fresh.doctor(i32::from(verdict == "fail")).await;
        says(&found, check, verdict, words);
        *told.lock().unwrap() = before;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_serve_says_of_itself_is_judged() {
    let told = Told::begin().await;
    told.finds(json!({}), "serve", "ok", "answers").await;
    told.finds(json!({"version": "0.0.1"}), "serve", "warn", "version 0.0.1 runs").await;
    told.finds(json!({"database": "error"}), "database", "fail", "cannot be written").await;
    told.finds(json!({"worker": "error"}), "jobs", "fail", "no jobs are performed").await;
    let queue = |dead: u32, age: u32| json!({"queue": {"dead": dead, "oldest_age_seconds": age}});
    told.finds(queue(0, 901), "jobs", "fail", "has waited for its turn for 15 min").await;
    told.finds(queue(2, 0), "jobs", "fail", "2 given up").await;
    for state in ["unauthorized", "conflict", "unreachable"] {
        let bots = json!({"bots": {"master": {"state": "polling"}, "sales": {"state": state}}});
        told.finds(bots, "bots", "fail", &format!("sales {state}")).await;
    }
    let old = Clock::system().now() - SignedDuration::from_hours(49);
    let backup =
        |at: Value, trouble: Value| json!({"backup": {"last_success_at": at, "trouble": trouble}});
    told.finds(backup(Value::Null, Value::Null), "backup", "warn", "none was made yet").await;
    let late = backup(old.to_string().into(), Value::Null);
    told.finds(late, "backup", "fail", "the last is 49 h old").await;
    let full = json!({"why": "no room is left", "cure": "df -h"});
    told.finds(backup(Value::Null, full), "backup", "fail", "none can be made: no room").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_a_person_is_named() {
    let told = Told::begin().await;
    let ill = json!({"ill": [{"bot_username": "a_bot", "reason": "conflict"}], "moving": []});
    told.finds(json!({"clients": ill}), "clients", "fail", "@a_bot: conflict").await;
    let moving = |from: &str, moved: bool| {
        let one = json!({"bot_username": "a_bot", "from": from, "moved": moved});
        json!({"clients": {"ill": [], "moving": [one]}})
    };
    told.finds(json!({}), "moves", "ok", "is where its bot runs").await;
    let waits = "@a_bot: what lies in a process waits to be moved";
    told.finds(moving("process", false), "moves", "warn", waits).await;
    let left = "@a_bot: what lies in a container has moved, and is to be removed";
    told.finds(moving("container", true), "moves", "warn", left).await;
    told.finds(json!({"attention": [{}, {}]}), "payments", "warn", "2 wait for a person").await;
    let nobody = json!({"items": []});
    told.finds_in(&told.operators, nobody, "operators", "fail", "nobody hears").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_ends_is_named() {
    let told = Told::begin().await;
    let trouble = json!({"words": "no such name"});
    let tls = |hours: Option<i64>, trouble: &Value| {
        let until = |hours| Clock::system().now() + SignedDuration::from_hours(hours);
        let certificate =
            hours.map(|it| json!({"names": ["a.ru"], "not_after": until(it).to_string()}));
        json!({"mode": "acme", "certificate": certificate, "trouble": trouble})
    };
    for (answer, verdict, words) in [
        (tls(None, &Value::Null), "fail", "there is none yet"),
        (tls(None, &trouble), "fail", "no such name"),
        (tls(Some(-1), &Value::Null), "fail", "it is over"),
        (tls(Some(24), &Value::Null), "warn", "a.ru until"),
        (tls(Some(24 * 60), &trouble), "warn", "the next is not had: no such name"),
        (tls(Some(24 * 60), &Value::Null), "ok", "a.ru until"),
    ] {
        told.finds_in(&told.tls, answer, "certificate", verdict, words).await;
    }
}

/// Without one, with one whose deployer is away, and with one that has another release's image.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_is_looked_for_and_looked_into() {
    let fresh = set_up().await;
    let socket = fresh.path("deployer.sock");
    settle(&fresh, &format!("[runtime]\nkind = 'docker'\ndeployer_socket = '{socket}'\n"));
    let found = fresh.doctor(1).await;
    says(&found, "engine", "fail", "no engine answers");
    says(&found, "deployer", "fail", "deployer.sock");
    says(&found, "image", "skipped", "there is no engine");
    says(&found, "ceiling", "skipped", "no container was started yet");

    let version = Arc::new(Mutex::new(json!({"Version": "28.5.0"})));
    let images = Arc::new(Mutex::new(json!([])));
    let root = fresh.dir.path().join("root");
    let engine = root.join("run/docker.sock");
    play(&engine, &[("/version", &version), ("/images/json", &images)]);
    let found = fresh.doctor(1).await;
    says(&found, "engine", "ok", "Docker 28.5.0 on ");
    says(&found, "image", "warn", "there is none yet");
    *images.lock().unwrap() = json!([{"RepoTags": ["slotbox-client:0.0.1-0123456789ab"]}]);
    says(
        &fresh.doctor(1).await,
        "image",
        "warn",
        "none of this release, only slotbox-client:0.0.1",
    );

    let group = root.join("sys/fs/cgroup/memory/slotbox-clients");
    fs::create_dir_all(&group).unwrap();
    fs::write(group.join("memory.limit_in_bytes"), "9223372036854771712\n").unwrap();
    says(&fresh.doctor(1).await, "ceiling", "warn", "all memory that there is");
    fs::write(group.join("memory.limit_in_bytes"), "1073741824\n").unwrap();
    says(&fresh.doctor(1).await, "ceiling", "ok", "1.0 GiB of memory");
}
