//! `GET /docs` and `GET /openapi.json`: what can be asked for, for people and for programs.
//!
//! The page is made here of the same document that programs read. It needs nothing from anywhere:
//! what it shows, its style and its script are this binary's own.

mod page;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::Shared;
use super::operation::Operation;
use super::problem::Kind;
use super::shape::{Parts, Shape};

const STYLE: &str = include_str!("docs/page.css");
const SCRIPT: &str = include_str!("docs/page.js");
/// Style, script and answers come from this host, and nothing from anywhere else.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const SOON_OLD: &str = "public, max-age=300";

/// What is shown: made once, when the doors open.
pub(super) struct Docs {
    document: Bytes,
    page: Bytes,
}

impl Docs {
    pub(super) fn new(document: &Value) -> Self {
        Self { document: document.to_string().into(), page: page::render(document).into() }
    }
}

/// The document itself.
struct Document;

impl Shape for Document {
    fn schema(_: &mut Parts) -> Value {
        serde_json::json!({"type": "object", "required": ["openapi", "info", "paths"]})
    }

    fn sample() -> Value {
        Value::Null
    }
}

/// Returns what can be asked for.
pub(super) fn operations() -> Vec<Operation> {
    let file = |path, id, media, about: &'static str| {
        let operation = match id {
            "get_docs_style" => Operation::get(path, id, style),
            _ => Operation::get(path, id, script),
        };
        operation.does(about, "").shows(StatusCode::OK, media, "The file.")
    };
    let operations = vec![
        Operation::get("/openapi.json", "get_openapi", document)
            .does("Read this document", "")
            .says::<Document>(StatusCode::OK, "OpenAPI 3.1."),
        Operation::get("/docs", "get_docs", page)
            .does("Read this document as a page", "It works without the internet.")
            .shows(StatusCode::OK, "text/html", "The page."),
        file("/docs/page.css", "get_docs_style", "text/css", "The page's style"),
        file("/docs/page.js", "get_docs_script", "text/javascript", "The page's script"),
    ];
    operations.into_iter().map(|it| it.refuses(&[Kind::TooMany])).collect()
}

async fn document(State(shared): State<Shared>) -> Response {
    answer("application/json", shared.docs.document.clone())
}

async fn page(State(shared): State<Shared>) -> Response {
    answer("text/html; charset=utf-8", shared.docs.page.clone())
}

async fn style() -> Response {
    answer("text/css; charset=utf-8", STYLE.into())
}

async fn script() -> Response {
    answer("text/javascript; charset=utf-8", SCRIPT.into())
}

fn answer(media: &'static str, body: Bytes) -> Response {
    let headers: [(HeaderName, &str); 6] = [
        (CONTENT_TYPE, media),
        (CACHE_CONTROL, SOON_OLD),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    (headers, body).into_response()
}
