//! A client's life: changing it, pausing it, bringing it back, removing it.

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};
use serde::Serialize;

use super::super::call::{By, Call};
use super::super::fields::{Fields, text};
use super::super::id::Id;
use super::super::query::Query;
use super::super::view::ClientView;
use super::{NO_CLIENT, person};
use crate::actions::change_client::{Change, change_client};
use crate::actions::remove::{Force, ask_removal};
use crate::actions::restart::ask_restart;
use crate::actions::resume::resume as resume_client;
use crate::actions::suspend::{LifeError, suspend as suspend_client};
use crate::domain::ids::{ClientId, JobId};
use crate::http::Shared;
use crate::http::problem::{Kind, Problem};

/// What a caller gets who had something begun that takes its time.
#[derive(Serialize)]
pub(in crate::http::api) struct Begun {
    client_id: String,
    task_id: String,
}

type Accepted = (StatusCode, [(HeaderName, String); 1], Json<Begun>);

fn accepted(client: ClientId, job: JobId) -> Accepted {
    let begun = Begun { client_id: client.to_string(), task_id: job.to_string() };
    let location = (LOCATION, format!("/api/tasks/{job}"));
    (StatusCode::ACCEPTED, [location], Json(begun))
}

/// `PATCH /api/clients/{id}`
pub(in crate::http::api) async fn change(
    State(shared): State<Shared>,
    Id(id): Id<ClientId>,
    call: Call,
) -> Result<Json<ClientView>, Problem> {
    let change = changed(call.fields()?)?;
    let client = change_client(&shared.site.deps, id, change, call.by).await?;
    Ok(Json(ClientView::from(&client)))
}

fn changed(mut fields: Fields<'_>) -> Result<Change, Problem> {
    let company = fields.optional("company_name", text);
    let owner = fields.optional("admin_telegram_id", person);
    let read = company.zip(owner).map(|(company, owner)| Change { company, owner });
    let change = fields.end(read)?;
    if change == Change::default() {
        return Err(Problem::field("", "expected company_name or admin_telegram_id"));
    }
    Ok(change)
}

/// `DELETE /api/clients/{id}`
pub(in crate::http::api) async fn remove(
    State(shared): State<Shared>,
    Id(id): Id<ClientId>,
    By(by): By,
    mut query: Query,
) -> Result<Accepted, Problem> {
    let force = query.take("force", str::parse::<bool>)?.unwrap_or_default();
    query.end()?;
    let force = if force { Force::Yes } else { Force::No };
    let job = ask_removal(&shared.site.deps, id, force, by).await?;
    Ok(accepted(id, job))
}

/// `POST /api/clients/{id}/suspend`
pub(in crate::http::api) async fn suspend(
    State(shared): State<Shared>,
    Id(id): Id<ClientId>,
    call: Call,
) -> Result<Json<ClientView>, Problem> {
    call.nothing()?;
    let client = suspend_client(&shared.site.deps, id, call.by).await?;
    Ok(Json(ClientView::from(&client)))
}

/// `POST /api/clients/{id}/resume`
pub(in crate::http::api) async fn resume(
    State(shared): State<Shared>,
    Id(id): Id<ClientId>,
    call: Call,
) -> Result<Json<ClientView>, Problem> {
    call.nothing()?;
    let client = resume_client(&shared.site.deps, id, call.by).await?;
    Ok(Json(ClientView::from(&client)))
}

/// `POST /api/clients/{id}/restart`
pub(in crate::http::api) async fn restart(
    State(shared): State<Shared>,
    Id(id): Id<ClientId>,
    call: Call,
) -> Result<Accepted, Problem> {
    call.nothing()?;
    let job = ask_restart(&shared.site.deps, id, call.by).await?;
    Ok(accepted(id, job))
}

impl From<LifeError> for Problem {
    fn from(err: LifeError) -> Self {
        match err {
            LifeError::UnknownClient => NO_CLIENT,
            LifeError::NothingPaid => Kind::NothingPaid.into(),
            LifeError::NothingToRun => Kind::NothingToRun.into(),
            LifeError::StillServes => Kind::StillServes.into(),
            LifeError::Store(_) => Self::internal(err),
        }
    }
}
