//! Whether a backup is as it was written.

use std::fmt;

use bytes::Bytes;
use futures::{StreamExt as _, stream};

use super::age::{DecryptError, Identity};
use super::books::{Books, blocking, open};
use super::draft::object_name;
use super::error::{PlaceError, VaultError};
use super::id::BackupId;
use super::keys::{Name, Naming};
use super::manifest::{Contents, Manifest, Object, Summary};
use super::piece;
use super::proof::Proof;

/// How many pieces are looked at at once.
const AT_ONCE: usize = 8;

/// What looking at a backup found.
#[derive(Debug)]
pub struct Verified {
    /// The backup.
    pub summary: Summary,
    /// Who says that they made it.
    pub proof: Proof,
    /// How many pieces it has.
    pub pieces: u64,
    /// Whether the pieces were opened as well, and not their stored bytes alone compared.
    pub opened: bool,
    /// What is wrong; nothing if it is whole.
    pub faults: Vec<Fault>,
}

/// A piece that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The piece's name in the place.
    pub name: String,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What may be wrong with a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It is not there.
    Missing,
    /// It is shorter or longer.
    Resized,
    /// Its bytes are others.
    Changed,
    /// Its bytes are as written, and what is in them is not what its name says.
    Wrong,
}

impl FaultKind {
    /// Returns the words that follow "it".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Missing => "is not there",
            Self::Resized => "is not as large as it was written",
            Self::Changed => "is not as it was written",
            Self::Wrong => "does not hold what its name says",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.kind.words())
    }
}

impl Verified {
    /// Tells whether nothing is wrong.
    pub const fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }
}

impl Books {
    /// Looks whether every byte of a backup is as it was written; with an identity, or without
    /// encryption, also whether each piece opens.
    ///
    /// # Errors
    ///
    /// Returns [`VaultError`] if it could not be looked at, or its manifest is damaged; what else
    /// is wrong with it is in the answer.
    pub async fn verify(
        &self,
        id: BackupId,
        identity: Option<&Identity>,
    ) -> Result<Verified, VaultError> {
        let manifest = self.load(id).await?;
        let opener = match (manifest.summary.encrypted, identity) {
            (true, None) => None,
            _ => Some(Opener::new(&manifest, &open(&manifest, identity)?, identity)),
        };
        // By their places: a closure over references makes a future that no thread can be given.
        let look = |place: usize| self.look(&manifest, &manifest.objects[place], opener.as_ref());
        let mut looks = stream::iter(0..manifest.objects.len()).map(look).buffered(AT_ONCE);
        let mut faults = Vec::new();
        while let Some(fault) = looks.next().await {
            faults.extend(fault?);
        }
        drop(looks);
        let pieces = manifest.objects.len() as u64;
        let can_open = opener.is_some();
        let Manifest { summary, proof, .. } = manifest;
        Ok(Verified { summary, proof, pieces, opened: can_open, faults })
    }

    /// Returns what is wrong with a piece.
    async fn look(
        &self,
        manifest: &Manifest,
        object: &Object,
        opener: Option<&Opener>,
    ) -> Result<Option<Fault>, VaultError> {
        let fault = |kind| Some(Fault { name: object_name(&object.name), kind });
        let stored = match self.stored(manifest, object).await? {
            Ok(stored) => stored,
            Err(kind) => return Ok(fault(kind)),
        };
        let Some(opener) = opener else { return Ok(None) };
        let plain = opener.open(object.name, stored).await?;
        Ok(plain.err().and_then(|_| fault(FaultKind::Wrong)))
    }

    /// Returns a piece's bytes as they were stored.
    pub(super) async fn stored(
        &self,
        manifest: &Manifest,
        object: &Object,
    ) -> Result<Result<Bytes, FaultKind>, VaultError> {
        let stored = match self.place.get(&object_name(&object.name)).await {
            Ok(stored) => stored,
            Err(PlaceError::Missing) => return Ok(Err(FaultKind::Missing)),
            Err(source) => {
                let action = format!("read a piece of the backup {}", manifest.summary.id);
                return Err(VaultError::Place { action, source });
            }
        };
        let (found, stored) = blocking(move || (piece::sha256(&stored), stored)).await?;
        let bytes = stored.len() as u64;
        let is = Object { name: object.name, bytes, sha256: found };
        if is == *object || self.was_written_anew(manifest.summary.id, &is).await? {
            return Ok(Ok(stored));
        }
        Ok(Err(if bytes == object.bytes { FaultKind::Changed } else { FaultKind::Resized }))
    }

    /// Tells whether a later backup has stored this piece anew because it was lost: what is
    /// encrypted twice differs.
    async fn was_written_anew(&self, id: BackupId, object: &Object) -> Result<bool, VaultError> {
        for later in self.ids().await?.into_iter().filter(|later| *later > id) {
            match self.load(later).await {
                Ok(manifest) if manifest.objects.contains(object) => return Ok(true),
                Ok(_) | Err(VaultError::Unknown { .. }) => {}
                Err(err) if err.is_of_backup() => {}
                Err(err) => return Err(err),
            }
        }
        Ok(false)
    }
}

/// What opens the pieces of one backup.
#[derive(Clone)]
pub(super) struct Opener {
    naming: Naming,
    identity: Option<Identity>,
}

impl Opener {
    /// Makes the opener of a backup whose contents were opened.
    pub(super) fn new(manifest: &Manifest, contents: &Contents, with: Option<&Identity>) -> Self {
        let identity = with.filter(|_| manifest.summary.encrypted).cloned();
        Self { naming: Naming::new(contents.naming), identity }
    }

    /// Returns what is in a piece.
    pub(super) async fn open(
        &self,
        name: Name,
        stored: Bytes,
    ) -> Result<Result<Vec<u8>, DecryptError>, VaultError> {
        let Self { naming, identity } = self.clone();
        blocking(move || piece::unpack(identity.as_ref(), &naming, &name, &stored)).await
    }
}
