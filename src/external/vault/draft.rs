//! A backup that is being made.

mod write;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::task::JoinSet;

use super::books::{Books, blocking, manifest_name, open_as_host};
use super::claim::Claim;
use super::error::VaultError;
use super::id::BackupId;
use super::keys::{Name, VaultKeys, hex};
use super::manifest::{Contents, HeldFile, Manifest, Object, Sealed, Summary, is_file_name};
use super::proof::Doubt;
use super::{Distrusted, OBJECTS, piece, piece_named};

/// The name of the host's own database in a backup.
pub const DATABASE: &str = "slotbox.redb";
/// The name of the host's sealing key in a backup: it is taken into encrypted ones alone.
pub const SEALING_KEY: &str = "sealing.key";
/// The name of the host's settings in a backup: they are taken into encrypted ones alone.
pub const SETTINGS: &str = "settings.json";
/// The folder of the clients' databases in a backup.
pub const CLIENTS: &str = "clients";

/// A backup that is being made; there is one at a time in a place. Dropped before it is finished,
/// it leaves nothing but pieces that the next one uses or [`prune`](super::Vault::prune) deletes.
pub struct Draft {
    books: Books,
    keys: Arc<VaultKeys>,
    claim: Claim,
    id: BackupId,
    created_at: Timestamp,
    /// The pieces that are kept already, or were just put.
    kept: HashMap<Name, Object>,
    /// The earlier backups of this host whose pieces can be used, the newest first.
    earlier: Vec<Earlier>,
    files: Vec<DraftFile>,
    stored_bytes: u64,
    distrusted: Distrusted,
    /// The pieces on their way into the place. They outlive a file that could not be added: none
    /// may arrive after another one of its name.
    puts: JoinSet<Result<Object, VaultError>>,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Added {
    /// How large it is.
    pub bytes: u64,
    /// How much was stored for it; the rest was kept already.
    pub stored_bytes: u64,
}

/// Where what is added comes from.
enum Source {
    File(PathBuf),
    Memory(Vec<u8>),
}

/// An earlier backup; its files once they were asked for.
struct Earlier {
    id: BackupId,
    files: Option<HashMap<String, DraftFile>>,
}

/// A file, its pieces by their names.
#[derive(Clone)]
struct DraftFile {
    name: String,
    bytes: u64,
    sha256: [u8; 32],
    from: Option<Timestamp>,
    pieces: Vec<Name>,
}

impl Draft {
    pub(super) async fn begin(
        books: &Books,
        keys: Arc<VaultKeys>,
        distrusted: Distrusted,
        now: Timestamp,
    ) -> Result<Self, VaultError> {
        let claim = Claim::take(Arc::clone(&books.place), now).await?;
        let ids = books.ids().await?;
        let mut draft = Self {
            books: books.clone(),
            keys,
            claim,
            id: BackupId::after(ids.last().copied(), now),
            created_at: now,
            kept: HashMap::new(),
            earlier: Vec::new(),
            files: Vec::new(),
            stored_bytes: 0,
            distrusted,
            puts: JoinSet::new(),
        };
        draft.take_stock(&ids).await?;
        Ok(draft)
    }

    /// Reads which pieces are there, as their manifests tell of them: one that is missing, not as
    /// large as it should be, or known to be damaged is written anew.
    async fn take_stock(&mut self, ids: &[BackupId]) -> Result<(), VaultError> {
        let mut sizes = sizes(&self.books).await?;
        for damaged in self.distrusted.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            sizes.remove(damaged);
        }
        for id in ids {
            self.claim.renew().await?;
            let manifest = match self.books.load(*id).await {
                Ok(manifest) => manifest,
                Err(err) if err.is_of_backup() || matches!(err, VaultError::Unknown { .. }) => {
                    tracing::warn!(event = "backup.unreadable", backup = %id, error = %err,
                        "an earlier backup cannot be read; the new one does without it");
                    continue;
                }
                Err(err) => return Err(err),
            };
            match manifest.proof.check(&self.keys) {
                Ok(()) if manifest.summary.mark == self.keys.naming().mark() => {
                    let there = |object: &&Object| sizes.get(&object.name) == Some(&object.bytes);
                    let there = manifest.objects.iter().filter(there);
                    self.kept.extend(there.map(|object| (object.name, *object)));
                    self.earlier.insert(0, Earlier { id: *id, files: None });
                }
                Ok(()) | Err(Doubt::OtherHost) => {}
                Err(Doubt::Forged) => tracing::warn!(event = "backup.forged", backup = %id,
                    "a backup says that it is of this host, which has not written it so; it is not used"),
            }
        }
        Ok(())
    }

