//! What the replaced system got wrong in its API, each defect by its number.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::json;
use slotbox::config::{Config, Sources};
use slotbox::sandbox::telegram::Fault;

use crate::stage::{Answer, Stage, TOKEN};

fn instant(json: &serde_json::Value) -> Timestamp {
    json.as_str().unwrap().parse().unwrap()
}

/// D-002: extending works from end to end; it always failed there.
#[tokio::test]
async fn d_002_extending_works_end_to_end() {
    let stage = Stage::open().await;
    let path = format!("/api/clients/{}", stage.add_client().await);
    let before = instant(&stage.get(&path).await.json["subscription_expires_at"]);
    let more = json!({"days": 30, "amount": "299.00", "payment_id": "cash-1"});
    let extended = stage.post(&format!("{path}/extend"), &more).await;
    assert_eq!((extended.status.as_u16(), &extended.json["applied"]), (200, &json!(true)));
    let after = instant(&stage.get(&path).await.json["subscription_expires_at"]);
    assert_eq!(after.duration_since(before), SignedDuration::from_hours(30 * 24));
    assert_eq!(stage.get("/api/payments/cash-1").await.json["days"], json!(30));
}

/// D-003: a payment and the time that it bought are one; the same payment adds time once, also when
/// it is sent many times at once.
#[tokio::test]
async fn d_003_the_same_payment_adds_time_once() {
    let stage = Stage::open().await;
    let path = format!("/api/clients/{}/extend", stage.add_client().await);
    let more = json!({"days": 30, "amount": "299.00", "payment_id": "cash-1"});
    let answers = futures::future::join_all((0..8).map(|_| stage.post(&path, &more))).await;
    let applied = answers.iter().filter(|answer| answer.json["applied"] == json!(true)).count();
    assert_eq!(applied, 1);
    let until = &answers[0].json["subscription_expires_at"];
    assert!(answers.iter().all(|it| it.json["subscription_expires_at"] == *until));
    assert_eq!(stage.get("/api/payments").await.json["items"].as_array().unwrap().len(), 1);
}

/// D-004: days and amounts are whole, positive and within reason.
#[tokio::test]
async fn d_004_absurd_days_and_amounts_are_refused() {
    let stage = Stage::open().await;
    let path = format!("/api/clients/{}", stage.add_client().await);
    let before = stage.get(&path).await.json;
    for days in
        [json!(0), json!(-30), json!(3651), json!(1.5), json!("30"), json!(1e9), json!(true)]
    {
        let answer = stage.post(&format!("{path}/extend"), &json!({"days": days})).await;
        assert_eq!(answer.status, 422, "{days}");
    }
    for amount in [json!(-1), json!("-1.00"), json!(0.1), json!("1e3"), json!("99999999999")] {
        let body = json!({"days": 30, "amount": amount});
        let answer = stage.post(&format!("{path}/extend"), &body).await;
        assert_eq!(answer.status, 422, "{amount}");
    }
    assert_eq!(stage.get(&path).await.json, before);
}

/// D-005: the client is named in the path and nowhere else.
#[tokio::test]
async fn d_005_another_client_in_the_body_is_an_error() {
    let stage = Stage::open().await;
    let (one, other) = (stage.add_client().await, stage.add_client().await);
    let body = json!({"days": 30, "client_id": other});
    let answer = stage.post(&format!("/api/clients/{one}/extend"), &body).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.json["errors"][0]["field"], json!("client_id"));
}

/// D-027: who took the money is what is recorded.
#[tokio::test]
async fn d_027_a_payment_knows_who_took_it() {
    let stage = Stage::open().await;
    let mut client = stage.client();
    client["paid_amount"] = json!("299.00");
    client["payment_id"] = json!("cash-1");
    stage.post("/api/clients", &client).await;
    assert_eq!(stage.get("/api/payments/cash-1").await.json["source"], json!("manual"));
}

/// D-028: the answer tells the end of the time that was stored.
#[tokio::test]
async fn d_028_the_expiry_in_the_answer_is_the_one_on_record() {
    let stage = Stage::open().await;
    let mut client = stage.client();
    client["subscription_days"] = json!(90);
    let added = stage.post("/api/clients", &client).await.json;
    let path = format!("/api/clients/{}", added["client_id"].as_str().unwrap());
    let shown = stage.get(&path).await.json;
    assert_eq!(added["subscription_expires_at"], shown["subscription_expires_at"]);
    let length = instant(&shown["subscription_expires_at"]).duration_since(stage.deps.clock.now());
    assert_eq!(length, SignedDuration::from_hours(90 * 24));
}

