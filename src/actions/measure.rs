//! Measure: what the store shows of the business at one moment, for those who watch it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::domain::client::RuntimeState;
use crate::store::payments::Takings;
use crate::store::queue::{self, LANES, LaneView};
use crate::store::{Snapshot, Store, StoreError, clients, host_backups};

/// How long a payment's record may take to reach the disk.
const RECORDED_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// The states of a subscription, so that those without clients are seen to be zero.
const STATES: [&str; 6] = ["trial", "active", "grace", "suspended", "cancelled", "archived"];

/// The business at one moment.
#[derive(Clone, Debug, Default)]
pub struct Measures {
    /// The queue, lane by lane.
    pub lanes: [LaneView; LANES],
    /// How many clients are in each state of their subscription.
    pub clients: BTreeMap<&'static str, u64>,
    /// How many bots are in each state of running.
    pub bots: BTreeMap<&'static str, u64>,
    /// The host's backups.
    pub backups: Backups,
    /// Money that has come in since the beginning.
    pub takings: Takings,
    /// What of it can no longer change; the next look goes on from here.
    settled: Takings,
}

/// The host's backups at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backups {
    /// How old the last good one is; without one, how long there has been something to lose.
    pub age: SignedDuration,
    /// What its files hold, in bytes.
    pub bytes: u64,
    /// What the vault keeps for it, in bytes.
    pub kept_bytes: u64,
}

/// Looks at the store, with what the last look has left.
///
/// Reads all clients, the jobs that are not done, and the payments since the last look.
///
/// # Errors
///
/// Returns [`StoreError`] if the store cannot be read.
pub async fn measure(
    store: &Store,
    now: Timestamp,
    last: Option<Measures>,
) -> Result<Measures, StoreError> {
    let settled = last.map(|last| last.settled).unwrap_or_default();
    store.scan(move |snap| look(snap, now, settled)).await
}

fn look(snap: &Snapshot<'_>, now: Timestamp, mut settled: Takings) -> Result<Measures, StoreError> {
    let mut clients: BTreeMap<_, u64> = STATES.map(|name| (name, 0)).into();
    let mut bots: BTreeMap<_, u64> = RuntimeState::ALL.map(|state| (state.name(), 0)).into();
    clients::each(snap, |client| {
        *clients.entry(client.subscription.name()).or_default() += 1;
        *bots.entry(client.runtime.name()).or_default() += 1;
    })?;
    settled.go_on(snap, now.saturating_sub(RECORDED_WITHIN).unwrap_or(now))?;
    let mut takings = settled.clone();
    takings.go_on(snap, Timestamp::MAX)?;
    let (lanes, backups) = (queue::lanes(snap, now)?, backups(snap, now)?);
    Ok(Measures { lanes, clients, bots, backups, takings, settled })
}

fn backups(snap: &Snapshot<'_>, now: Timestamp) -> Result<Backups, StoreError> {
    let age = |since: Timestamp| now.duration_since(since).max(SignedDuration::ZERO);
    Ok(match host_backups::get(snap)?.made {
        Some(made) => {
            Backups { age: age(made.began_at), bytes: made.bytes, kept_bytes: made.kept_bytes }
        }
        None => Backups {
            age: host_backups::something_since(snap)?.map_or(SignedDuration::ZERO, age),
            ..Backups::default()
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Money;
    use crate::domain::payment::{Payment, PaymentState, Source};
    use crate::domain::plan::Days;
    use crate::store::payments;

    #[tokio::test]
    async fn money_is_counted_once_however_often_one_looks_and_whenever_it_was_recorded() {
        let dir = tempfile::tempdir().unwrap();
        let options = crate::store::Options { cache_bytes: 1 << 20 };
        let store = Store::open(&dir.path().join("t.redb"), options).unwrap();
        let begin: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let at = move |minute: i64| begin + SignedDuration::from_mins(minute);
        let record = async |id: &'static str, minute: i64, source: Source| {
            let write = store.write(move |txn| {
                let payment = Payment {
                    id: id.parse().unwrap(),
                    source,
                    order: None,
                    client: None,
                    amount: Money::from_kopecks(100).unwrap(),
                    refunded: Money::ZERO,
                    days: Days::new(30).unwrap(),
                    state: PaymentState::Settled,
                    settled_at: at(minute),
                };
                payments::put(txn, &payment)
            });
            write.await.unwrap();
        };
        let mut last = None;
        for (minute, id, recorded, source, expected) in [
            (0, "p-1", 0, Source::YooKassa, (100, 0)),
            (1, "p-3", 1, Source::YooKassa, (200, 0)),
            (1, "p-2", 0, Source::Manual, (200, 100)), // Its commit came late.
            (30, "p-4", 30, Source::YooKassa, (300, 100)),
            (90, "p-5", 90, Source::Manual, (300, 200)),
            (90, "p-4", 30, Source::YooKassa, (300, 200)), // Written again, refunded perhaps.
        ] {
            record(id, recorded, source).await;
            let measures = measure(&store, at(minute), last).await.unwrap();
            assert_eq!((measures.takings.shop, measures.takings.by_hand), expected, "{id}");
            last = Some(measures);
        }
    }
}
