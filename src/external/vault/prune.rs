//! What old backups take is given back.

use std::collections::HashSet;

use std::sync::Arc;

use jiff::Timestamp;

use super::books::{Books, Unreadable, manifest_name};
use super::claim::Claim;
use super::draft::{object_name, sizes};
use super::error::VaultError;
use super::id::BackupId;
use super::keys::{Name, VaultKeys};
use super::manifest::Object;

/// What went.
#[derive(Debug, Default)]
pub struct Pruned {
    /// The backups, the oldest first.
    pub backups: Vec<BackupId>,
    /// How many pieces no backup needed.
    pub pieces: u64,
    /// How much room they took.
    pub bytes: u64,
    /// Backups that cannot be read: as nobody knows what they need, no piece was deleted.
    pub unreadable: Vec<Unreadable>,
}

struct Known {
    id: BackupId,
    is_own: bool,
    is_whole: bool,
    pieces: Vec<Name>,
}

pub(super) async fn prune(
    books: &Books,
    keys: &VaultKeys,
    keep: usize,
    now: Timestamp,
) -> Result<Pruned, VaultError> {
    let mut claim = Claim::take(Arc::clone(&books.place), now).await?;
    let pruned = prune_claimed(books, keys, keep, &mut claim).await;
    claim.release().await;
    pruned
}

async fn prune_claimed(
    books: &Books,
    keys: &VaultKeys,
    keep: usize,
    claim: &mut Claim,
) -> Result<Pruned, VaultError> {
    let mut pruned = Pruned::default();
    let sizes = sizes(books).await?;
    let mut known = Vec::new();
    for id in books.ids().await? {
        claim.renew().await?;
        let manifest = match books.load(id).await {
            Ok(manifest) => manifest,
            Err(VaultError::Unknown { .. }) => continue,
            Err(why) if why.is_of_backup() => {
                pruned.unreadable.push(Unreadable { id, why });
                continue;
            }
            Err(err) => return Err(err),
        };
        let there = |object: &Object| sizes.get(&object.name) == Some(&object.bytes);
        known.push(Known {
            id,
            is_own: manifest.proof.check(keys).is_ok(),
            is_whole: manifest.objects.iter().all(there),
            pieces: manifest.objects.iter().map(|object| object.name).collect(),
        });
    }
    let going = going(&known, keep);
    for id in known.iter().map(|it| it.id).filter(|id| going.contains(id)) {
        claim.renew().await?;
        let deleted = books.place.delete(&manifest_name(id)).await;
        deleted.map_err(VaultError::place("delete an old backup"))?;
        pruned.backups.push(id);
    }
    if !pruned.unreadable.is_empty() {
        return Ok(pruned);
    }
    let staying = known.iter().filter(|it| !going.contains(&it.id));
    let needed: HashSet<_> = staying.flat_map(|it| &it.pieces).copied().collect();
    for (name, bytes) in sizes.iter().filter(|(name, _)| !needed.contains(*name)) {
        claim.renew().await?;
        let deleted = books.place.delete(&object_name(name)).await;
        deleted.map_err(VaultError::place("delete what no backup needs"))?;
        pruned.pieces += 1;
        pruned.bytes += bytes;
    }
    Ok(pruned)
}

/// Returns which go, of all backups, the oldest first: those of this host beyond the newest
/// `keep`, but not the newest whole one.
fn going(known: &[Known], keep: usize) -> HashSet<BackupId> {
    let own: Vec<_> = known.iter().filter(|it| it.is_own).collect();
    let newest_whole = own.iter().rev().find(|it| it.is_whole).map(|it| it.id);
    let beyond = own.len().saturating_sub(keep);
    let old = own.iter().take(beyond).map(|it| it.id);
    old.filter(|id| Some(*id) != newest_whole).collect()
}
