//! A request that changes something: its body, and what makes a repetition of it one request.

use std::convert::Infallible;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName};
use ring::digest::{Context, SHA256};

use super::fields::Fields;
use crate::actions::cause::Cause;
use crate::domain::actor::Actor;
use crate::http::body;
use crate::http::problem::{Kind, Problem};
use crate::random;

/// The largest body that is read.
const LARGEST_BYTES: usize = 64 * 1024;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request that changes something.
pub(super) struct Call {
    /// The same cause has its effect once.
    pub(super) cause: Cause,
    /// Who asks.
    pub(super) by: Actor,
    body: Vec<u8>,
    is_json: bool,
}

/// Who asks: the API's token, unless the router that this one is nested in says who else.
pub(super) struct By(pub(super) Actor);

impl Call {
    /// Reads the body as a JSON object.
    pub(super) fn fields(&self) -> Result<Fields<'_>, Problem> {
        if self.is_json { Fields::read(&self.body) } else { Err(Problem::new(Kind::NotJson)) }
    }

    /// Reads a body that need not be there: none is an empty object.
    pub(super) fn fields_if_any(&self) -> Result<Fields<'_>, Problem> {
        if self.body.is_empty() { Fields::read(b"{}") } else { self.fields() }
    }

    /// Makes sure that the body asks for nothing.
    pub(super) fn nothing(&self) -> Result<(), Problem> {
        self.fields_if_any()?.end(Some(()))
    }
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let (key, by) = (key(&parts.headers)?, who(&parts.extensions));
        let body = body::read(body, LARGEST_BYTES).await?;
        let mut asked = Context::new(&SHA256);
        for part in [parts.method.as_str().as_bytes(), parts.uri.path().as_bytes(), &body] {
            asked.update(&part.len().to_be_bytes());
            asked.update(part);
        }
        let cause = Cause::new(key).with_fingerprint(asked.finish().as_ref().to_vec());
        Ok(Self { cause, by, body, is_json: is_json(&parts.headers) })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for By {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(who(&parts.extensions)))
    }
}

fn who(extensions: &Extensions) -> Actor {
    extensions.get().copied().unwrap_or(Actor::Api)
}

/// Names the request: by its key, or by chance if it may not be repeated.
fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = given.next() else {
        let random: [u8; 16] = random::bytes().map_err(Problem::internal)?;
        return Ok(format!("request:{:032x}", u128::from_be_bytes(random)));
    };
    let visible = |key: &&str| key.bytes().all(|byte| byte.is_ascii_graphic());
    let key = key.to_str().ok().filter(|key| (1..=255).contains(&key.len())).filter(visible);
    if let (Some(key), None) = (key, given.next()) {
        Ok(format!("api:{key}"))
    } else {
        let wrong = "Idempotency-Key is 1 to 255 visible ASCII characters, given once";
        Err(Problem::malformed(wrong))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}
