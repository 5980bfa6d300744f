//! News that operators have sent, and who wants none.

use serde::{Deserialize, Serialize};

use super::rows::{instant, valid};
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::ids::UserId;
use crate::domain::news::{News, NewsId};

const TABLE: &str = "news";

#[derive(Serialize, Deserialize)]
enum Row {
    V1 { text: String, at: i64, by: i64 },
}

/// Returns the news of this number.
///
/// # Errors
///
/// Returns [`StoreError`], as everything in this file, if the store cannot be read or written.
pub fn get(txn: &impl Read, id: NewsId) -> Result<Option<News>, StoreError> {
    let Some(row) = txn.news().get_row(id.0)? else { return Ok(None) };
    let Row::V1 { text, at, by } = row;
    Ok(Some(News {
        text: valid(TABLE, text.parse())?,
        at: instant(TABLE, at)?,
        by: valid(TABLE, UserId::new(by))?,
    }))
}

/// Appends news, and returns their number.
///
/// # Errors
///
/// As [`get`].
pub fn append(txn: &Txn<'_>, news: &News) -> Result<NewsId, StoreError> {
    let number = txn.news().last()?.map_or(0, |(number, _)| number + 1);
    let text = news.text.as_str().to_owned();
    let row = Row::V1 { text, at: news.at.as_millisecond(), by: news.by.get() };
    txn.news().insert_row(number, &row)?;
    Ok(NewsId(number))
}

/// Tells whether a person wants no news.
///
/// # Errors
///
/// As [`get`].
pub fn is_unwanted(txn: &impl Read, person: UserId) -> Result<bool, StoreError> {
    txn.news_unwanted().contains(person.get())
}

/// Remembers that a person wants no news, or wants them again.
///
/// # Errors
///
/// As [`get`].
pub fn set_unwanted(txn: &Txn<'_>, person: UserId, unwanted: Unwanted) -> Result<(), StoreError> {
    match unwanted {
        Unwanted::Yes => txn.news_unwanted().insert(person.get(), ()).map(drop),
        Unwanted::No => txn.news_unwanted().remove(person.get()).map(drop),
    }
}

/// Whether a person wants no news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwanted {
    /// None.
    Yes,
    /// They are welcome.
    No,
}
