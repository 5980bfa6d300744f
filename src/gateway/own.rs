//! What the gateway itself answers: the client's profile, and its reports of health.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use tokio::time::timeout;

use super::profile::Profile;
use super::rooms::Room;
use crate::actions::back_up_client::{BackUpError, receive};
use crate::metrics::{Handled, UPDATE_RESULTS};

/// No question for the profile waits longer.
const LONGEST_WAIT_S: u64 = 50;
/// No bot handles more updates between two reports, or spends more seconds on them.
const MOST_UPDATES: u64 = 100_000;
const LONGEST_SUM_S: f64 = 100_000.0;

/// `GET /profile?known=<version>&wait=<seconds>`.
#[derive(Debug, Deserialize)]
pub(super) struct Question {
    known: Option<u64>,
    #[serde(default)]
    wait: u64,
}

/// `POST /report`.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    state: ReportedState,
    version: String,
    #[serde(default)]
    updates: Updates,
    /// How many visits are booked and still to come.
    #[serde(default)]
    bookings: Option<u64>,
}

/// `PUT /backup?number=<number>`.
#[derive(Debug, Deserialize)]
pub(super) struct Copy {
    number: u64,
}

/// What became of the client's updates since its last report.
#[derive(Debug, Default, Deserialize)]
struct Updates {
    results: [u64; UPDATE_RESULTS.len()],
    seconds: Vec<u64>,
    sum: f64,
}

impl Updates {
    /// Takes no more for true than one bot can do between two reports: what a client says must not
    /// spoil the counts of all.
    fn believable(self) -> Handled {
        let few = |count: u64| count.min(MOST_UPDATES);
        Handled {
            results: self.results.map(few),
            seconds: self.seconds.into_iter().map(few).collect(),
            sum: self.sum.clamp(0.0, LONGEST_SUM_S),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ReportedState {
    Healthy,
}

/// `GET /profile`: at once if it is not the one that is known, else when it changes, and after
/// the wait in any case.
pub(super) async fn profile(
    State(room): State<Room>,
    question: Result<Query<Question>, QueryRejection>,
) -> Result<Json<Profile>, StatusCode> {
    let Query(question) = question.map_err(|_| StatusCode::BAD_REQUEST)?;
    let mut profile = room.profile.clone();
    let wait = Duration::from_secs(question.wait.min(LONGEST_WAIT_S));
    let is_new = |profile: &Profile| question.known != Some(profile.version);
    let changed = timeout(wait, profile.wait_for(is_new)).await;
    if let Ok(Ok(profile)) = changed {
        return Ok(Json(profile.clone()));
    }
    Ok(Json(room.profile.borrow().clone()))
}

/// `POST /report`: the client's process is well.
pub(super) async fn report(
    State(room): State<Room>,
    report: Result<Json<Report>, JsonRejection>,
) -> Result<StatusCode, StatusCode> {
    let Json(Report { state, version, updates, bookings }) =
        report.map_err(|_| StatusCode::BAD_REQUEST)?;
    let (client, handled, now) =
        (room.line.tenant.client, updates.believable(), room.deps.clock.now());
    match state {
        ReportedState::Healthy => room.health.report_with(client, bookings, &handled, now),
    }
    room.line.upstream.meter().absorb(&handled);
    tracing::trace!(event = "client.reported", %client,
        version_bytes = version.len(), "the client's process is well");
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /backup`: the copy of the client's database that was wished for under this number.
pub(super) async fn backup(
    State(room): State<Room>,
    copy: Result<Query<Copy>, QueryRejection>,
    body: Body,
) -> StatusCode {
    let Ok(Query(Copy { number })) = copy else { return StatusCode::BAD_REQUEST };
    let client = room.line.tenant.client;
    match receive(&room.deps, client, number, body.into_data_stream()).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(err) => {
            let error = &err as &dyn std::error::Error;
            tracing::warn!(event = "backup.refused", %client, error, "a copy was not taken in");
            match err {
                BackUpError::NotWished => StatusCode::CONFLICT,
                BackUpError::BrokeOff | BackUpError::Unsound(_) => StatusCode::BAD_REQUEST,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            }
        }
    }
}
