//! Operators, for the command line.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use jiff::Timestamp;
use serde::Serialize;

use super::Held;
use crate::actions::operators::{LinkError, make_link, remove_operator};
use crate::domain::actor::Actor;
use crate::domain::ids::UserId;
use crate::external::telegram::CheckError;
use crate::http::problem::{Kind, Problem};
use crate::store::operators;

const NOT_BY_LINK: Problem =
    Problem::not_found("nobody of this number came by a link; others stand in telegram.operators");
const NO_MASTER: Problem =
    Problem::not_found("there is no Master Bot: telegram.master_token is not set");

#[derive(Serialize)]
pub(super) struct Operators {
    items: Vec<OperatorView>,
}

#[derive(Serialize)]
struct OperatorView {
    telegram_id: i64,
    /// `settings` or `link`.
    from: &'static str,
    since: Option<Timestamp>,
}

#[derive(Serialize)]
pub(super) struct LinkView {
    url: String,
    expires_at: Timestamp,
}

/// `GET /control/operators`
pub(super) async fn list(State(control): Held) -> Result<Json<Operators>, Problem> {
    let deps = &control.site.deps;
    let named = &deps.config.telegram.operators;
    let mut items: Vec<_> = named
        .iter()
        .map(|id| OperatorView { telegram_id: id.get(), from: "settings", since: None })
        .collect();
    for (id, since) in deps.store.read(|snap| operators::all(snap))? {
        items.push(OperatorView { telegram_id: id.get(), from: "link", since: Some(since) });
    }
    Ok(Json(Operators { items }))
}

/// `POST /control/operators/link`: makes the link that makes an operator.
pub(super) async fn link(
    State(control): Held,
    Extension(by): Extension<Actor>,
) -> Result<Json<LinkView>, Problem> {
    let link = make_link(&control.site.deps, by).await?;
    Ok(Json(LinkView { url: link.url, expires_at: link.until }))
}

/// `DELETE /control/operators/{id}`: removes one who came by a link.
pub(super) async fn remove(
    State(control): Held,
    Extension(by): Extension<Actor>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let person = UserId::new(id).map_err(|_| NOT_BY_LINK)?;
    let removed = remove_operator(&control.site.deps, person, by).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(NOT_BY_LINK) }
}

impl From<LinkError> for Problem {
    fn from(err: LinkError) -> Self {
        match err {
            LinkError::NoMaster => NO_MASTER,
            LinkError::Telegram(CheckError::Unauthorized | CheckError::Mismatch) => {
                Self::not_found("Telegram does not know telegram.master_token")
            }
            LinkError::Telegram(CheckError::Unreachable(_)) => Kind::TelegramUnavailable.into(),
            LinkError::Store(err) => err.into(),
            LinkError::Random(err) => Self::internal(err),
        }
    }
}
