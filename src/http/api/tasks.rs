//! Tasks: the jobs of the queue, and the business in numbers.

use axum::Json;
use axum::extract::State;

use super::call::Call;
use super::id::Id;
use super::view::{QueueView, StatsView, TaskView};
use crate::actions::retry_task::{RetryTaskError, retry_task};
use crate::actions::stats;
use crate::domain::ids::JobId;
use crate::http::Shared;
use crate::http::problem::{Kind, Problem};
use crate::store::{StoreError, queue};

const NO_TASK: Problem = Problem::not_found("there is no such task");

/// `GET /api/stats`
pub(super) async fn stats(State(shared): State<Shared>) -> Result<Json<StatsView>, Problem> {
    let deps = &shared.site.deps;
    let stats = stats::stats(deps).await?;
    Ok(Json(StatsView::new(deps.clock.now(), shared.site.queue.get(), stats)))
}

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
    found.map(|job| Json(job.into())).ok_or(NO_TASK)
}

/// `POST /api/tasks/{id}/retry`
pub(super) async fn retry(
    State(shared): State<Shared>,
    Id(id): Id<JobId>,
    call: Call,
) -> Result<Json<TaskView>, Problem> {
    call.nothing()?;
    let task = retry_task(&shared.site.deps, call.cause, id, call.by).await?;
    Ok(Json(task.into()))
}

impl From<RetryTaskError> for Problem {
    fn from(err: RetryTaskError) -> Self {
        match err {
            RetryTaskError::UnknownTask => NO_TASK,
            RetryTaskError::NotDead => Kind::TaskNotDead.into(),
            RetryTaskError::KeyReused(_) => Kind::KeyReused.into(),
            RetryTaskError::Store(_) => Self::internal(err),
        }
    }
}
