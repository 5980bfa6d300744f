//! What is sold, and who did what.

use axum::Json;
use axum::extract::State;

use super::page::Page;
use super::query::Query;
use super::view::{EntryView, PlanView};
use crate::http::Shared;
use crate::http::problem::Problem;
use crate::store::StoreError;
use crate::store::audit::{self, Entry};

const KIND: &str = "audit";

/// `GET /api/plans`: the whole price list, cheapest first.
pub(super) async fn plans(State(shared): State<Shared>) -> Json<Page<PlanView>> {
    let plans = shared.site.deps.config.plans.plans();
    Json(Page::whole(plans.iter().map(PlanView::from).collect()))
}

/// `GET /api/audit`
pub(super) async fn audit(
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
