//! What there is in a place: the backups, read.

use std::sync::Arc;

use futures::{StreamExt as _, stream};

use super::age::{self, DecryptError, Identity};
use super::error::{PlaceError, VaultError};
use super::id::{BackupId, Which};
use super::manifest::{Contents, Manifest, Summary};
use super::{MANIFESTS, Place, piece};

/// How many manifests are read at once.
const AT_ONCE: usize = 4;

/// The backups in a place, for reading; cheap to clone.
#[derive(Clone)]
pub struct Books {
    pub(super) place: Arc<dyn Place>,
}

/// All backups in a place.
#[derive(Debug, Default)]
pub struct Shelf {
    /// Those that can be read, the newest first.
    pub backups: Vec<Summary>,
    /// Those that cannot.
    pub unreadable: Vec<Unreadable>,
}

/// A backup whose manifest cannot be read.
#[derive(Debug)]
pub struct Unreadable {
    /// The backup.
    pub id: BackupId,
    /// Why it cannot be read.
    pub why: VaultError,
}

impl Books {
    /// Opens the books of a place.
    pub fn new(place: Arc<dyn Place>) -> Self {
        Self { place }
    }

    /// Returns where they are, for messages.
    pub fn show(&self) -> String {
        self.place.show()
    }

    /// Returns what there is, the newest first.
    ///
    /// # Errors
    ///
    /// Returns [`VaultError`] if the place cannot be read; a manifest that cannot is in the answer.
    pub async fn list(&self) -> Result<Shelf, VaultError> {
        let mut found = Shelf::default();
        let ids = self.ids().await?;
        let mut read = stream::iter(ids.into_iter().rev())
            .map(async |id| (id, self.load(id).await))
            .buffered(AT_ONCE);
        while let Some((id, manifest)) = read.next().await {
            match manifest {
                Ok(manifest) => found.backups.push(manifest.summary),
                Err(why) if why.is_of_backup() => found.unreadable.push(Unreadable { id, why }),
                Err(VaultError::Unknown { .. }) => {} // Gone since it was listed.
                Err(err) => return Err(err),
            }
        }
        Ok(found)
    }

    /// Returns the backup that is meant.
    ///
    /// # Errors
    ///
    /// Returns [`VaultError::Empty`] if there is none, and [`VaultError`] if the place cannot be
    /// read.
    pub async fn find(&self, which: Which) -> Result<BackupId, VaultError> {
        let ids = self.ids().await?;
        match which {
            Which::Latest => ids.last().copied().ok_or_else(|| VaultError::Empty(self.show())),
            Which::Id(id) if ids.contains(&id) => Ok(id),
            Which::Id(id) => Err(VaultError::Unknown { id, place: self.show() }),
        }
    }

    /// Returns what a backup tells without a key.
    ///
    /// # Errors
    ///
    /// Returns [`VaultError`] if there is none, or it cannot be read.
    pub async fn summary(&self, id: BackupId) -> Result<Summary, VaultError> {
        self.load(id).await.map(|manifest| manifest.summary)
    }

    /// Returns all backups by their ids, the oldest first.
    pub(super) async fn ids(&self) -> Result<Vec<BackupId>, VaultError> {
        let listed = self.place.list(MANIFESTS).await;
        let listed = listed.map_err(VaultError::place("look for backups"))?;
        let name = |name: &str| name.rsplit_once('/').map(|(_, id)| id.parse());
        let mut ids: Vec<_> =
            listed.iter().filter_map(|it| name(&it.name)).filter_map(Result::ok).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    pub(super) async fn load(&self, id: BackupId) -> Result<Manifest, VaultError> {
        let stored = match self.place.get(&manifest_name(id)).await {
            Ok(stored) => stored,
            Err(PlaceError::Missing) => {
                return Err(VaultError::Unknown { id, place: self.show() });
            }
            Err(source) => {
                return Err(VaultError::Place { action: format!("read the backup {id}"), source });
            }
        };
        blocking(move || Manifest::read(id, &stored)).await?
    }
}

impl VaultError {
    /// Tells whether it lies with one backup, and the others may be fine.
    pub(super) const fn is_of_backup(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Newer { .. })
    }
}

/// Opens a manifest's contents with the operator's identity, which one that is not encrypted does
/// without.
pub(super) fn open(
    manifest: &Manifest,
    identity: Option<&Identity>,
) -> Result<Contents, VaultError> {
    let id = manifest.summary.id;
    let damaged = || VaultError::Damaged {
        what: format!("the manifest of {id}"),
        how: "holds contents that cannot be read",
    };
    let opened = match (manifest.summary.encrypted, identity) {
        (false, _) => manifest.contents.clone(),
        (true, None) => return Err(VaultError::NeedsIdentity(id)),
        (true, Some(identity)) => match age::decrypt(identity, &manifest.contents) {
            Ok(opened) => opened,
            Err(DecryptError::WrongIdentity) => return Err(VaultError::WrongIdentity(id)),
            Err(DecryptError::Damaged) => return Err(damaged()),
        },
    };
    read(manifest, &opened).ok_or_else(damaged)
}

/// Opens a manifest's contents as the host that wrote it; `None` if it was another one.
pub(super) fn open_as_host(manifest: &Manifest, own: &[u8; 32]) -> Option<Contents> {
    if manifest.summary.encrypted {
        read(manifest, &piece::open_own(own, &manifest.own)?)
    } else {
        read(manifest, &manifest.contents)
    }
}

fn read(manifest: &Manifest, packed: &[u8]) -> Option<Contents> {
    Contents::read(&piece::unpack_contents(packed)?, manifest.objects.len())
}

pub(super) fn manifest_name(id: BackupId) -> String {
    format!("{MANIFESTS}/{id}")
}

/// Runs what takes the processor or a disk for long beside the runtime.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, VaultError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| VaultError::Panicked)
}
