//! What surrounds a request: its id, its span, its line in the log, and its answer's last touch.

use std::any::Any;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::problem::{Kind, Problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives a request its id and its span, survives its panic, writes its problem, logs its end.
pub(super) async fn observe(request: Request, next: Next) -> Response {
    let id = request_id();
    let span = span(&id);
    answer(request, next, &id).instrument(span).await
}

/// Returns the span of a request. What it is about is recorded as it becomes known.
fn span(id: &str) -> Span {
    tracing::info_span!(
        "request",
        request = id,
        client = Empty,
        order = Empty,
        payment = Empty,
        job = Empty
    )
}

/// Gives a request its id and its span, and nothing else: for the door that thousands come to.
pub(super) async fn name(request: Request, next: Next) -> Response {
    let span = span(&request_id());
    next.run(request).instrument(span).await
}

async fn answer(request: Request, next: Next, id: &str) -> Response {
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let began = Instant::now();
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|panic| panicked(&*panic));
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        problem.write(id, &mut response);
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    log(&method, path.as_ref().map(MatchedPath::as_str), &response, began);
    response
}

/// What a panic says may hold anything, so it stays where the panic hook put it.
fn panicked(_: &(dyn Any + Send)) -> Response {
    tracing::error!(event = "http.panicked", "a request's handler panicked");
    Problem::new(Kind::Internal).into_response()
}

fn log(method: &Method, path: Option<&str>, response: &Response, began: Instant) {
    // A path that matched nothing, and all queries, are the caller's words: they may be secrets.
    let path = path.filter(|path| !path.contains("{*")).unwrap_or("unmatched");
    let (method, status) = (method.as_str(), response.status().as_u16());
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    if path.starts_with("/health") || path.starts_with("/control") {
        tracing::debug!(event = "http.request", method, path, status, took_ms, "a probe");
    } else {
        tracing::info!(event = "http.request", method, path, status, took_ms, "a request");
    }
}

/// Names a request: 64 bits that differ from all others, if not for an enemy.
fn request_id() -> String {
    format!("r_{:016x}", RandomState::new().build_hasher().finish())
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_and_says_nothing() {
        async fn fall() -> &'static str {
            let secret = std::hint::black_box("secret");
            panic!("{secret}")
        }
        let router = Router::new().route("/", get(fall)).layer(from_fn(observe));
        let request = Request::builder().uri("/").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        let id = response.headers()[REQUEST_ID].to_str().unwrap().to_owned();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.contains("urn:slotbox:problem:internal") && text.contains(&id), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}
