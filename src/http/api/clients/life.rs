//! A client's life: changing it, pausing it, bringing it back, removing it.

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};

use super::super::call::{BareCall, Call};
use super::super::id::Id;
use super::super::query::Query;
use super::super::view::ClientView;
use super::{CLIENT, NO_CLIENT, unavailable};
use crate::actions::back_up_client::{BackUpError, ask_backup};
use crate::actions::change_client::{Change, change_client};
use crate::actions::change_token::{AnotherBot, ChangeTokenError, NewToken, change_token};
use crate::actions::remove::{Force, ask_removal};
use crate::actions::restart::ask_restart;
use crate::actions::resume::resume as resume_client;
use crate::actions::suspend::{LifeError, suspend as suspend_client};
use crate::domain::client::CompanyName;
use crate::domain::ids::{ClientId, JobId, UserId};
use crate::domain::token::BotToken;
use crate::http::Shared;
use crate::http::operation::Operation;
use crate::http::problem::{Kind, Problem};
use crate::http::shape::{Nothing, Shown, body, view};

view! {
    /// Something was begun that takes its time.
    Begun("Begun") {
        /// The client.
        client_id: Shown<ClientId>,
        /// The task that does it.
        task_id: Shown<JobId>,
    }
}

body! {
    /// What is to be changed; what is not given stays.
    ChangeBody("ClientChange") {
        required {}
        optional {
            /// The business's new name.
            company_name: CompanyName,
            /// The new owner: pays from now on, and is the bot's first administrator.
            admin_telegram_id: UserId,
            /// A new token for the client's bot. It is checked with Telegram, and the bot is called
            /// under it at once.
            bot_token: BotToken,
            /// Take the token also if it is of another bot: its customers have to start that one.
            another_bot: bool,
        }
    }
}

type Accepted = (StatusCode, [(HeaderName, String); 1], Json<Begun>);

/// Returns what can be asked for.
#[expect(clippy::too_many_lines, reason = "a list is read in one go")]
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::patch("/clients/{id}", "change_client", change)
            .does("Change a client", "Its bot hears of the change at once.")
            .on::<ClientId>(CLIENT)
            .takes::<ChangeBody>()
            .gives::<ClientView>(StatusCode::OK, "The client as it is now.")
            .refuses(&[
                Kind::BotTaken,
                Kind::HostsOwn,
                Kind::AnotherBot,
                Kind::TelegramUnavailable,
            ]),
        Operation::delete("/clients/{id}", "delete_client", remove)
            .does(
                "Remove a client",
                "Ends the subscription, stops the bot and deletes the bot's \
                data and token. Payments, orders and the audit log stay. A client that still \
                serves customers is removed only by force.",
            )
            .on::<ClientId>(CLIENT)
            .query::<bool>("force", "Remove it though its bot serves customers.")
            .once()
            .gives::<Begun>(StatusCode::ACCEPTED, "The bot is being removed.")
            .located()
            .leads("/task_id", &["get_task"])
            .refuses(&[Kind::StillServes, Kind::BodyTooSlow, Kind::BodyTooLarge]),
        Operation::post("/clients/{id}/suspend", "suspend_client", suspend)
            .does("Pause a client", "Its bot answers that it is paused; paid time runs on.")
            .on::<ClientId>(CLIENT)
            .once()
            .takes::<Nothing>()
            .gives::<ClientView>(StatusCode::OK, "The client as it is now."),
        Operation::post("/clients/{id}/resume", "resume_client", resume)
            .does("Resume a client", "Ends the pause, if paid time is left.")
            .on::<ClientId>(CLIENT)
            .once()
            .takes::<Nothing>()
            .gives::<ClientView>(StatusCode::OK, "The client as it is now.")
            .refuses(&[Kind::NothingPaid]),
        Operation::post("/clients/{id}/backup", "back_up_client", back_up)
            .does(
                "Back up a client",
                "Its bot copies its database and sends the copy, which is \
                looked through and kept on the host, below `backups/clients` of the data \
                directory. The task is done when it is.",
            )
            .on::<ClientId>(CLIENT)
            .once()
            .takes::<Nothing>()
            .gives::<Begun>(StatusCode::ACCEPTED, "The client is being backed up.")
            .located()
            .leads("/task_id", &["get_task"])
            .refuses(&[Kind::NothingToRun]),
        Operation::post("/clients/{id}/restart", "restart_client", restart)
            .does("Restart a client's bot", "")
            .on::<ClientId>(CLIENT)
            .once()
            .takes::<Nothing>()
            .gives::<Begun>(StatusCode::ACCEPTED, "The bot is being restarted.")
            .located()
            .leads("/task_id", &["get_task"])
            .refuses(&[Kind::NothingToRun]),
    ]
}

