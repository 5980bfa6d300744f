//! The business at large: its numbers, what is sold, and who did what.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::page::Page;
use super::query::Query;
use super::view::{EntryView, PlanView, StatsView};
use crate::actions::stats;
use crate::http::Shared;
use crate::http::operation::Operation;
use crate::http::problem::Problem;
use crate::store::StoreError;
use crate::store::audit::{self, Entry};

const KIND: &str = "audit";

/// Returns what can be asked for.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/stats", "get_stats", stats)
            .does("Look at the business in numbers", "")
            .gives::<StatsView>(StatusCode::OK, "Clients, bots, money and tasks in numbers."),
        Operation::get("/plans", "list_plans", plans)
            .does("List the plans", "What is sold now, cheapest first.")
            .gives::<Page<PlanView>>(StatusCode::OK, "The whole price list on one page."),
        Operation::get("/audit", "list_audit", audit)
            .does("Read the audit log", "Who did what, to which client.")
            .lists::<EntryView>("A page of the audit log, newest first."),
    ]
}

/// `GET /api/stats`
async fn stats(State(shared): State<Shared>) -> Result<Json<StatsView>, Problem> {
    let deps = &shared.site.deps;
    let stats = stats::stats(deps).await?;
    Ok(Json(StatsView::new(deps.clock.now(), shared.site.queue.get(), stats)))
}

/// `GET /api/plans`: the whole price list, cheapest first.
async fn plans(State(shared): State<Shared>) -> Json<Page<PlanView>> {
    let plans = shared.site.deps.config.plans.plans();
    Json(Page::whole(plans.iter().map(PlanView::from).collect()))
}

/// `GET /api/audit`
async fn audit(
    State(shared): State<Shared>,
    query: Query,
) -> Result<Json<Page<EntryView>>, Problem> {
    let asked = query.page()?;
    let before = asked.after(KIND, |bytes| bytes.try_into().ok().map(u64::from_be_bytes))?;
    let rows = asked.rows();
    let found = shared.site.deps.store.scan(move |snap| audit::list(snap, before, rows)).await;
    let found = found.map_err(|err: StoreError| Problem::from(err))?;
    let place = |(number, _): &(u64, Entry)| number.to_be_bytes().to_vec();
    Ok(Json(asked.page(KIND, found, place, |(_, entry)| EntryView::from(entry))))
}
