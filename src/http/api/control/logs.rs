//! What a client's bot has last written, for the command line.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::Held;
use crate::actions::read_log::{ReadLogError, read_log};
use crate::domain::ids::ClientId;
use crate::external::containers::MOST_LINES;
use crate::http::api::clients::NO_CLIENT;
use crate::http::api::id::Id;
use crate::http::api::query::Query;
use crate::http::problem::Problem;

/// How many lines are told if nobody says.
const USUAL_LINES: u16 = 100;

#[derive(Serialize)]
pub(super) struct LogView {
    client_id: String,
    lines: Vec<String>,
}

/// `GET /control/clients/{id}/logs?lines=<number>`
pub(super) async fn last(
    State(control): Held,
    Id(id): Id<ClientId>,
    mut query: Query,
) -> Result<Json<LogView>, Problem> {
    let lines = query.take("lines", lines)?.unwrap_or(USUAL_LINES);
    query.end()?;
    let lines = read_log(&control.site.deps, id, lines).await?;
    Ok(Json(LogView { client_id: id.to_string(), lines }))
}

fn lines(text: &str) -> Result<u16, &'static str> {
    let lines = text.parse().ok().filter(|lines| (1..=MOST_LINES).contains(lines));
    lines.ok_or("expected 1 to 1000")
}

impl From<ReadLogError> for Problem {
    fn from(err: ReadLogError) -> Self {
        match err {
            ReadLogError::UnknownClient => NO_CLIENT,
            ReadLogError::Runtime(_) | ReadLogError::Store(_) => Self::internal(err),
        }
    }
}
