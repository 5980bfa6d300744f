//! An id in a path.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use crate::domain::ids::{ClientId, JobId, OrderId, PaymentId};
use crate::http::problem::Problem;

/// The id in the path, read.
pub(super) struct Id<T>(pub(super) T);

/// What an id names in the log.
pub(super) trait Named {
    /// The field of the request's span.
    const FIELD: &'static str;
}

impl Named for ClientId {
    const FIELD: &'static str = "client";
}

impl Named for OrderId {
    const FIELD: &'static str = "order";
}

impl Named for PaymentId {
    const FIELD: &'static str = "payment";
}

impl Named for JobId {
    const FIELD: &'static str = "job";
}

impl<S, T> FromRequestParts<S> for Id<T>
where
    S: Send + Sync,
    T: FromStr<Err: Display> + Display + Named,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|_| Problem::malformed("the path is no text"))?;
        let id: T = text.parse().map_err(|err: T::Err| Problem::malformed(err.to_string()))?;
        tracing::Span::current().record(T::FIELD, tracing::field::display(&id));
        Ok(Self(id))
    }
}
