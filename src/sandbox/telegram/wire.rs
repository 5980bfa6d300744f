//! The HTTP door: addresses, tokens, and faults on the way.

use std::io;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::answer::{Answer, Refusal, respond, status};
use super::bot::BotId;
use super::events::Call;
use super::faults::Fault;
use super::files::MAX_UPLOAD_BYTES;
use super::params::Params;
use super::{TelegramSim, control, methods, polling, webhook};

/// Returns everything that the server answers.
pub(super) fn router(sim: TelegramSim) -> Router {
    let limit = DefaultBodyLimit::max(MAX_UPLOAD_BYTES + 1024 * 1024);
    control::router().fallback(handle).layer(limit).with_state(sim)
}

/// Answers a request, or cuts the connection when the world ends.
async fn handle(State(sim): State<TelegramSim>, request: Request) -> Response {
    tokio::select! {
        response = route(&sim, request) => response,
        () = sim.0.stop.cancelled() => cut(),
    }
}

async fn route(sim: &TelegramSim, request: Request) -> Response {
    let path = decoded(request.uri().path());
    if let Some(rest) = path.strip_prefix("/file/bot") {
        return download(sim, rest).unwrap_or_else(IntoResponse::into_response);
    }
    let Some((token, method)) = path.strip_prefix("/bot").and_then(|rest| rest.split_once('/'))
    else {
        return Refusal::not_found().into_response();
    };
    let method = method.strip_prefix("test/").unwrap_or(method);
    call(sim, token, method, request).await
}

/// Resolves `%2F` and its like, which clients put into tokens and the paths of files.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%');
        let code =
            code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Performs a method, with whatever fault has been ordered for it.
///
/// The request is read first: to refuse one that is still being sent would cut its connection.
async fn call(sim: &TelegramSim, token: &str, method: &str, request: Request) -> Response {
    let params = Params::read(request).await;
    let chat = params.as_ref().ok().and_then(|params| params.integer("chat_id"));
    let fault = sim.faults().strike(method);
    let (status, response) = match fault {
        Some(Fault::CutBefore) => (0, cut()),
        Some(Fault::Status(code)) => (code, Refusal::of_status(code).into_response()),
        Some(Fault::Page(code)) => (code, page(code)),
        Some(Fault::RetryAfter(s)) => (429, Refusal::too_many_requests(s).into_response()),
        Some(Fault::CutAfter | Fault::Slow(_)) | None => {
            if let Some(Fault::Slow(delay)) = fault {
                tokio::time::sleep(delay).await;
            }
            let answer = match params {
                Ok(params) => answer(sim, token, method, &params).await,
                Err(refusal) => Err(refusal),
            };
            let lost = fault == Some(Fault::CutAfter);
            if lost { (0, cut()) } else { (status(&answer), respond(answer)) }
        }
    };
    log(sim, token, method, chat, status);
    response
}

/// Finds the bot and performs the method.
async fn answer(sim: &TelegramSim, token: &str, method: &str, params: &Params) -> Answer {
    let bot = authorize(sim, token)?;
    match method.to_ascii_lowercase().as_str() {
        "getupdates" => polling::get_updates(sim, bot, params).await,
        "setwebhook" => webhook::set(sim, bot, params),
        name => methods::perform(sim, bot, name, params),
    }
}

fn authorize(sim: &TelegramSim, token: &str) -> Result<BotId, Refusal> {
    let mut world = sim.world();
    let id = world.welcome(token).ok_or_else(Refusal::unauthorized)?;
    let out = world.bots.get(&id).and_then(|bot| bot.logged_out_until);
    if out.is_some_and(|until| world.now() < until) {
        return Err(Refusal::new(400, "Logged out".to_owned()));
    }
    Ok(id)
}

fn log(sim: &TelegramSim, token: &str, method: &str, chat: Option<i64>, status: u16) {
    let mut world = sim.world();
    if world.record.is_quiet() {
        return;
    }
    let bot = world.bot_of(token).and_then(|id| world.bots.get(&id));
    let bot = bot.map(|bot| bot.username.clone());
    world.record.call(Call { method: method.to_owned(), bot, chat, status });
}

/// Answers `/file/bot<token>/<path>`.
fn download(sim: &TelegramSim, rest: &str) -> Result<Response, Refusal> {
    let (token, path) = rest.split_once('/').ok_or_else(Refusal::not_found)?;
    let bot = authorize(sim, token)?;
    let world = sim.world();
    let file = world.files.at(bot, path).ok_or_else(Refusal::not_found)?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], file.bytes.clone()).into_response())
}

/// Returns a page such as a proxy shows when Telegram does not answer it.
fn page(code: u16) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY);
    let title = status.canonical_reason().unwrap_or_default();
    let page = format!("<html><head><title>{code} {title}</title></head></html>\r\n");
    (status, [(CONTENT_TYPE, "text/html")], page).into_response()
}

/// Cuts the connection: the body breaks off before a byte of the answer has left.
fn cut() -> Response {
    let broken = futures::stream::once(async {
        Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    (StatusCode::OK, Body::from_stream(broken)).into_response()
}
