//! The HTTP side of the shop: who may call, what fails on the way, what is kept of it.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use axum::routing::{any, get};
use tokio::net::TcpListener;

use super::answer::{Answer, Refusal};
use super::faults::Fault;
use super::line::{Cut, Lines};
use super::page;
use super::route::Call;
use super::shop::{Request, Shop};

const LARGEST_BODY_BYTES: usize = 1024 * 1024;

/// Serves the API and the payment page until the shop is closed.
pub(super) fn serve(shop: &Arc<Shop>, listener: TcpListener) {
    let router = Router::new()
        .route("/v3/{*path}", any(api))
        .route("/checkout/{payment}", get(page::show).post(page::pay))
        .with_state(Arc::clone(shop))
        .into_make_service_with_connect_info::<Cut>();
    let stopping = shop.stopping();
    let served = async move {
        let serve = axum::serve(Lines(listener), router);
        if let Err(err) = serve.with_graceful_shutdown(stopping.cancelled_owned()).await {
            tracing::warn!(event = "sandbox.yookassa.failed", error = %err, "the shop has closed");
        }
    };
    shop.spawn_ending(served);
}

async fn api(
    State(shop): State<Arc<Shop>>,
    ConnectInfo(line): ConnectInfo<Cut>,
    request: HttpRequest,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST_BODY_BYTES).await.unwrap_or_default();
    let answer = match understand(&shop, &parts, &body) {
        Ok(call) => meet(&shop, &call).await,
        Err(refusal) => Some(refusal.into()),
    };
    shop.record(|| Request {
        method: parts.method.to_string(),
        path: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        key: key(&parts.headers).map(str::to_owned),
        body: String::from_utf8_lossy(&body).into_owned(),
        status: answer.as_ref().map(|answer| answer.status.as_u16()),
    });
    answer.map_or_else(
        || {
            line.cut();
            Response::new(Body::empty())
        },
        respond,
    )
}

fn understand<'a>(shop: &Shop, parts: &'a Parts, body: &'a [u8]) -> Result<Call<'a>, Refusal> {
    if parts.headers.get(AUTHORIZATION) != Some(shop.credentials()) {
        return Err(Refusal::unauthorized());
    }
    let path = parts.uri.path().strip_prefix("/v3").unwrap_or_default();
    let query = parts.uri.query().unwrap_or_default();
    Call::find(&parts.method, path, query, key(&parts.headers), body)
}

/// Answers a call, unless it is to fail; `None` cuts the connection.
async fn meet(shop: &Arc<Shop>, call: &Call<'_>) -> Option<Answer> {
    match shop.faults().of_call(call.kind) {
        None => Some(call.perform(shop)),
        Some(Fault::CutBefore) => None,
        Some(Fault::CutAfter) => {
            call.perform(shop);
            None
        }
        Some(Fault::FailBefore) => Some(Answer::failure()),
        Some(Fault::FailAfter) => {
            call.perform(shop);
            Some(Answer::failure())
        }
        Some(Fault::Slow(by)) => {
            let answer = call.perform(shop);
            tokio::select! {
                () = tokio::time::sleep(by) => Some(answer),
                () = shop.stopping().cancelled_owned() => None,
            }
        }
        Some(Fault::Processing { retry_after_ms }) => Some(Answer::processing(retry_after_ms)),
        Some(Fault::TooMany { retry_after_ms }) => Some(Answer::too_many(retry_after_ms)),
    }
}

fn respond(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    let json = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn key(headers: &HeaderMap) -> Option<&str> {
    headers.get("Idempotence-Key").and_then(|value| value.to_str().ok())
}
