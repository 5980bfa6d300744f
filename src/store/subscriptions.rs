//! How a subscription lies in its client's row, and what its owner has been told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rows::{instant, valid};
use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::ids::ClientId;
use crate::domain::plan::Days;
use crate::domain::subscription::{
    ArchivedBy, Before, Fate, GrantKind, Granted, Mark, Stage, Subscription, SuspendedBy, Told,
};

const TABLE: &str = "told";

/// A [`Subscription`] with its instants in milliseconds. A new shape is a new variant at the end.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum SubscriptionRow {
    Trial {
        until: i64,
    },
    Active {
        paid_until: i64,
    },
    Grace {
        paid_until: i64,
    },
    /// As it was before pauses knew what had been granted.
    Suspended {
        paid_until: i64,
        since: i64,
        by_operator: bool,
    },
    /// As it was when only a removal cancelled.
    Cancelled {
        since: i64,
    },
    /// As it was before archives were made.
    Archived {
        since: i64,
    },
    SuspendedV2 {
        granted: GrantedRow,
        since: i64,
        by_operator: bool,
    },
    CancelledV2 {
        granted: GrantedRow,
        since: i64,
        paused_since: Option<i64>,
        doomed: bool,
    },
    ArchivedV2 {
        granted: GrantedRow,
        since: i64,
        by_person: bool,
    },
}

/// A [`Granted`].
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct GrantedRow {
    until: i64,
    trial: bool,
}

impl From<Granted> for GrantedRow {
    fn from(granted: Granted) -> Self {
        let trial = granted.kind == GrantKind::Trial;
        Self { until: granted.until.as_millisecond(), trial }
    }
}

impl GrantedRow {
    fn parse(self, table: &'static str) -> Result<Granted, StoreError> {
        let kind = if self.trial { GrantKind::Trial } else { GrantKind::Paid };
        Ok(Granted { until: instant(table, self.until)?, kind })
    }
}

impl From<Subscription> for SubscriptionRow {
    fn from(subscription: Subscription) -> Self {
        match subscription {
            Subscription::Trial { until } => Self::Trial { until: until.as_millisecond() },
            Subscription::Active { paid_until } => {
                Self::Active { paid_until: paid_until.as_millisecond() }
            }
            Subscription::Grace { paid_until } => {
                Self::Grace { paid_until: paid_until.as_millisecond() }
            }
            Subscription::Suspended { granted, since, by } => Self::SuspendedV2 {
                granted: granted.into(),
                since: since.as_millisecond(),
                by_operator: by == SuspendedBy::Operator,
            },
            Subscription::Cancelled { granted, since, before, data } => Self::CancelledV2 {
                granted: granted.into(),
                since: since.as_millisecond(),
                paused_since: match before {
                    Before::Free => None,
                    Before::PausedSince(since) => Some(since.as_millisecond()),
                },
                doomed: data == Fate::Doomed,
            },
            Subscription::Archived { granted, since, by } => Self::ArchivedV2 {
                granted: granted.into(),
                since: since.as_millisecond(),
                by_person: by == ArchivedBy::Person,
            },
        }
    }
}

impl SubscriptionRow {
    pub(super) fn parse(self, table: &'static str) -> Result<Subscription, StoreError> {
        let at = |millis| instant(table, millis);
        let paid = |until| Granted { until, kind: GrantKind::Paid };
        let suspended =
            |operator| if operator { SuspendedBy::Operator } else { SuspendedBy::Expiry };
        Ok(match self {
            Self::Trial { until } => Subscription::Trial { until: at(until)? },
            Self::Active { paid_until } => Subscription::Active { paid_until: at(paid_until)? },
            Self::Grace { paid_until } => Subscription::Grace { paid_until: at(paid_until)? },
            Self::Suspended { paid_until, since, by_operator } => Subscription::Suspended {
                granted: paid(at(paid_until)?),
                since: at(since)?,
                by: suspended(by_operator),
            },
            Self::Cancelled { since } => Subscription::Cancelled {
                granted: paid(at(since)?),
                since: at(since)?,
                before: Before::Free,
                data: Fate::Doomed,
            },
            Self::Archived { since } => Subscription::Archived {
                granted: paid(at(since)?),
                since: at(since)?,
                by: ArchivedBy::Person,
            },
            Self::SuspendedV2 { granted, since, by_operator } => Subscription::Suspended {
                granted: granted.parse(table)?,
                since: at(since)?,
                by: suspended(by_operator),
            },
            Self::CancelledV2 { granted, since, paused_since, doomed } => Subscription::Cancelled {
                granted: granted.parse(table)?,
                since: at(since)?,
                before: match paused_since {
                    Some(since) => Before::PausedSince(at(since)?),
                    None => Before::Free,
                },
                data: if doomed { Fate::Doomed } else { Fate::Kept },
            },
            Self::ArchivedV2 { granted, since, by_person } => Subscription::Archived {
                granted: granted.parse(table)?,
                since: at(since)?,
                by: if by_person { ArchivedBy::Person } else { ArchivedBy::Time },
            },
        })
    }
}

