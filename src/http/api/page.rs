//! One page of a list: how much is asked for, and where the next one begins.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Serialize;
use url::form_urlencoded;

use super::cursor;
use crate::http::problem::Problem;

const USUAL: usize = 50;
const MOST: usize = 200;

/// What the query asks for.
pub(in crate::http) struct Asked {
    limit: usize,
    cursor: Option<String>,
}

/// A page, newest first, and the cursor of the next one if there is more.
#[derive(Serialize)]
pub(in crate::http) struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl Asked {
    /// Returns how many rows to read: one more than is shown tells whether there is a next page.
    pub(in crate::http) const fn rows(&self) -> usize {
        self.limit + 1
    }

    /// Reads where the page begins: the place of the last row seen, or `None` for the newest.
    pub(in crate::http) fn after<T>(
        &self,
        kind: &str,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = &self.cursor else { return Ok(None) };
        let place = cursor::read(kind, text).and_then(|place| read(&place));
        place
            .map(Some)
            .ok_or_else(|| Problem::Malformed("the cursor is not of this list".to_owned()))
    }

    /// Makes the page of `rows`; `place` tells where in the list a row stands.
    pub(in crate::http) fn page<R, T>(
        &self,
        kind: &str,
        mut rows: Vec<R>,
        place: impl Fn(&R) -> Vec<u8>,
        view: impl Fn(&R) -> T,
    ) -> Page<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let last = rows.last().filter(|_| more);
        let next = last.map(|row| cursor::write(kind, &place(row)));
        Page { items: rows.iter().map(view).collect(), next }
    }
}

impl<T> Page<T> {
    /// Makes the one page of a list that is short by nature.
    pub(in crate::http) const fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut asked = Self { limit: USUAL, cursor: None };
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "limit" => asked.limit = limit(&value)?,
                "cursor" => asked.cursor = Some(value.into_owned()),
                _ => {}
            }
        }
        Ok(asked)
    }
}

fn limit(text: &str) -> Result<usize, Problem> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let limit = text.parse().ok().filter(|limit| digits && (1..=MOST).contains(limit));
    limit.ok_or_else(|| Problem::Malformed(format!("limit is a whole number from 1 to {MOST}")))
}
