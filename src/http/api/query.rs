//! A request's query: each parameter is known, given once, and right, or the request is refused.

use std::collections::BTreeMap;
use std::fmt::Display;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use url::form_urlencoded;

use super::page::Asked;
use crate::http::problem::Problem;

/// What the query says; each parameter is taken out by its name.
#[derive(Debug)]
pub(super) struct Query(BTreeMap<String, String>);

impl Query {
    /// Takes a parameter, if it is given.
    pub(super) fn take<T, E: Display>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.0.remove(name) else { return Ok(None) };
        let read = read(&text).map(Some);
        read.map_err(|why| Problem::malformed(format!("{name}: {why}")))
    }

    /// Takes what every list knows; whatever is left after that, no list knows.
    pub(super) fn page(mut self) -> Result<Asked, Problem> {
        let limit = self.take("limit", Asked::limit)?;
        let cursor = self.0.remove("cursor");
        self.end()?;
        Ok(Asked::new(limit, cursor))
    }

    /// Refuses what nobody has taken: a filter that is misspelt must not show everything.
    pub(super) fn end(self) -> Result<(), Problem> {
        let Some(name) = self.0.keys().next() else { return Ok(()) };
        let short: String = name.chars().take(40).collect();
        Err(Problem::malformed(format!("there is no parameter {short:?} here")))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut found = BTreeMap::new();
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if found.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(Problem::malformed("a parameter is given twice"));
            }
        }
        Ok(Self(found))
    }
}
