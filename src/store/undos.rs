//! The last act on each client, while it can be taken back.

use serde::{Deserialize, Serialize};

use super::rows::{instant, valid};
use super::subscriptions::SubscriptionRow;
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::ids::{ClientId, UserId};
use crate::domain::plan::Days;
use crate::domain::undo::{Act, Standing, Undoable};

const TABLE: &str = "undos";

#[derive(Serialize, Deserialize)]
enum Row {
    V1 { at: i64, act: ActRow, before: StandingRow, after: StandingRow },
}

#[derive(Serialize, Deserialize)]
enum ActRow {
    Suspended,
    Resumed,
    Given(u16),
    Cancelled,
    Changed,
}

#[derive(Serialize, Deserialize)]
struct StandingRow {
    subscription: SubscriptionRow,
    company: String,
    owner: i64,
}

impl From<Act> for ActRow {
    fn from(act: Act) -> Self {
        match act {
            Act::Suspended => Self::Suspended,
            Act::Resumed => Self::Resumed,
            Act::Given(days) => Self::Given(days.get()),
            Act::Cancelled => Self::Cancelled,
            Act::Changed => Self::Changed,
        }
    }
}

impl ActRow {
    fn parse(self) -> Result<Act, StoreError> {
        Ok(match self {
            Self::Suspended => Act::Suspended,
            Self::Resumed => Act::Resumed,
            Self::Given(days) => Act::Given(valid(TABLE, Days::new(days.into()))?),
            Self::Cancelled => Act::Cancelled,
            Self::Changed => Act::Changed,
        })
    }
}

impl From<&Standing> for StandingRow {
    fn from(standing: &Standing) -> Self {
        Self {
            subscription: standing.subscription.into(),
            company: standing.company.as_str().to_owned(),
            owner: standing.owner.get(),
        }
    }
}

impl StandingRow {
    fn parse(self) -> Result<Standing, StoreError> {
        Ok(Standing {
            subscription: self.subscription.parse(TABLE)?,
            company: valid(TABLE, self.company.parse())?,
            owner: valid(TABLE, UserId::new(self.owner))?,
        })
    }
}

/// Returns the last act on a client.
///
/// # Errors
///
/// Returns [`StoreError`] if the row cannot be read.
pub fn get(txn: &impl Read, client: ClientId) -> Result<Option<Undoable>, StoreError> {
    let Some(row) = txn.undos().get_row(client.bits())? else { return Ok(None) };
    let Row::V1 { at, act, before, after } = row;
    Ok(Some(Undoable {
        at: instant(TABLE, at)?,
        act: act.parse()?,
        before: before.parse()?,
        after: after.parse()?,
    }))
}

/// Keeps the last act on a client.
///
/// # Errors
///
/// Returns [`StoreError`] if the row cannot be written.
pub fn put(txn: &Txn<'_>, client: ClientId, undoable: &Undoable) -> Result<(), StoreError> {
    let row = Row::V1 {
        at: undoable.at.as_millisecond(),
        act: undoable.act.into(),
        before: (&undoable.before).into(),
        after: (&undoable.after).into(),
    };
    txn.undos().insert_row(client.bits(), &row).map(drop)
}

/// Forgets the last act on a client.
///
/// # Errors
///
/// Returns [`StoreError`] if the row cannot be removed.
pub fn remove(txn: &Txn<'_>, client: ClientId) -> Result<(), StoreError> {
    txn.undos().remove(client.bits()).map(drop)
}
