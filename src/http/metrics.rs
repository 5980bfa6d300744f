//! `GET /metrics`: what is counted, for Prometheus; and the counting of requests themselves.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, FORWARDED};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::operation::Operation;
use super::problem::{Kind, Problem, no_route};
use crate::actions::measure::{Backups, Measures, measure};
use crate::deps::Deps;
use crate::metrics::{Page, write_process};
use crate::store::StoreError;
use crate::store::queue::{Counts, LANE_NAMES};

/// The store is looked at again after this many times as long as the last look took, so that
/// however large it is, and however often somebody asks, looking takes little of the time.
const REST: u32 = 20;
/// What a proxy adds to a request that it passes on.
const PASSED_ON: [&str; 3] = ["x-forwarded-for", "x-forwarded-proto", "x-real-ip"];

/// The last look at the store.
#[derive(Default)]
pub(super) struct Watch(tokio::sync::Mutex<Option<Look>>);

struct Look {
    measures: Measures,
    at: Instant,
    took: Duration,
}

impl Watch {
    /// Returns what the store shows, now or a little while ago.
    async fn measures(&self, deps: &Deps) -> Result<Measures, StoreError> {
        let mut last = self.0.lock().await;
        if let Some(look) = last.as_ref().filter(|look| look.at.elapsed() < look.took * REST) {
            return Ok(look.measures.clone());
        }
        let began = Instant::now();
        let before = last.take().map(|look| look.measures);
        let measures = measure(&deps.store, deps.clock.now(), before).await?;
        let look = Look { measures: measures.clone(), at: Instant::now(), took: began.elapsed() };
        *last = Some(look);
        Ok(measures)
    }
}

/// Returns what can be asked for.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/metrics", "get_metrics", metrics)
            .does("Read the metrics", "For Prometheus, on the host itself only.")
            .shows(StatusCode::OK, "text/plain", "What is counted.")
            .refuses(&[Kind::NotFound, Kind::Internal]),
    ]
}

/// `GET /metrics`. The numbers are the operator's: a request that a proxy passed on from outside
/// finds nothing here.
async fn metrics(State(shared): State<Shared>, headers: HeaderMap) -> Result<Response, Problem> {
    if PASSED_ON.iter().any(|name| headers.contains_key(*name)) || headers.contains_key(FORWARDED) {
        return Err(no_route().await);
    }
    let deps = &shared.site.deps;
    let measures = shared.watch.measures(deps).await?;
    let mut page = Page::default();
    let help = "Which version runs; always 1.";
    let version = env!("CARGO_PKG_VERSION");
    page.gauge(("slotbox_build_info", help), ["version"], [([version], 1)]);
    deps.metrics.write(&mut page);
    write_store(&mut page, deps, &measures);
    write_process(&mut page);
    let headers = [(CONTENT_TYPE, Page::CONTENT_TYPE), (CACHE_CONTROL, "no-store")];
    Ok((headers, page.into_text()).into_response())
}

fn write_store(page: &mut Page, deps: &Deps, measures: &Measures) {
    let commits = deps.store.pace();
    let help = "Time to bring a commit to the disk.";
    page.spread(("slotbox_commit_duration_seconds", help), &commits.commit_seconds);
    page.spread(("slotbox_commit_writes", "Writes that shared a commit."), &commits.commit_writes);
    let lanes = LANE_NAMES.into_iter().zip(measures.lanes);
    let jobs = lanes.clone().flat_map(|(lane, view)| {
        let Counts { queued, waiting, running, dead } = view.counts;
        [("queued", queued), ("waiting", waiting), ("running", running), ("dead", dead)]
            .map(|(state, count)| ([lane, state], count))
    });
    page.gauge(("slotbox_jobs", "Jobs that are not done."), ["queue", "state"], jobs);
    let ages = lanes.map(|(lane, view)| ([lane], view.oldest_ready.as_secs_f64()));
    let help = "How long the first job in line has waited; 0 if none does.";
    page.gauge(("slotbox_oldest_job_age_seconds", help), ["queue"], ages);
    let clients = measures.clients.iter().map(|(state, count)| ([*state], count));
    let help = "Clients, by the state of their subscription.";
    page.gauge(("slotbox_clients", help), ["state"], clients);
    let bots = measures.bots.iter().map(|(state, count)| ([*state], count));
    let help = "Clients' bots, by how they run.";
    page.gauge(("slotbox_bots", help), ["state"], bots);
    write_backups(page, deps, measures);
    let takings = &measures.takings;
    let takings = [(["yookassa"], takings.shop), (["manual"], takings.by_hand)];
    let help = "Money taken since the beginning, before refunds.";
    page.counter(("slotbox_revenue_kopecks_total", help), ["source"], takings);
}

fn write_backups(page: &mut Page, deps: &Deps, measures: &Measures) {
    let Backups { age, bytes, kept_bytes } = measures.backups;
    let every = deps.config.backup.every.as_secs_f64();
    let help =
        "Age of the last good backup; without one, how long there has been something to lose.";
    page.gauge(("slotbox_backup_age_seconds", help), [], [([], age.as_secs_f64())]);
    let help = "The time from one backup to the next, as it is set.";
    page.gauge(("slotbox_backup_interval_seconds", help), [], [([], every)]);
    let help = "What the files of the last good backup hold.";
    page.gauge(("slotbox_backup_bytes", help), [], [([], bytes)]);
    let help = "What the vault keeps for the last good backup.";
    page.gauge(("slotbox_backup_kept_bytes", help), [], [([], kept_bytes)]);
}

/// Counts a request and how long its answer took.
pub(super) async fn count(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let method = method(request.method());
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = path.filter(|path| !path.contains("{*")).unwrap_or("unmatched").to_owned();
    let began = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    shared.site.deps.metrics.http_answered(route, method, status, began.elapsed());
    response
}

/// Names the method; those that nobody knows are the caller's words, and counted as one.
fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