/// D-029: a deploy is a task that can be looked at, not a call that times out.
#[tokio::test]
async fn d_029_a_deploy_is_a_task_with_a_state() {
    let stage = Stage::open().await;
    let added = stage.post("/api/clients", &stage.client()).await;
    assert_eq!(added.status, StatusCode::ACCEPTED);
    let task = stage.get(added.header("location")).await.json;
    assert_eq!((&task["kind"], &task["state"]), (&json!("deploy_client"), &json!("queued")));
    assert_eq!(task["client_id"], added.json["client_id"]);
}

/// D-042: no token that can be guessed or that stands in a manual opens the API.
#[test]
fn d_042_weak_tokens_are_refused_at_the_start() {
    let load = |token: &str| {
        let set = [("SLOTBOX__TLS__MODE", "off"), ("SLOTBOX__API__TOKEN", token)];
        let environment = set.map(|(key, value)| (key.into(), value.into())).into();
        Config::load(&Sources { file: None, environment, credentials: None })
    };
    let placeholder = "your-secret-token-change-me-in-production-please";
    let short = &TOKEN[..31];
    for weak in ["", "short", short, "changeme-changeme-changeme-changeme", placeholder] {
        let refused = load(weak).map(drop).unwrap_err().to_string();
        assert!(refused.contains("api.token"), "{weak}: {refused}");
    }
    load(TOKEN).map(drop).unwrap();
}

/// D-043: a token that is nearly right is as wrong as any; digests are compared, in constant time.
#[tokio::test]
async fn d_043_only_the_whole_token_opens() {
    let stage = Stage::open().await;
    for length in 0..TOKEN.len() {
        let request = stage.bare(Method::GET, "/api/plans").bearer_auth(&TOKEN[..length]);
        assert_eq!(Answer::of(request).await.status, 401, "{length}");
        let mut near = TOKEN.to_owned().into_bytes();
        near[length] ^= 1;
        let near = String::from_utf8(near).unwrap();
        let request = stage.bare(Method::GET, "/api/plans").bearer_auth(near);
        assert_eq!(Answer::of(request).await.status, 401, "{length}");
    }
}

/// D-044, D-045: what fails inside is in the log, under the id that the caller gets, and nothing of
/// it is told.
#[tokio::test]
async fn d_044_d_045_failures_tell_an_id_and_no_internals() {
    let stage = Stage::open().await;
    let client = stage.client();
    stage.deps.store.clone().close();
    for answer in [stage.get("/api/clients").await, stage.post("/api/clients", &client).await] {
        assert_eq!(answer.status, 500);
        let fields: Vec<_> = answer.json.as_object().unwrap().keys().cloned().collect();
        assert_eq!(fields, ["request_id", "status", "title", "type"]);
        assert_eq!(answer.json["request_id"], json!(answer.header("x-request-id")));
    }
    let answer = stage.notify("{\"type\": nonsense").await;
    assert_eq!(answer.text, r#"{"status":"error","error":"not-a-notification"}"#);
    let notice = r#"{"type":"notification","event":"payment.succeeded","object":{"id":"2f1c"}}"#;
    let answer = stage.notify(notice).await;
    assert_eq!(answer.text, r#"{"status":"error","error":"not-kept"}"#);
}

/// D-077: while a client is being added, everything else answers.
#[tokio::test]
async fn d_077_health_answers_while_a_client_is_added() {
    let stage = Stage::open().await;
    stage.telegram.faults().always("getMe", Fault::Slow(Duration::from_secs(2)));
    let client = stage.client();
    let adding = stage.post("/api/clients", &client);
    let mut adding = std::pin::pin!(adding);
    let mut answered = 0;
    let added = loop {
        tokio::select! {
            added = &mut adding => break added,
            health = stage.get("/health") => {
                assert_eq!(health.status, 200);
                answered += 1;
            }
        }
    };
    assert_eq!(added.status, 202, "{}", added.text);
    assert!(answered > 1, "{answered}");
}

/// D-168: an id that is none is the caller's mistake.
#[tokio::test]
async fn d_168_a_malformed_id_is_no_failure() {
    let stage = Stage::open().await;
    for id in ["1", "abc", "c_", "%00", "1%20OR%201=1", "-1", "999999999999999999999"] {
        for path in ["clients", "orders", "tasks"] {
            assert_eq!(stage.get(&format!("/api/{path}/{id}")).await.status, 400, "{path} {id}");
        }
    }
}
