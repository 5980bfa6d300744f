//! One page of a list: how much is asked for, and where the next one begins.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::cursor;
use crate::http::operation::Operation;
use crate::http::problem::Problem;
use crate::http::shape::{Parts, Shape, object};

/// How many a page holds if the caller does not say.
const USUAL: usize = 50;
/// How many it holds at most.
const MOST: usize = 200;

/// What the query asks for.
pub(super) struct Asked {
    limit: usize,
    cursor: Option<String>,
}

/// A page, newest first, and the cursor of the next one if there is more.
#[derive(Serialize)]
pub(super) struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl Asked {
    pub(super) fn new(limit: Option<usize>, cursor: Option<String>) -> Self {
        Self { limit: limit.unwrap_or(USUAL), cursor }
    }

    /// Reads how many items a page may hold.
    pub(super) fn limit(text: &str) -> Result<usize, String> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let limit = text.parse().ok().filter(|limit| digits && (1..=MOST).contains(limit));
        limit.ok_or_else(|| format!("expected a whole number from 1 to {MOST}"))
    }

    /// Returns how many rows to read: one more than is shown tells whether there is a next page.
    pub(super) const fn rows(&self) -> usize {
        self.limit + 1
    }

    /// Reads where the page begins: the place of the last row seen, or `None` for the newest.
    pub(super) fn after<T>(
        &self,
        kind: &str,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = &self.cursor else { return Ok(None) };
        let place = cursor::read(kind, text).and_then(|place| read(&place));
        place.map(Some).ok_or_else(|| Problem::malformed("the cursor is not of this list"))
    }

    /// Makes the page of `rows`; `place` tells where in the list a row stands.
    pub(super) fn page<R, T>(
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

/// How many items a page may hold, as a parameter.
struct Limit;

/// Where a page begins, as a parameter.
struct Cursor;

impl Operation {
    /// It answers with a page of a list.
    pub(super) fn lists<T: Shape>(self, about: &'static str) -> Self {
        let paged = self
            .query::<Limit>("limit", "How many items the page may hold; 50 if it is not given.")
            .query::<Cursor>("cursor", "`next` of the page before; the newest if it is not given.");
        paged.gives::<Page<T>>(StatusCode::OK, about)
    }
}

impl Shape for Limit {
    fn schema(_: &mut Parts) -> Value {
        json!({"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL})
    }

    fn sample() -> Value {
        json!(USUAL)
    }
}

impl Shape for Cursor {
    fn schema(_: &mut Parts) -> Value {
        json!({"type": "string", "pattern": "^([0-9a-f]{2})+$"})
    }

    fn sample() -> Value {
        json!("5d2f6a1c019b2e")
    }
}

impl<T: Shape> Shape for Page<T> {
    fn schema(parts: &mut Parts) -> Value {
        let items = json!({"type": "array", "maxItems": MOST, "items": T::schema(parts)});
        let next = Option::<Cursor>::schema(parts);
        object("A page of a list.", [("items", items), ("next", next)], &["items", "next"])
    }

    fn sample() -> Value {
        json!({"items": [T::sample()], "next": null})
    }
}

impl<T> Page<T> {
    /// Makes the one page of a list that is short by nature.
    pub(super) const fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}
