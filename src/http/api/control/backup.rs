//! The host's backups, for the command line.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use super::Held;
use crate::actions::back_up::{AskError, ask_backup};
use crate::domain::backup::{Failed, Made, Record};
use crate::http::api::call::BareCall;
use crate::http::problem::{Kind, Problem};
use crate::store::host_backups;

/// What is remembered of the host's backups.
#[derive(Serialize)]
pub(super) struct BackupView {
    last_success_at: Option<Timestamp>,
    last: Option<MadeView>,
    /// What failed since.
    failure: Option<FailedView>,
    /// What is wrong with the place that backups go to.
    trouble: Option<TroubleView>,
    every_seconds: i64,
    keep: u32,
    destination: String,
}

/// A backup that was made and verified.
#[derive(Serialize)]
pub(super) struct MadeView {
    id: String,
    began_at: Timestamp,
    ended_at: Timestamp,
    files: u64,
    bytes: u64,
    kept_bytes: u64,
    stored_bytes: u64,
    clients: u64,
    clients_carried: u64,
    oldest_copy_at: Option<Timestamp>,
    clients_missing: u64,
}

#[derive(Serialize)]
struct FailedView {
    at: Timestamp,
    why: String,
    cure: String,
}

#[derive(Serialize)]
struct TroubleView {
    why: String,
    cure: String,
}

#[derive(Serialize)]
pub(super) struct Begun {
    task_id: String,
}

/// `GET /control/backup`
pub(super) async fn show(State(control): Held) -> Result<Json<BackupView>, Problem> {
    let deps = &control.site.deps;
    let record = deps.store.read(|snap| host_backups::get(snap))?;
    Ok(Json(BackupView::new(deps, record)))
}

/// `POST /control/backup`: queues one, and names the job.
pub(super) async fn create(
    State(control): Held,
    BareCall { cause, by }: BareCall,
) -> Result<(StatusCode, Json<Begun>), Problem> {
    let job = ask_backup(&control.site.deps, cause, by).await?;
    Ok((StatusCode::ACCEPTED, Json(Begun { task_id: job.to_string() })))
}

impl BackupView {
    pub(super) fn new(deps: &crate::deps::Deps, record: Record) -> Self {
        let trouble = deps.vault.trouble().map(|it| TroubleView { why: it.why, cure: it.cure });
        Self {
            last_success_at: record.made.as_ref().map(|it| it.began_at),
            last: record.made.map(MadeView::from),
            failure: record.failed.map(|Failed { at, why, cure }| FailedView { at, why, cure }),
            trouble,
            every_seconds: deps.config.backup.every.as_secs(),
            keep: deps.config.backup.keep,
            destination: deps.vault.destination().to_owned(),
        }
    }
}

impl From<AskError> for Problem {
    fn from(err: AskError) -> Self {
        match err {
            AskError::KeyReused(_) => Kind::KeyReused.into(),
            AskError::Store(err) => err.into(),
        }
    }
}

impl From<Made> for MadeView {
    fn from(made: Made) -> Self {
        Self {
            id: made.id,
            began_at: made.began_at,
            ended_at: made.ended_at,
            files: made.files,
            bytes: made.bytes,
            kept_bytes: made.kept_bytes,
            stored_bytes: made.stored_bytes,
            clients: made.clients.all,
            clients_carried: made.clients.carried,
            oldest_copy_at: made.clients.oldest,
            clients_missing: made.clients.missing,
        }
    }
}
