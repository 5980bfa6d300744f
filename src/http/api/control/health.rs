//! How a client's bot is, for the command line.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;

use super::Held;
use crate::domain::ids::ClientId;
use crate::http::api::clients::NO_CLIENT;
use crate::http::api::id::Id;
use crate::http::problem::Problem;
use crate::store::clients;

#[derive(Serialize)]
pub(super) struct HealthView {
    client_id: String,
    /// Whether it has reported of late.
    healthy: bool,
    reported_seconds_ago: Option<u64>,
    last_update_at: Option<Timestamp>,
    updates_handled: u64,
    updates_tried_again: u64,
    updates_given_up: u64,
}

/// `GET /control/clients/{id}/health`
pub(super) async fn of(
    State(control): Held,
    Id(id): Id<ClientId>,
) -> Result<Json<HealthView>, Problem> {
    let deps = &control.site.deps;
    deps.store.read(|snap| clients::get(snap, id))?.ok_or(NO_CLIENT)?;
    let work = deps.health.work(id);
    Ok(Json(HealthView {
        client_id: id.to_string(),
        healthy: deps.health.is_healthy(id),
        reported_seconds_ago: deps.health.last_report(id).map(|ago| ago.as_secs()),
        last_update_at: work.last_update,
        updates_handled: work.handled,
        updates_tried_again: work.tried_again,
        updates_given_up: work.given_up,
    }))
}