/// What an owner was told, as it lies on disk. A new shape is a new variant at the end.
#[derive(Serialize, Deserialize)]
enum ToldRow {
    V1 { end: Option<(i64, i32)>, archive: Option<(i64, i32)> },
}

/// Returns what the client's owner has been told; none if nothing is on record.
///
/// # Errors
///
/// Returns [`StoreError`], as everything in this file, if the store cannot be read or written.
pub fn told(txn: &impl Read, client: ClientId) -> Result<Option<Told>, StoreError> {
    let row = txn.told().get_row::<ToldRow>(client.bits())?;
    let Some(ToldRow::V1 { end, archive }) = row else { return Ok(None) };
    let mark = |it: Option<(i64, i32)>| it.map(|(at, rank)| mark(at, rank)).transpose();
    Ok(Some(Told { end: mark(end)?, archive: mark(archive)? }))
}

/// Records what the client's owner has been told.
///
/// # Errors
///
/// As [`told`].
pub fn put_told(txn: &Txn<'_>, client: ClientId, told: Told) -> Result<(), StoreError> {
    let flat = |mark: Mark| (mark.at.as_millisecond(), mark.stage.rank());
    let row = ToldRow::V1 { end: told.end.map(flat), archive: told.archive.map(flat) };
    txn.told().insert_row(client.bits(), &row)?;
    Ok(())
}

/// Forgets what the owner of a client that is no more was told.
///
/// # Errors
///
/// As [`told`].
pub fn forget_told(txn: &Txn<'_>, client: ClientId) -> Result<(), StoreError> {
    txn.told().remove(client.bits())?;
    Ok(())
}

fn mark(at: i64, rank: i32) -> Result<Mark, StoreError> {
    let at: Timestamp = instant(TABLE, at)?;
    let stage = match rank {
        0 => Stage::Over,
        1.. => Stage::Paused,
        before => Stage::Before(valid(TABLE, Days::new(-i64::from(before)))?),
    };
    Ok(Mark { at, stage })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::row::{decode, encode};

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap()
    }

    #[test]
    fn every_state_survives_the_trip() {
        let mut states = vec![
            Subscription::Trial { until: at(1) },
            Subscription::Active { paid_until: at(2) },
            Subscription::Grace { paid_until: at(3) },
        ];
        for kind in [GrantKind::Trial, GrantKind::Paid] {
            let (granted, since) = (Granted { until: at(4), kind }, at(5));
            for by in [SuspendedBy::Expiry, SuspendedBy::Operator] {
                states.push(Subscription::Suspended { granted, since, by });
            }
            for data in [Fate::Kept, Fate::Doomed] {
                for before in [Before::Free, Before::PausedSince(at(6))] {
                    states.push(Subscription::Cancelled { granted, since, before, data });
                }
            }
            for by in [ArchivedBy::Time, ArchivedBy::Person] {
                states.push(Subscription::Archived { granted, since, by });
            }
        }
        for state in states {
            let bytes = encode(TABLE, &SubscriptionRow::from(state)).unwrap();
            let row: SubscriptionRow = decode(TABLE, &bytes).unwrap();
            assert_eq!(row.parse(TABLE).unwrap(), state);
        }
    }

    /// Rows of the version before: the numbers of their variants are those of then.
    #[test]
    fn older_rows_are_read() {
        let suspended =
            SubscriptionRow::Suspended { paid_until: 0, since: 1000, by_operator: true };
        let state = suspended.parse(TABLE).unwrap();
        assert_eq!(state.name(), "suspended");
        assert_eq!(state.granted().kind, GrantKind::Paid);
        // Only a removal cancelled, and its job may still wait.
        let cancelled = decode::<SubscriptionRow>(TABLE, &[4, 0]).unwrap().parse(TABLE).unwrap();
        assert!(matches!(cancelled, Subscription::Cancelled { data: Fate::Doomed, .. }));
        let archived = decode::<SubscriptionRow>(TABLE, &[5, 0]).unwrap().parse(TABLE).unwrap();
        assert_eq!(archived.name(), "archived");
    }

    #[test]
    fn what_was_told_survives_the_trip() {
        for stage in [Stage::Before(Days::new(7).unwrap()), Stage::Over, Stage::Paused] {
            assert_eq!(
                mark(at(1).as_millisecond(), stage.rank()).unwrap(),
                Mark { at: at(1), stage }
            );
        }
    }
}