    /// Returns what the backup will be called.
    pub const fn id(&self) -> BackupId {
        self.id
    }

    /// Adds a file, in place of one of the same name. What changed since an earlier backup is
    /// stored, and no more of the file than a few pieces is in memory.
    ///
    /// Must not change while it is read: give a copy of what is in use.
    ///
    /// # Errors
    ///
    /// Returns [`VaultError`], and the draft is as it was before; it can go on without the file.
    pub async fn add(&mut self, name: &str, path: &Path) -> Result<Added, VaultError> {
        self.add_from(name, Source::File(path.to_owned())).await
    }

    /// As [`Draft::add`], of what is in memory and shall not lie on a disk.
    ///
    /// # Errors
    ///
    /// As [`Draft::add`].
    pub async fn add_bytes(&mut self, name: &str, bytes: Vec<u8>) -> Result<Added, VaultError> {
        self.add_from(name, Source::Memory(bytes)).await
    }

    async fn add_from(&mut self, name: &str, from: Source) -> Result<Added, VaultError> {
        let is_secret = matches!(name, SEALING_KEY | SETTINGS);
        if !is_file_name(name) || (is_secret && self.keys.recipients().is_empty()) {
            return Err(VaultError::BadName(name.to_owned()));
        }
        let before = self.stored_bytes;
        let file = self.store(name, from).await?;
        let added = Added { bytes: file.bytes, stored_bytes: self.stored_bytes - before };
        self.hold_file(file);
        Ok(added)
    }

    /// Takes a file over from the newest earlier backup that has it whole, and returns of which
    /// instant it is; `None` if there is none, or it was encrypted to other keys.
    ///
    /// # Errors
    ///
    /// Returns [`VaultError`] if earlier backups cannot be read.
    pub async fn carry(&mut self, name: &str) -> Result<Option<Timestamp>, VaultError> {
        self.claim.renew().await?;
        for place in 0..self.earlier.len() {
            let Some(earlier) = self.earlier.get_mut(place) else { continue };
            if earlier.files.is_none() {
                let files = files_of(&self.books, &self.keys, earlier.id).await?;
                earlier.files = Some(files);
            }
            let file = earlier.files.as_ref().and_then(|files| files.get(name)).cloned();
            let Some(file) = file else { continue };
            if file.pieces.iter().all(|piece| self.kept.contains_key(piece)) {
                let from = file.from;
                self.hold_file(file);
                return Ok(from);
            }
        }
        Ok(None)
    }

    /// Writes the manifest: from then on the backup exists.
    ///
    /// # Errors
    ///
    /// Returns [`VaultError`], and earlier backups are as they were.
    pub async fn finish(mut self) -> Result<Summary, VaultError> {
        self.settle().await;
        self.claim.hold().await?;
        let (objects, files) = self.place_pieces();
        let count = |some: &dyn Fn(&HeldFile) -> bool| {
            files.iter().filter(|file| some(file)).count() as u64
        };
        let summary = Summary {
            id: self.id,
            created_at: self.created_at,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            files: files.len() as u64,
            bytes: files.iter().map(|file| file.bytes).sum(),
            kept_bytes: objects.iter().map(|object| object.bytes).sum(),
            stored_bytes: self.stored_bytes,
            encrypted: !self.keys.recipients().is_empty(),
            clients: count(&|file| file.name.starts_with(CLIENTS)),
            carried: count(&|file| file.from.is_some()),
            host: self.keys.host().clone(),
            mark: self.keys.naming().mark(),
        };
        let contents = Contents { naming: *self.keys.naming().secret(), files };
        let (keys, of) = (Arc::clone(&self.keys), summary.clone());
        let written = blocking(move || manifest(&keys, &of, &objects, &contents)).await??;
        let put = self.books.place.put(&manifest_name(self.id), Bytes::from(written)).await;
        put.map_err(VaultError::place("write the backup's manifest"))?;
        self.claim.release().await;
        Ok(summary)
    }

