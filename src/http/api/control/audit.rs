//! The audit log as it grows.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::Held;
use crate::http::api::query::Query;
use crate::http::api::view::EntryView;
use crate::http::problem::Problem;
use crate::store::StoreError;
use crate::store::audit;

/// The most lines of one answer.
const MOST: usize = 200;
/// How often the log is looked at while somebody waits.
const LOOK_EVERY: Duration = Duration::from_millis(200);
const LONGEST_WAIT: u64 = 30;

/// What came after a place in the log.
#[derive(Serialize)]
pub(super) struct Tail {
    items: Vec<EntryView>,
    /// Where to go on.
    from: u64,
}

/// `GET /control/audit?from=N&wait=S`: lines from number N on, oldest first; waits up to S seconds
/// for the first. Without N no lines, but the place where the next one will be.
pub(super) async fn since(State(control): Held, mut query: Query) -> Result<Json<Tail>, Problem> {
    let store = &control.site.deps.store;
    let from = query.take("from", str::parse::<u64>)?;
    let wait = query.take("wait", str::parse::<u64>)?.unwrap_or_default().min(LONGEST_WAIT);
    query.end()?;
    let Some(from) = from else {
        let last = store.read(|snap| audit::list(snap, None, 1))?;
        let from = last.first().map_or(0, |(number, _)| number + 1);
        return Ok(Json(Tail { items: Vec::new(), from }));
    };
    let deadline = Instant::now() + Duration::from_secs(wait);
    loop {
        let found = store.scan(move |snap| audit::since(snap, from, MOST)).await;
        let found = found.map_err(|err: StoreError| Problem::from(err))?;
        if let Some((last, _)) = found.last() {
            let from = last + 1;
            let items = found.iter().map(|(_, entry)| EntryView::from(entry)).collect();
            return Ok(Json(Tail { items, from }));
        }
        if Instant::now() >= deadline {
            return Ok(Json(Tail { items: Vec::new(), from }));
        }
        sleep(LOOK_EVERY).await;
    }
}
