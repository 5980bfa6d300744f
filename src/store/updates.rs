//! Telegram updates: kept before they are confirmed, and until they are handled.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{Read, StoreError, Txn};
use crate::domain::ids::BotId;

/// How far apart two numbers may be and both be remembered. Telegram sends again what was not
/// confirmed, within seconds or minutes; after a quiet week it numbers anew, from anywhere.
const REMEMBERED: i64 = 4_000;
/// How many of the numbers before the offset a file remembers that had kept no others: one answer
/// of Telegram's, which was not confirmed yet.
const ONE_ANSWER: i64 = 100;

/// An update as it came in.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    /// Telegram's number of the update.
    pub id: i64,
    /// The chat whose line it stands in.
    pub chat: i64,
    /// The JSON.
    pub json: Vec<u8>,
}

/// Shows no word of the update.
impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kept({}, {} bytes)", self.id, self.json.len())
    }
}

#[derive(Serialize, Deserialize)]
enum Row {
    V1 { chat: i64, json: Vec<u8> },
}

/// Keeps a batch together with the offset that confirms it, and returns which of its updates are
/// new, by number and chat, in the order in which they came.
///
/// The offset follows the last of the batch. They may come in any order, and from `getUpdates` and a webhook in turn: what was kept before is
/// known by its number, and what was not is kept, however low its number.
///
/// # Errors
///
/// Returns [`StoreError`] if the rows cannot be written.
pub fn keep(txn: &Txn<'_>, bot: BotId, batch: &[Kept]) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut fresh = Vec::with_capacity(batch.len());
    let before = offset(txn, bot)?;
    remember_offset(txn, bot, before)?;
    let mut next = before;
    for update in batch {
        let was_there = txn.updates_seen().insert((bot.0, update.id), ())?;
        next = Some(update.id + 1);
        if was_there {
            continue;
        }
        forget_far(txn, bot, update.id)?;
        let row = Row::V1 { chat: update.chat, json: update.json.clone() };
        txn.updates().insert_row((bot.0, update.id), &row)?;
        fresh.push((update.id, update.chat));
    }
    if let Some(next) = next.filter(|_| next != before) {
        txn.update_offsets().insert(bot.0, next)?;
    }
    Ok(fresh)
}

/// Remembers what was kept before numbers were: a file of an older release has an offset alone.
fn remember_offset(txn: &Txn<'_>, bot: BotId, offset: Option<i64>) -> Result<(), StoreError> {
    let Some(offset) = offset else { return Ok(()) };
    if txn.updates_seen().range(all_of(bot)).next().transpose()?.is_none() {
        for id in offset.saturating_sub(ONE_ANSWER)..offset {
            txn.updates_seen().insert((bot.0, id), ())?;
        }
    }
    Ok(())
}

/// Forgets numbers that are far from `id` on either side.
fn forget_far(txn: &Txn<'_>, bot: BotId, id: i64) -> Result<(), StoreError> {
    let table = txn.updates_seen();
    while let Some(((_, first), ())) = table.range(all_of(bot)).next().transpose()?
        && first < id.saturating_sub(REMEMBERED)
    {
        table.remove((bot.0, first))?;
    }
    while let Some(((_, last), ())) = table.range_back(all_of(bot)).next().transpose()?
        && last > id.saturating_add(REMEMBERED)
    {
        table.remove((bot.0, last))?;
    }
    Ok(())
}

/// Returns where the rows of a bot lie.
const fn all_of(bot: BotId) -> RangeInclusive<(i64, i64)> {
    (bot.0, i64::MIN)..=(bot.0, i64::MAX)
}

/// Returns the number of the next update to ask for, once there has been one.
///
/// # Errors
///
/// Returns [`StoreError`] if the row cannot be read; so does every function here.
pub fn offset(txn: &impl Read, bot: BotId) -> Result<Option<i64>, StoreError> {
    txn.update_offsets().get(bot.0)
}

/// Returns the updates that are kept, by number and chat, oldest first.
///
/// # Errors
///
/// As [`offset`].
pub fn waiting(txn: &impl Read, bot: BotId) -> Result<Vec<(i64, i64)>, StoreError> {
    let rows = txn.updates().rows::<Row>(all_of(bot));
    rows.map(|entry| {
        let ((_, id), Row::V1 { chat, .. }) = entry?;
        Ok((id, chat))
    })
    .collect()
}

/// Returns the oldest of the updates that are kept, at most `limit`.
///
/// # Errors
///
/// As [`offset`].
pub fn oldest(txn: &impl Read, bot: BotId, limit: usize) -> Result<Vec<Kept>, StoreError> {
    let rows = txn.updates().rows::<Row>(all_of(bot)).take(limit);
    rows.map(|entry| {
        let ((_, id), Row::V1 { chat, json }) = entry?;
        Ok(Kept { id, chat, json })
    })
    .collect()
}

