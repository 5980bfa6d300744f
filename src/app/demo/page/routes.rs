//! The page's addresses: itself, its files, its events, and what can be done.

mod deeds;
mod guard;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::middleware::from_fn;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::people::Role;
use super::stage::Stage;
use super::{live, view};
use crate::domain::locale::Locale;
use crate::sandbox::telegram::AttachmentKind;
use crate::texts::Words;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const ICON: &str = include_str!("icon.svg");

/// What the handlers stand on.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) stage: Stage,
    pub(super) locale: Locale,
    pub(super) stop: CancellationToken,
}

/// Returns everything that the page's server answers.
pub(super) fn router(shared: Shared) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/events", get(events))
        .route("/page.css", get(async || file("text/css; charset=utf-8", STYLE)))
        .route("/page.js", get(async || file("text/javascript; charset=utf-8", SCRIPT)))
        .route("/icon.svg", get(async || file("image/svg+xml", ICON)))
        .route("/file/{role}/{bot}/{message}", get(attachment))
        .route("/say", post(deeds::say))
        .route("/press", post(deeds::press))
        .route("/read", post(deeds::read))
        .route("/botfather", post(deeds::new_bot))
        .route("/block", post(deeds::block))
        .route("/clock", post(deeds::clock))
        .route("/break", post(deeds::break_it))
        .layer(from_fn(guard::guard))
        .with_state(shared)
}

fn file(kind: &'static str, text: &'static str) -> ([(HeaderName, &'static str); 2], &'static str) {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], text)
}

/// What the address asks for: a language, and which chat each phone shows.
#[derive(Default, Deserialize)]
struct Asked {
    lang: Option<String>,
    operator: Option<String>,
    owner: Option<String>,
    customer: Option<String>,
}

impl Asked {
    fn locale(&self, usual: Locale) -> Locale {
        match self.lang.as_deref() {
            Some("en") => Locale::En,
            Some("ru") => Locale::Ru,
            _ => usual,
        }
    }
}

/// `GET /`
async fn page(State(shared): State<Shared>, Query(asked): Query<Asked>) -> Html<String> {
    let scene = shared.stage.scene(Words::new(asked.locale(shared.locale)));
    let chosen = [asked.operator, asked.owner, asked.customer];
    Html(view::page(&scene, &chosen))
}

/// `GET /events`
async fn events(State(shared): State<Shared>, Query(asked): Query<Asked>) -> Response {
    let words = Words::new(asked.locale(shared.locale));
    live::stream(shared.stage, words, shared.stop).into_response()
}

/// `GET /file/{role}/{bot}/{message}`: a picture is shown, any other file is saved.
async fn attachment(
    State(shared): State<Shared>,
    Path((role, bot, message)): Path<(String, String, i64)>,
) -> Response {
    let chat = Role::of_key(&role).and_then(|role| shared.stage.people.chat(role, &bot));
    let messages = chat.map(|chat| chat.messages()).unwrap_or_default();
    let found = messages.into_iter().find(|found| found.id == message && !found.deleted);
    let Some(file) = found.and_then(|message| message.attachment) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match file.kind {
        AttachmentKind::Photo => picture(&file.bytes),
        AttachmentKind::Document => "application/octet-stream",
    };
    ([(CONTENT_TYPE, kind)], file.bytes).into_response()
}

fn picture(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'R', b'I', b'F', b'F', ..] => "image/webp",
        _ => "application/octet-stream",
    }
}
