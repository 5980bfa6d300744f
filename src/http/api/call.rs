//! A request that changes something: its body, and what makes a repetition of it one request.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};

use super::fields::Fields;
use super::replay::LARGEST_BYTES;
use crate::actions::cause::Cause;
use crate::domain::actor::Actor;
use crate::http::body;
use crate::http::problem::{Kind, Problem};
use crate::http::shape::Body;
use crate::random;

/// A request that changes something.
pub(super) struct Call {
    /// The same cause has its effect once.
    pub(super) cause: Cause,
    /// Who asks.
    pub(super) by: Actor,
    body: Vec<u8>,
    is_json: bool,
}

/// A request that changes something and has no body.
pub(super) struct BareCall {
    /// The same cause has its effect once.
    pub(super) cause: Cause,
    /// Who asks.
    pub(super) by: Actor,
}

impl Call {
    /// Reads the body.
    pub(super) fn body<B: Body>(&self) -> Result<B, Problem> {
        if self.body.is_empty() && !B::NEEDED {
            return B::take(Fields::read(b"{}")?);
        }
        if !self.is_json {
            return Err(Kind::NotJson.into());
        }
        B::take(Fields::read(&self.body)?)
    }
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let by = who(&parts.extensions);
        let body = body::read(body, LARGEST_BYTES).await?;
        let cause = cause(&mut parts.extensions)?;
        Ok(Self { cause, by, body, is_json: is_json(&parts.headers) })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for BareCall {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self { by: who(&parts.extensions), cause: cause(&mut parts.extensions)? })
    }
}

/// Returns the cause that the request's key names, or one of its own.
fn cause(extensions: &mut Extensions) -> Result<Cause, Problem> {
    extensions.remove().map_or_else(unrepeated, Ok)
}

/// Tells who asks: the API's token, unless the router that this one is nested in says who else.
fn who(extensions: &Extensions) -> Actor {
    extensions.get().copied().unwrap_or(Actor::Api)
}

/// Names a request that may not be repeated.
fn unrepeated() -> Result<Cause, Problem> {
    let random: [u8; 16] = random::bytes().map_err(Problem::internal)?;
    Ok(Cause::new(format!("request:{:032x}", u128::from_be_bytes(random))))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}