/// Tells whether any of these updates is kept.
///
/// # Errors
///
/// As [`offset`].
pub fn any_of(txn: &impl Read, bot: BotId, ids: &BTreeSet<i64>) -> Result<bool, StoreError> {
    for id in ids {
        if txn.updates().contains((bot.0, *id))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Tells whether so many updates of a bot are kept, or more.
///
/// # Errors
///
/// As [`offset`].
pub fn are_many(txn: &impl Read, bot: BotId, many: usize) -> Result<bool, StoreError> {
    Ok(txn.updates().range(all_of(bot)).nth(many.saturating_sub(1)).transpose()?.is_some())
}

/// Forgets all that is known of a bot's updates.
///
/// # Errors
///
/// As [`offset`].
pub fn forget(txn: &Txn<'_>, bot: BotId) -> Result<(), StoreError> {
    while let Some((key, _)) = txn.updates().range(all_of(bot)).next().transpose()? {
        txn.updates().remove(key)?;
    }
    while let Some((key, ())) = txn.updates_seen().range(all_of(bot)).next().transpose()? {
        txn.updates_seen().remove(key)?;
    }
    txn.update_offsets().remove(bot.0).map(drop)
}

/// Returns a kept update.
///
/// # Errors
///
/// As [`offset`].
pub fn get(txn: &impl Read, bot: BotId, id: i64) -> Result<Option<Kept>, StoreError> {
    let row = txn.updates().get_row::<Row>((bot.0, id))?;
    Ok(row.map(|Row::V1 { chat, json }| Kept { id, chat, json }))
}

/// Forgets an update that is handled.
///
/// # Errors
///
/// As [`offset`].
pub fn remove(txn: &Txn<'_>, bot: BotId, id: i64) -> Result<(), StoreError> {
    txn.updates().remove((bot.0, id)).map(drop)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::{Options, Store};

    const BOT: BotId = BotId(7);

    fn update(id: i64) -> Kept {
        Kept { id, chat: 1, json: b"{}".to_vec() }
    }

    fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("t.redb"), Options { cache_bytes: 1 << 20 });
        (dir, store.unwrap())
    }

    async fn keep_all(store: &Store, ids: Vec<i64>) -> Vec<i64> {
        let batch: Vec<_> = ids.into_iter().map(update).collect();
        let kept = store.write(move |txn| keep(txn, BOT, &batch)).await;
        kept.map_err(|err: StoreError| err).unwrap().into_iter().map(|(id, _)| id).collect()
    }

    #[tokio::test]
    async fn what_comes_late_is_kept_and_what_comes_twice_is_not() {
        let (_dir, store) = store();
        assert_eq!(keep_all(&store, vec![102, 103]).await, [102, 103]);
        assert_eq!(keep_all(&store, vec![101]).await, [101]);
        assert_eq!(keep_all(&store, vec![101, 102, 103, 104]).await, [104]);
        // A new count from elsewhere.
        assert_eq!(keep_all(&store, vec![5, 6]).await, [5, 6]);
        assert_eq!(store.read(|snap| offset(snap, BOT)).unwrap(), Some(7));
    }

    #[tokio::test]
    async fn a_file_of_an_older_release_keeps_nothing_twice() {
        let (_dir, store) = store();
        let old = store.write(|txn| txn.update_offsets().insert(BOT.0, 500));
        old.await.map_err(|err: StoreError| err).unwrap();
        assert_eq!(keep_all(&store, vec![401, 499, 500]).await, [500]);
    }

    #[tokio::test]
    async fn few_numbers_are_remembered_and_those_of_others_stay() {
        let (_dir, store) = store();
        let other = store.write(|txn| keep(txn, BotId(8), &[update(1)]));
        other.await.map_err(|err: StoreError| err).unwrap();
        for from in (0..20_000).step_by(1_000) {
            keep_all(&store, (from..from + 1_000).collect()).await;
        }
        let known = store.read(|snap| snap.updates_seen().count()).unwrap();
        assert_eq!(known, u64::try_from(REMEMBERED).unwrap() + 2);
        let forgotten = store.write(|txn| forget(txn, BOT));
        forgotten.await.map_err(|err: StoreError| err).unwrap();
        assert_eq!(store.read(|snap| snap.updates_seen().count()).unwrap(), 1);
        assert_eq!(store.read(|snap| snap.updates().count()).unwrap(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn every_update_is_kept_once_in_whatever_order(
            batches in proptest::collection::vec(proptest::collection::vec(0i64..60, 1..8), 1..12),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let mut kept = runtime.block_on(async {
                let (_dir, store) = store();
                let mut kept = Vec::new();
                for batch in batches.clone() {
                    kept.extend(keep_all(&store, batch).await);
                }
                kept
            });
            kept.sort_unstable();
            let mut all: Vec<_> = batches.concat();
            all.sort_unstable();
            all.dedup();
            prop_assert_eq!(kept, all);
        }
    }
}
