//! `Idempotency-Key`: a request that is sent again has no second effect and gets the same answer.
//!
//! The effect is remembered with the key in the transaction that has it: that is the cause which
//! the action gets. Before an answer is given, it is kept under the key as well; so whoever asks
//! again, asks at the same time, or asks after a restart, is told what the first was told.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ring::digest::{Context, SHA256};

use crate::actions::answers::{self, AnswerError};
use crate::actions::cause::Cause;
use crate::domain::answered::Answered;
use crate::http::Shared;
use crate::http::body;
use crate::http::problem::{Kind, Problem};

/// The largest body that is read.
pub(super) const LARGEST_BYTES: usize = 64 * 1024;
/// The largest answer that is kept; all answers that are kept are small.
const LARGEST_ANSWER_BYTES: usize = 64 * 1024;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Does a POST or DELETE with a key once, and answers it the same ever after.
pub(super) async fn once(
    State(shared): State<Shared>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(key) = key(request.headers())?.filter(|_| takes_a_key(request.method())) else {
        return Ok(next.run(request).await);
    };
    let (mut parts, body) = request.into_parts();
    let body = body::read(body, LARGEST_BYTES).await?;
    let path = parts.uri.path_and_query().map(PathAndQuery::as_str).unwrap_or_default();
    let asked = fingerprint([parts.method.as_str().as_bytes(), path.as_bytes(), &body]);
    let cause = Cause::new(key).with_fingerprint(asked);
    let deps = &shared.site.deps;
    if let Some(kept) = answers::known(deps, &cause)? {
        return Ok(answer(kept));
    }
    parts.extensions.insert(cause.clone());
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if !response.status().is_success() {
        return Ok(response); // It had no effect, so the key is as good as new.
    }
    let given = taken_down(response).await?;
    Ok(answer(answers::keep(deps, cause, given).await?))
}

fn takes_a_key(method: &Method) -> bool {
    [Method::POST, Method::DELETE].contains(method)
}

/// Reads the key.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = given.next() else { return Ok(None) };
    let visible = |key: &&str| key.bytes().all(|byte| byte.is_ascii_graphic());
    let key = key.to_str().ok().filter(|key| (1..=255).contains(&key.len())).filter(visible);
    match (key, given.next()) {
        (Some(key), None) => Ok(Some(format!("api:{key}"))),
        _ => Err(Problem::malformed(
            "Idempotency-Key is 1 to 255 visible ASCII characters, given once",
        )),
    }
}

/// Tells requests apart.
fn fingerprint<const N: usize>(parts: [&[u8]; N]) -> Vec<u8> {
    let mut asked = Context::new(&SHA256);
    for part in parts {
        asked.update(&part.len().to_be_bytes());
        asked.update(part);
    }
    asked.finish().as_ref().to_vec()
}

async fn taken_down(response: Response) -> Result<Answered, Problem> {
    let status = response.status().as_u16();
    let location = response.headers().get(LOCATION).and_then(|it| it.to_str().ok());
    let location = location.map(str::to_owned);
    let body = to_bytes(response.into_body(), LARGEST_ANSWER_BYTES).await;
    let body = body.map_err(|err| Problem::internal(std::io::Error::other(err)))?.to_vec();
    Ok(Answered { status, location, body })
}

fn answer(kept: Answered) -> Response {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut response = (status, kept.body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let location = kept.location.and_then(|it| HeaderValue::try_from(it).ok());
    if let Some(location) = location {
        headers.insert(LOCATION, location);
    }
    response
}

impl From<AnswerError> for Problem {
    fn from(err: AnswerError) -> Self {
        match err {
            AnswerError::KeyReused(_) => Kind::KeyReused.into(),
            AnswerError::Store(_) => Self::internal(err),
        }
    }
}
