//! Tasks: the jobs of the queue.

use axum::Json;
use axum::extract::State;

use super::id::Id;
use super::view::{QueueView, TaskView};
use crate::domain::ids::JobId;
use crate::http::Shared;
use crate::http::problem::Problem;
use crate::store::{StoreError, queue};

/// `GET /api/queue`
pub(super) async fn queue(State(shared): State<Shared>) -> Result<Json<QueueView>, Problem> {
    let deps = &shared.site.deps;
    let now = deps.clock.now();
    let overview = deps.store.scan(move |snap| queue::overview(snap, now)).await;
    let overview = overview.map_err(|err: StoreError| Problem::from(err))?;
    Ok(Json(QueueView::new(shared.site.queue.get(), overview)))
}

/// `GET /api/tasks/{id}`
pub(super) async fn show(
    State(shared): State<Shared>,
    Id(id): Id<JobId>,
) -> Result<Json<TaskView>, Problem> {
    let deps = &shared.site.deps;
    let now = deps.clock.now();
    let found = deps.store.read(|snap| queue::get(snap, id, now))?;
    found.map(|job| Json(job.into())).ok_or(Problem::NotFound("there is no such task"))
}
