//! The API's token: compared in a time that tells nothing of it.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;
use ring::hmac::{self, HMAC_SHA256, Key, Tag};
use secrecy::{ExposeSecret, SecretString};

use crate::http::Shared;
use crate::http::limits::{Class, too_many};
use crate::http::problem::{Kind, Problem};

/// What is left of the token: enough to know it again.
pub(in crate::http) struct ApiKey {
    key: Key,
    tag: Tag,
}

impl ApiKey {
    pub(in crate::http) fn new(token: &SecretString) -> Self {
        let key = Key::new(HMAC_SHA256, b"slotbox api token");
        let tag = hmac::sign(&key, token.expose_secret().as_bytes());
        Self { key, tag }
    }

    /// Compares two digests, so neither the length nor the place of a wrong letter can be timed.
    fn opens(&self, token: &[u8]) -> bool {
        hmac::verify(&self.key, token, self.tag.as_ref()).is_ok()
    }
}

/// Lets a request through if it carries the token, and neither it nor others like it too often.
pub(super) async fn require(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = shared.caller(peer, request.headers());
    let header = request.headers().get(AUTHORIZATION);
    match header.and_then(|header| bearer(header.as_bytes())) {
        Some(token) if shared.key.opens(token) => {
            shared.limits.admit(Class::Keyed, caller).map_err(too_many)?;
            Ok(next.run(request).await)
        }
        Some(_) | None => {
            shared.limits.admit(Class::Stranger, caller).map_err(too_many)?;
            Err(Kind::Unauthorized.into())
        }
    }
}

/// Returns what follows the scheme, whose case does not matter.
fn bearer(header: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = header.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}
