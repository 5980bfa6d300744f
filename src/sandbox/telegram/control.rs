//! `/sandbox/..`: the people's side over HTTP, for the demo's chat page and for bots in other
//! languages.

use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::TelegramSim;
use super::chat::Chat;
use super::faults::Fault;

/// The longest wait for events.
const LONGEST_WAIT_S: u64 = 50;

/// Returns the control routes.
pub(super) fn router() -> Router<TelegramSim> {
    Router::new()
        .route("/sandbox/bots", get(bots).post(add_bot))
        .route("/sandbox/chats", get(chats))
        .route("/sandbox/events", get(events))
        .route("/sandbox/faults", post(fault))
        .route("/sandbox/chats/{bot}/{person}/messages", get(messages))
        .route("/sandbox/chats/{bot}/{person}/files/{message}", get(file))
        .route("/sandbox/chats/{bot}/{person}/send", post(send))
        .route("/sandbox/chats/{bot}/{person}/document", post(document))
        .route("/sandbox/chats/{bot}/{person}/contact", post(contact))
        .route("/sandbox/chats/{bot}/{person}/press", post(press))
        .route("/sandbox/chats/{bot}/{person}/block", post(block))
        .route("/sandbox/chats/{bot}/{person}/unblock", post(unblock))
}

#[derive(Deserialize)]
struct NewBot {
    name: String,
    username: String,
}

async fn add_bot(State(sim): State<TelegramSim>, Json(bot): Json<NewBot>) -> Json<Value> {
    Json(json!({"token": sim.add_bot(&bot.name, &bot.username)}))
}

async fn bots(State(sim): State<TelegramSim>) -> Json<Value> {
    let world = sim.world();
    let mut bots: Vec<_> = world.bots.values().map(|bot| (&bot.username, &bot.name)).collect();
    bots.sort();
    let item = |(username, name)| json!({"username": username, "name": name});
    Json(bots.into_iter().map(item).collect())
}

async fn chats(State(sim): State<TelegramSim>) -> Json<Value> {
    let chats = sim.world().chat_list();
    let item = |(bot, id, name)| json!({"bot": bot, "person": {"id": id, "name": name}});
    Json(chats.into_iter().map(item).collect())
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: usize,
    #[serde(default)]
    wait_s: u64,
}

/// Events from the number `after` on; if there are none, waits `wait_s` for one.
async fn events(State(sim): State<TelegramSim>, Query(query): Query<After>) -> Json<Value> {
    let mut live = sim.events();
    if sim.world().record.events().len() <= query.after {
        let wait = Duration::from_secs(query.wait_s.min(LONGEST_WAIT_S));
        tokio::select! {
            _ = tokio::time::timeout(wait, live.recv()) => {}
            () = sim.0.stop.cancelled() => {}
        }
    }
    let world = sim.world();
    Json(json!(world.record.events().get(query.after..).unwrap_or_default()))
}

/// A chat is named by the bot's username and the person's name or id.
type Named = (State<TelegramSim>, Path<(String, String)>);

fn chat((State(sim), Path((bot, person))): &Named) -> Result<Chat, Problem> {
    chat_of(sim, bot, person)
}

fn chat_of(sim: &TelegramSim, bot: &str, person: &str) -> Result<Chat, Problem> {
    if sim.world().find_bot(bot).is_none() {
        return Err(Problem("there is no such bot"));
    }
    let person = match person.parse() {
        Ok(id) => {
            let known = sim
                .world()
                .account(super::person::PersonId(id))
                .map(|account| account.name.clone());
            sim.person_with_id(id, known.as_deref().unwrap_or(person))
        }
        Err(_) => sim.person(person),
    };
    Ok(sim.chat(bot, &person))
}

/// What was asked for does not exist.
struct Problem(&'static str);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (StatusCode::NOT_FOUND, Json(json!({"error": self.0}))).into_response()
    }
}

/// What a door answers when there is nothing to tell.
type Done = Result<Json<Value>, Problem>;

/// Lets the person do something in the chat.
fn act(named: &Named, deed: impl FnOnce(&Chat)) -> Done {
    deed(&chat(named)?);
    Ok(Json(json!({"ok": true})))
}

async fn messages(named: Named) -> Done {
    let chat = chat(&named)?;
    let (messages, keyboard) = (chat.messages(), chat.keyboard());
    Ok(Json(json!({"chat_id": chat.id(), "messages": messages, "keyboard": keyboard})))
}

/// The file in a message, as the person saves it.
async fn file(
    State(sim): State<TelegramSim>,
    Path((bot, person, message)): Path<(String, String, i64)>,
) -> Result<Response, Problem> {
    let messages = chat_of(&sim, &bot, &person)?.messages();
    let message = messages.into_iter().find(|found| found.id == message);
    let attachment = message.and_then(|message| message.attachment);
    let attachment = attachment.ok_or(Problem("there is no such file"))?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], attachment.bytes).into_response())
}

#[derive(Deserialize)]
struct Said {
    text: String,
}

async fn send(named: Named, Json(said): Json<Said>) -> Done {
    act(&named, |chat| chat.send(&said.text))
}

#[derive(Deserialize)]
struct Document {
    name: String,
    text: String,
}

async fn document(named: Named, Json(document): Json<Document>) -> Done {
    act(&named, |chat| chat.send_document(&document.name, document.text))
}

#[derive(Deserialize)]
struct Contact {
    phone: String,
}

async fn contact(named: Named, Json(contact): Json<Contact>) -> Done {
    act(&named, |chat| chat.send_contact(&contact.phone))
}

#[derive(Deserialize)]
struct Pressed {
    button: String,
}

async fn press(named: Named, Json(pressed): Json<Pressed>) -> Done {
    chat(&named)?.press(&pressed.button).map_err(|_| Problem("there is no such button"))?;
    Ok(Json(json!({"ok": true})))
}

async fn block(named: Named) -> Done {
    act(&named, Chat::block)
}

async fn unblock(named: Named) -> Done {
    act(&named, Chat::unblock)
}

/// A fault that the next call of a method meets.
#[derive(Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
enum Ordered {
    CutBefore { method: String },
    CutAfter { method: String },
    Status { method: String, code: u16 },
    Page { method: String, code: u16 },
    RetryAfter { method: String, seconds: u32 },
}

async fn fault(State(sim): State<TelegramSim>, Json(ordered): Json<Ordered>) -> Json<Value> {
    let (method, fault) = match ordered {
        Ordered::CutBefore { method } => (method, Fault::CutBefore),
        Ordered::CutAfter { method } => (method, Fault::CutAfter),
        Ordered::Status { method, code } => (method, Fault::Status(code)),
        Ordered::Page { method, code } => (method, Fault::Page(code)),
        Ordered::RetryAfter { method, seconds } => (method, Fault::RetryAfter(seconds)),
    };
    sim.faults().once(&method, fault);
    Json(json!({"ok": true}))
}