    fn hold_file(&mut self, file: DraftFile) {
        self.files.retain(|held| held.name != file.name);
        self.files.push(file);
    }

    /// Returns the pieces in the order of their first use, and the files that name them by it.
    fn place_pieces(&mut self) -> (Vec<Object>, Vec<HeldFile>) {
        let (mut objects, mut places) = (Vec::new(), HashMap::new());
        let kept = &self.kept;
        let mut place = |name: &Name| {
            let object = kept.get(name)?;
            Some(*places.entry(*name).or_insert_with(|| {
                objects.push(*object);
                u32::try_from(objects.len() - 1).unwrap_or(u32::MAX)
            }))
        };
        let files = std::mem::take(&mut self.files).into_iter().map(|file| HeldFile {
            pieces: file.pieces.iter().filter_map(&mut place).collect(),
            name: file.name,
            bytes: file.bytes,
            from: file.from,
            sha256: file.sha256,
        });
        let files = files.collect();
        (objects, files)
    }
}

/// Returns how large each piece in the place is.
pub(super) async fn sizes(books: &Books) -> Result<HashMap<Name, u64>, VaultError> {
    let listed = books.place.list(OBJECTS).await;
    let listed = listed.map_err(VaultError::place("see which pieces are kept"))?;
    Ok(listed.iter().filter_map(|it| Some((piece_named(&it.name)?, it.bytes))).collect())
}

pub(super) fn object_name(name: &Name) -> String {
    format!("{OBJECTS}/{}", hex(name))
}

/// Returns the files of an earlier backup of this host by their names; none if it cannot be read.
async fn files_of(
    books: &Books,
    keys: &VaultKeys,
    id: BackupId,
) -> Result<HashMap<String, DraftFile>, VaultError> {
    let manifest = match books.load(id).await {
        Ok(manifest) => manifest,
        Err(err) if err.is_of_backup() => return Ok(HashMap::new()),
        Err(VaultError::Unknown { .. }) => return Ok(HashMap::new()),
        Err(err) => return Err(err),
    };
    if manifest.proof.check(keys).is_err() {
        return Ok(HashMap::new());
    }
    let Some(contents) = open_as_host(&manifest, keys.own()) else { return Ok(HashMap::new()) };
    let piece = |place: &u32| Some(manifest.objects.get(usize::try_from(*place).ok()?)?.name);
    let file = |file: HeldFile| {
        let pieces = file.pieces.iter().map(piece).collect::<Option<_>>()?;
        let from = Some(file.from.unwrap_or(manifest.summary.created_at));
        let HeldFile { name, bytes, sha256, .. } = file;
        Some((name.clone(), DraftFile { name, bytes, sha256, from, pieces }))
    };
    Ok(contents.files.into_iter().filter_map(file).collect())
}

/// Returns a manifest's bytes.
fn manifest(
    keys: &VaultKeys,
    summary: &Summary,
    objects: &[Object],
    contents: &Contents,
) -> Result<Vec<u8>, VaultError> {
    let json = contents.write()?;
    let own = if summary.encrypted {
        piece::seal_own(keys.own(), &piece::pack(&[], &json)?)?
    } else {
        Vec::new()
    };
    let contents = piece::pack(keys.recipients(), &json)?;
    Manifest::write(keys, summary, objects, &Sealed { own, contents })
}
