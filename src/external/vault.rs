//! Where backups are kept, and how: files are cut where their content says so, each piece is kept
//! once, and a backup is a manifest that names its pieces. [`docs/backups.md`] tells the format.
//!
//! [`docs/backups.md`]: ../../../docs/backups.md

pub mod age;
mod books;
mod claim;
pub mod directory;
mod draft;
mod error;
mod id;
mod keys;
mod manifest;
mod piece;
mod proof;
mod prune;
mod restore;
pub mod s3;
mod verify;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::future::BoxFuture;
use jiff::Timestamp;

use self::keys::Name;

pub use age::Identity;
pub use books::{Books, Shelf, Unreadable};
pub use draft::{Added, CLIENTS, DATABASE, Draft, SEALING_KEY, SETTINGS};
pub use error::{PlaceError, VaultError};
pub use id::{BackupId, InvalidBackupId, Which};
pub use keys::VaultKeys;
pub use manifest::{HeldFile, Summary};
pub use proof::{Doubt, HostId, InvalidHostId, Proof};
pub use prune::Pruned;
pub use restore::{Restored, RestoredFile};
pub use verify::{Fault, FaultKind, Verified};

/// The folder of the manifests.
const MANIFESTS: &str = "backups";
/// The folder of the pieces.
const OBJECTS: &str = "objects";
/// The folder of what drafts claim.
const CLAIMS: &str = "drafts";

/// What a place holds under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The whole name, as it was put.
    pub name: String,
    /// How large it is.
    pub bytes: u64,
}

/// A place that keeps named bytes: a directory, a bucket.
///
/// Names are of the form `folder/name`, both of letters, digits, `-`, `_` and `.`. Each verb is
/// safe to repeat, ends within a time of its own, and tries again by itself what is worth it.
pub trait Place: Send + Sync + 'static {
    /// Keeps `bytes` under the name, in place of what was there; whole or not at all, and on disk
    /// when it returns.
    fn put(&self, name: &str, bytes: Bytes) -> BoxFuture<'_, Result<(), PlaceError>>;

    /// Returns what is kept under the name; [`PlaceError::Missing`] if nothing is.
    fn get(&self, name: &str) -> BoxFuture<'_, Result<Bytes, PlaceError>>;

    /// Returns all that is kept directly in a folder, in any order; one that was never put into is
    /// empty.
    fn list(&self, folder: &str) -> BoxFuture<'_, Result<Vec<Listed>, PlaceError>>;

    /// Deletes what is kept under the name; gone already is fine.
    fn delete(&self, name: &str) -> BoxFuture<'_, Result<(), PlaceError>>;

    /// Returns where it is, for messages; never a secret.
    fn show(&self) -> String;
}

/// The backups in a place, and the keys to add to them; cheap to clone.
#[derive(Clone)]
pub struct Vault {
    books: Books,
    keys: Arc<VaultKeys>,
    distrusted: Distrusted,
}

/// Pieces that are known to be damaged: the next draft that needs one stores it anew.
type Distrusted = Arc<Mutex<HashSet<Name>>>;

impl Vault {
    /// Makes the vault of this host in `place`.
    pub fn new(place: Arc<dyn Place>, keys: VaultKeys) -> Self {
        Self { books: Books::new(place), keys: Arc::new(keys), distrusted: Distrusted::default() }
    }

    /// Returns the backups for reading, which needs no keys.
    pub const fn books(&self) -> &Books {
        &self.books
    }

    /// Returns where the backups are, for messages.
    pub fn show(&self) -> String {
        self.books.show()
    }

    /// Tells whether what is kept here opens with the operator's identity alone.
    pub fn encrypts(&self) -> bool {
        !self.keys.recipients().is_empty()
    }

    /// Begins a backup: claims the place, and reads what is there. It exists once it is
    /// [finished](Draft::finish).
    ///
    /// # Errors
    ///
    /// Returns [`VaultError::Busy`] as long as another one is under way.
    pub async fn begin(&self, now: Timestamp) -> Result<Draft, VaultError> {
        let distrusted = Arc::clone(&self.distrusted);
        Draft::begin(&self.books, Arc::clone(&self.keys), distrusted, now).await
    }

    /// Returns what there is, the newest first.
    ///
    /// # Errors
    ///
    /// Returns [`VaultError`] if the place cannot be read; a manifest that cannot is in the answer.
    pub async fn list(&self) -> Result<Shelf, VaultError> {
        self.books.list().await
    }

    /// Looks whether every byte of a backup is as it was written; with an identity, or without
    /// encryption, also whether each piece opens. A piece that is damaged is stored anew by the next
    /// backup that needs it, which mends this one as well.
    ///
    /// # Errors
    ///
    /// Returns [`VaultError`] if it could not be looked at; what is wrong with it is in the answer.
    pub async fn verify(
        &self,
        id: BackupId,
        identity: Option<&Identity>,
    ) -> Result<Verified, VaultError> {
        let verified = self.books.verify(id, identity).await?;
        let damaged = verified.faults.iter().filter_map(|fault| piece_named(&fault.name));
        self.distrusted.lock().unwrap_or_else(PoisonError::into_inner).extend(damaged);
        Ok(verified)
    }

    /// Deletes all but the newest `keep` backups of this host, and then what no backup needs. The
    /// newest whole one always stays.
    ///
    /// # Errors
    ///
    /// Returns [`VaultError`]; what remains is whole, and the next time goes on.
    pub async fn prune(&self, keep: usize, now: Timestamp) -> Result<Pruned, VaultError> {
        prune::prune(&self.books, &self.keys, keep, now).await
    }
}

/// Returns the piece that is kept under this name of the place.
fn piece_named(name: &str) -> Option<Name> {
    keys::unhex(name.rsplit_once('/')?.1)
}

#[cfg(test)]
mod tests;
