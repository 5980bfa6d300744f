//! The jobs of the queue, one by one.

use axum::Json;
use axum::extract::State;

use super::Held;
use crate::domain::ids::JobId;
use crate::http::api::page::Page;
use crate::http::api::query::Query;
use crate::http::api::view::TaskView;
use crate::http::problem::Problem;
use crate::store::queue::{self, JobRecord};

const KIND: &str = "tasks";

/// `GET /control/tasks`: all that the queue still knows of, newest first.
pub(super) async fn list(
    State(control): Held,
    query: Query,
) -> Result<Json<Page<TaskView>>, Problem> {
    let deps = &control.site.deps;
    let asked = query.page()?;
    let before = asked.after(KIND, |bytes| bytes.try_into().ok().map(u64::from_be_bytes))?;
    let (now, rows) = (deps.clock.now(), asked.rows());
    let list = deps.store.scan(move |snap| queue::list(snap, before.map(JobId), rows, now));
    let found = list.await.map_err(Problem::internal)?;
    let place = |job: &JobRecord| job.id.0.to_be_bytes().to_vec();
    Ok(Json(asked.page(KIND, found, place, |job| TaskView::from(job.clone()))))
}