fn accepted(client: ClientId, job: JobId) -> Accepted {
    let begun = Begun { client_id: client.into(), task_id: job.into() };
    let location = (LOCATION, format!("/api/tasks/{job}"));
    (StatusCode::ACCEPTED, [location], Json(begun))
}

/// `PATCH /api/clients/{id}`
async fn change(
    State(shared): State<Shared>,
    Id(id): Id<ClientId>,
    call: Call,
) -> Result<Json<ClientView>, Problem> {
    let body: ChangeBody = call.body()?;
    let deps = &shared.site.deps;
    if let Some(token) = body.bot_token {
        let take = body.another_bot.unwrap_or_default();
        let another_bot = if take { AnotherBot::Take } else { AnotherBot::Refuse };
        let new = NewToken { client: id, token, another_bot, by: call.by };
        change_token(deps, call.cause, new).await?;
    }
    let change = Change { company: body.company_name, owner: body.admin_telegram_id };
    let client = change_client(deps, id, change, call.by).await?;
    Ok(Json(ClientView::from(&client)))
}

/// `DELETE /api/clients/{id}`
async fn remove(
    State(shared): State<Shared>,
    Id(id): Id<ClientId>,
    call: BareCall,
    mut query: Query,
) -> Result<Accepted, Problem> {
    let force = query.take("force", str::parse::<bool>)?.unwrap_or_default();
    query.end()?;
    let force = if force { Force::Yes } else { Force::No };
    let job = ask_removal(&shared.site.deps, call.cause, id, force, call.by).await?;
    Ok(accepted(id, job))
}

/// `POST /api/clients/{id}/suspend`
async fn suspend(
    State(shared): State<Shared>,
    Id(id): Id<ClientId>,
    call: Call,
) -> Result<Json<ClientView>, Problem> {
    let Nothing = call.body()?;
    let client = suspend_client(&shared.site.deps, call.cause, id, call.by).await?;
    Ok(Json(ClientView::from(&client)))
}

/// `POST /api/clients/{id}/resume`
async fn resume(
    State(shared): State<Shared>,
    Id(id): Id<ClientId>,
    call: Call,
) -> Result<Json<ClientView>, Problem> {
    let Nothing = call.body()?;
    let client = resume_client(&shared.site.deps, call.cause, id, call.by).await?;
    Ok(Json(ClientView::from(&client)))
}

/// `POST /api/clients/{id}/restart`
async fn restart(
    State(shared): State<Shared>,
    Id(id): Id<ClientId>,
    call: Call,
) -> Result<Accepted, Problem> {
    let Nothing = call.body()?;
    let job = ask_restart(&shared.site.deps, call.cause, id, call.by).await?;
    Ok(accepted(id, job))
}

/// `POST /api/clients/{id}/backup`
async fn back_up(
    State(shared): State<Shared>,
    Id(id): Id<ClientId>,
    call: Call,
) -> Result<Accepted, Problem> {
    let Nothing = call.body()?;
    let job = ask_backup(&shared.site.deps, call.cause, id, call.by).await?;
    Ok(accepted(id, job))
}

impl From<BackUpError> for Problem {
    fn from(err: BackUpError) -> Self {
        match err {
            BackUpError::UnknownClient => NO_CLIENT,
            BackUpError::NothingToRun => Kind::NothingToRun.into(),
            BackUpError::KeyReused(_) => Kind::KeyReused.into(),
            _ => Self::internal(err),
        }
    }
}

impl From<LifeError> for Problem {
    fn from(err: LifeError) -> Self {
        match err {
            LifeError::UnknownClient => NO_CLIENT,
            LifeError::NothingPaid => Kind::NothingPaid.into(),
            LifeError::NothingToRun => Kind::NothingToRun.into(),
            LifeError::StillServes => Kind::StillServes.into(),
            LifeError::KeyReused(_) => Kind::KeyReused.into(),
            LifeError::Store(_) => Self::internal(err),
        }
    }
}

impl From<ChangeTokenError> for Problem {
    fn from(err: ChangeTokenError) -> Self {
        match err {
            ChangeTokenError::UnknownClient => NO_CLIENT,
            ChangeTokenError::HostsOwn => Kind::HostsOwn.into(),
            ChangeTokenError::BadToken => Self::field("bot_token", err.to_string()),
            ChangeTokenError::Unchecked(err) => unavailable(&err),
            ChangeTokenError::BotTaken => Kind::BotTaken.into(),
            ChangeTokenError::AnotherBot { .. } => {
                Self::new(Kind::AnotherBot).with_detail(err.to_string())
            }
            ChangeTokenError::KeyReused(_) => Kind::KeyReused.into(),
            ChangeTokenError::Seal(_) | ChangeTokenError::Store(_) => Self::internal(err),
        }
    }
}
