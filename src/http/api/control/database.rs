//! What the database file tells of itself, for the command line.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::Held;
use crate::http::problem::Problem;
use crate::store::Facts;

#[derive(Serialize)]
pub(super) struct DatabaseView {
    path: String,
    bytes: Option<u64>,
    schema: Option<u64>,
    release: Option<String>,
}

/// `GET /control/database`
pub(super) async fn show(State(control): Held) -> Result<Json<DatabaseView>, Problem> {
    let facts = control.site.deps.store.read(|snap| Facts::of(snap))?;
    Ok(Json(DatabaseView {
        path: control.database.display().to_string(),
        bytes: std::fs::metadata(&control.database).ok().map(|file| file.len()),
        schema: facts.schema,
        release: facts.release.map(|it| it.to_string()),
    }))
}
