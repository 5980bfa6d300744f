//! Tasks: the jobs of the queue.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::call::Call;
use super::id::Id;
use super::view::{QueueView, TaskView};
use crate::actions::retry_task::{RetryTaskError, retry_task};
use crate::domain::ids::JobId;
use crate::http::Shared;
use crate::http::operation::Operation;
use crate::http::problem::{Kind, Problem};
use crate::http::shape::Nothing;
use crate::store::{StoreError, queue};

const NO_TASK: Problem = Problem::not_found("there is no such task");

/// Returns what can be asked for.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/queue", "get_queue", queue)
            .does("Look at the queue", "")
            .gives::<QueueView>(StatusCode::OK, "The queue at a glance."),
        Operation::get("/tasks/{id}", "get_task", show)
            .does("Look at a task", "Done tasks are kept for a week, dead ones for a month.")
            .on::<JobId>("The task's id.")
            .gives::<TaskView>(StatusCode::OK, "The task.")
            .leads("/task_id", &["retry_task"]),
        Operation::post("/tasks/{id}/retry", "retry_task", retry)
            .does("Try a dead task again", "It goes back in line with all its attempts.")
            .on::<JobId>("The task's id.")
            .once()
            .takes::<Nothing>()
            .gives::<TaskView>(StatusCode::OK, "The task as it is now.")
            .refuses(&[Kind::TaskNotDead]),
    ]
}

/// `GET /api/queue`
async fn queue(State(shared): State<Shared>) -> Result<Json<QueueView>, Problem> {
    let deps = &shared.site.deps;
    let now = deps.clock.now();
    let overview = deps.store.scan(move |snap| queue::overview(snap, now)).await;
    let overview = overview.map_err(|err: StoreError| Problem::from(err))?;
    Ok(Json(QueueView::new(shared.site.queue.get(), overview)))
}

/// `GET /api/tasks/{id}`
async fn show(State(shared): State<Shared>, Id(id): Id<JobId>) -> Result<Json<TaskView>, Problem> {
    let deps = &shared.site.deps;
    let now = deps.clock.now();
    let found = deps.store.read(|snap| queue::get(snap, id, now))?;
    found.map(|job| Json(job.into())).ok_or(NO_TASK)
}

/// `POST /api/tasks/{id}/retry`
async fn retry(
    State(shared): State<Shared>,
    Id(id): Id<JobId>,
    call: Call,
) -> Result<Json<TaskView>, Problem> {
    let Nothing = call.body()?;
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
