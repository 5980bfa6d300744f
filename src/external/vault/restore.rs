//! A backup, taken out into a directory.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use ring::digest::{Context, SHA256};

use super::age::Identity;
use super::books::{Books, blocking, open};
use super::draft::object_name;
use super::error::VaultError;
use super::id::BackupId;
use super::manifest::{HeldFile, Manifest, Summary};
use super::piece;
use super::proof::Proof;
use super::verify::Opener;

/// How many pieces are read at once.
const AT_ONCE: usize = 8;

/// What was taken out.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The backup.
    pub summary: Summary,
    /// Who says that they made it.
    pub proof: Proof,
    /// Its files, in the order in which they were added.
    pub files: Vec<RestoredFile>,
}

/// A file that was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoredFile {
    /// Its name in the backup.
    pub name: String,
    /// Where it is now.
    pub path: PathBuf,
    /// How large it is.
    pub bytes: u64,
    /// Of which instant it is, if it was taken over from an older backup.
    pub from: Option<Timestamp>,
}

impl Books {
    /// Writes all files of a backup below `into`, which is made if need be; each was compared with
    /// what was added, and all are on disk when it returns. Files are 0600, directories 0700.
    ///
    /// # Errors
    ///
    /// Returns [`VaultError`]; what was written until then is of no use.
    pub async fn restore(
        &self,
        id: BackupId,
        identity: Option<&Identity>,
        into: &Path,
    ) -> Result<Restored, VaultError> {
        let manifest = self.load(id).await?;
        let contents = open(&manifest, identity)?;
        let opener = Opener::new(&manifest, &contents, identity);
        let mut files = Vec::with_capacity(contents.files.len());
        for file in contents.files {
            let path = into.join(&file.name);
            self.write_file(&manifest, &opener, &file, &path).await?;
            let HeldFile { name, bytes, from, .. } = file;
            files.push(RestoredFile { name, path, bytes, from });
        }
        let Manifest { summary, proof, .. } = manifest;
        Ok(Restored { summary, proof, files })
    }

    /// Returns one file of a backup, if it holds it, compared with what was added; and who says that they
    /// made the backup.
    ///
    /// # Errors
    ///
    /// Returns [`VaultError`].
    pub async fn read(
        &self,
        id: BackupId,
        identity: Option<&Identity>,
        name: &str,
    ) -> Result<(Option<Vec<u8>>, Proof), VaultError> {
        let manifest = self.load(id).await?;
        let contents = open(&manifest, identity)?;
        let opener = Opener::new(&manifest, &contents, identity);
        let proof = manifest.proof.clone();
        let Some(file) = contents.files.into_iter().find(|file| file.name == name) else {
            return Ok((None, proof));
        };
        let mut bytes = Vec::new();
        for place in file.pieces {
            bytes.extend(self.piece(&manifest, &opener, place).await?);
        }
        if piece::sha256(&bytes) == file.sha256 {
            return Ok((Some(bytes), proof));
        }
        let what = format!("{name} in the backup {id}");
        Err(VaultError::Damaged { what, how: "is not what was added" })
    }

    async fn write_file(
        &self,
        manifest: &Manifest,
        opener: &Opener,
        file: &HeldFile,
        path: &Path,
    ) -> Result<(), VaultError> {
        let mut writing = Writing::begin(path.to_owned()).await?;
        let mut pieces = stream::iter(&file.pieces)
            .map(|place| self.piece(manifest, opener, *place))
            .buffered(AT_ONCE);
        while let Some(piece) = pieces.next().await {
            writing = writing.write(piece?).await?;
        }
        if writing.finish().await? == (file.bytes, file.sha256) {
            return Ok(());
        }
        let what = format!("{} in the backup {}", file.name, manifest.summary.id);
        Err(VaultError::Damaged { what, how: "is not what was added" })
    }

    async fn piece(
        &self,
        manifest: &Manifest,
        opener: &Opener,
        place: u32,
    ) -> Result<Vec<u8>, VaultError> {
        let damaged = |how| VaultError::Damaged {
            what: format!("a piece of the backup {}", manifest.summary.id),
            how,
        };
        let object = usize::try_from(place).ok().and_then(|place| manifest.objects.get(place));
        let object = object.ok_or_else(|| damaged("is not among those that are listed"))?;
        // What its name says is what counts here; the stored bytes tell what is wrong if it is not.
        if let Ok(stored) = self.place.get(&object_name(&object.name)).await
            && let Ok(plain) = opener.open(object.name, stored).await?
        {
            return Ok(plain);
        }
        let stored = self.stored(manifest, object).await?;
        let plain = opener.open(object.name, stored.map_err(|kind| damaged(kind.words()))?).await?;
        plain.map_err(|_| damaged("does not hold what its name says"))
    }
}

/// A file that is being written.
struct Writing {
    path: PathBuf,
    file: File,
    bytes: u64,
    sum: Context,
}

impl Writing {
    async fn begin(path: PathBuf) -> Result<Self, VaultError> {
        blocking(move || match make(&path) {
            Ok(file) => Ok(Self { path, file, bytes: 0, sum: Context::new(&SHA256) }),
            Err(source) => Err(VaultError::File { action: "write", path, source }),
        })
        .await?
    }

    async fn write(mut self, plain: Vec<u8>) -> Result<Self, VaultError> {
        blocking(move || {
            self.bytes += plain.len() as u64;
            self.sum.update(&plain);
            match self.file.write_all(&plain) {
                Ok(()) => Ok(self),
                Err(source) => Err(self.failed(source)),
            }
        })
        .await?
    }

    /// Returns the size and the SHA-256 of what was written.
    async fn finish(self) -> Result<(u64, [u8; 32]), VaultError> {
        blocking(move || {
            let parent = self.path.parent().map_or(Ok(()), |it| File::open(it)?.sync_all());
            if let Err(source) = self.file.sync_all().and(parent) {
                return Err(self.failed(source));
            }
            let mut sum = [0; 32];
            sum.copy_from_slice(self.sum.finish().as_ref());
            Ok((self.bytes, sum))
        })
        .await?
    }

    fn failed(self, source: io::Error) -> VaultError {
        VaultError::File { action: "write", path: self.path, source }
    }
}

fn make(path: &Path) -> io::Result<File> {
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}
