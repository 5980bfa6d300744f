//! A gateway that is small enough for a test: it forwards, tells a profile, and counts reports.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as UrlPath, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::UnixListener;
use tokio::sync::watch;

/// The door of one client.
#[derive(Clone)]
pub struct TestGateway {
    http: reqwest::Client,
    telegram: String,
    token: String,
    profile: watch::Sender<Value>,
    reports: watch::Sender<u32>,
    forged: Arc<Mutex<Option<String>>>,
}

#[derive(Deserialize)]
struct Known {
    known: Option<u64>,
    wait: Option<u64>,
}

impl TestGateway {
    /// Opens the door at `socket`; it leads to the bot of `token`.
    pub fn open(socket: &Path, telegram: String, token: String, profile: Value) -> Self {
        let gateway = Self {
            http: reqwest::Client::new(),
            telegram,
            token,
            profile: watch::Sender::new(profile),
            reports: watch::Sender::new(0),
            forged: Arc::default(),
        };
        let listener = UnixListener::bind(socket).unwrap();
        let router = Router::new()
            .route("/profile", get(profile_changed))
            .route("/report", post(report))
            .route("/{bot}/{method}", post(forward))
            .with_state(gateway.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        gateway
    }

    /// Changes one field of the profile.
    pub fn tell(&self, field: &str, value: Value) {
        self.profile.send_modify(|profile| {
            profile[field] = value;
            profile["version"] = (profile["version"].as_u64().unwrap() + 1).into();
        });
    }

    /// Puts `data` in the place of what the next pressed button carries.
    pub fn forge(&self, data: &str) {
        *self.forged.lock().unwrap() = Some(data.to_owned());
    }

    /// Waits for a report of good health.
    pub async fn healthy(&self) {
        let mut reports = self.reports.subscribe();
        let reported = reports.wait_for(|count| *count > 0);
        tokio::time::timeout(Duration::from_secs(10), reported).await.unwrap().unwrap();
    }

    fn put_forged(&self, answer: &mut Value) {
        let updates = answer["result"].as_array_mut().into_iter().flatten();
        for query in updates.filter_map(|update| update.get_mut("callback_query")) {
            if let Some(data) = self.forged.lock().unwrap().take() {
                query["data"] = data.into();
            }
        }
    }
}

async fn profile_changed(
    State(gateway): State<TestGateway>,
    Query(known): Query<Known>,
) -> axum::Json<Value> {
    let mut profile = gateway.profile.subscribe();
    let news = profile.wait_for(|profile| profile["version"].as_u64() != known.known);
    let wait = Duration::from_secs(known.wait.unwrap_or(0));
    drop(tokio::time::timeout(wait, news).await);
    axum::Json(gateway.profile.borrow().clone())
}

async fn report(State(gateway): State<TestGateway>, body: axum::Json<Value>) -> StatusCode {
    assert_eq!(body["state"], "healthy");
    gateway.reports.send_modify(|count| *count += 1);
    StatusCode::NO_CONTENT
}

async fn forward(
    State(gateway): State<TestGateway>,
    UrlPath((bot, method)): UrlPath<(String, String)>,
    body: Bytes,
) -> Response {
    assert_eq!(bot, "bot0:gateway");
    let url = format!("{}/bot{}/{method}", gateway.telegram, gateway.token);
    let request = gateway.http.post(url).header(header::CONTENT_TYPE, "application/json");
    let Ok(answer) = request.body(body).send().await else {
        let down = json!({"ok": false, "error_code": 502, "description": "Bad Gateway"});
        return (StatusCode::BAD_GATEWAY, axum::Json(down)).into_response();
    };
    let status = answer.status();
    let mut answer: Value = answer.json().await.unwrap_or_default();
    if method.eq_ignore_ascii_case("getUpdates") {
        gateway.put_forged(&mut answer);
    }
    (status, axum::Json(answer)).into_response()
}
