//! The audit log as it grows.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use tokio::time::{Instant, sleep};
use url::form_urlencoded;

use super::Held;
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

/// What is asked for.
struct Asked {
    from: Option<u64>,
    wait: Duration,
}

/// `GET /control/audit?from=N&wait=S`: lines from number N on, oldest first; waits up to S seconds
/// for the first. Without N no lines, but the place where the next one will be.
pub(super) async fn since(
    State(control): Held,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
) -> Result<Json<Tail>, Problem> {
    let store = &control.site.deps.store;
    let asked = Asked::read(query.as_deref().unwrap_or_default())?;
    let Some(from) = asked.from else {
        let last = store.read(|snap| audit::list(snap, None, 1))?;
        let from = last.first().map_or(0, |(number, _)| number + 1);
        return Ok(Json(Tail { items: Vec::new(), from }));
    };
    let deadline = Instant::now() + asked.wait;
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

impl Asked {
    fn read(query: &str) -> Result<Self, Problem> {
        let mut asked = Self { from: None, wait: Duration::ZERO };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let number = value.parse::<u64>();
            let number =
                number.map_err(|_| Problem::Malformed(format!("{name} is a whole number")));
            match &*name {
                "from" => asked.from = Some(number?),
                "wait" => asked.wait = Duration::from_secs(number?.min(LONGEST_WAIT)),
                _ => {}
            }
        }
        Ok(asked)
    }
}
