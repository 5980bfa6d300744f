//! A file that is coming in: it has no name until it is whole.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tokio::fs::{DirBuilder, File, OpenOptions};
use tokio::io::AsyncWriteExt as _;

/// More than this is not taken in.
const LARGEST_BYTES: u64 = 1 << 30;
/// What a file is called that is not whole.
const UNFINISHED: &str = "coming.part";

/// A file that is coming in; dropped before it is kept, it is deleted.
#[derive(Debug)]
pub struct Incoming {
    file: File,
    path: PathBuf,
    bytes: u64,
    is_kept: bool,
}

impl Incoming {
    /// Begins a file (mode 0600) in this directory, which is made if need be (mode 0700). There is
    /// one at a time: what an earlier one has left is deleted.
    ///
    /// # Errors
    ///
    /// Returns what the system refused.
    pub async fn begin(directory: &Path) -> io::Result<Self> {
        Self::begin_as(directory, UNFINISHED).await
    }

    /// As [`Incoming::begin`], under this name instead of the usual one until it is whole.
    ///
    /// # Errors
    ///
    /// As [`Incoming::begin`].
    pub async fn begin_as(directory: &Path, unfinished: &str) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).await?;
        let path = directory.join(unfinished);
        match tokio::fs::remove_file(&path).await {
            Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
            _ => {}
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await?;
        Ok(Self { file, path, bytes: 0, is_kept: false })
    }

    /// Returns where the file is as long as it has no name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes more of the file.
    ///
    /// # Errors
    ///
    /// Returns what the system refused, or that the file is too large.
    pub async fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.bytes += chunk.len() as u64;
        if self.bytes > LARGEST_BYTES {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.file.write_all(chunk).await
    }

    /// Has all that was written on disk when it returns.
    ///
    /// # Errors
    ///
    /// Returns what the system refused.
    pub async fn sync(&mut self) -> io::Result<()> {
        self.file.flush().await?;
        self.file.sync_all().await
    }

    /// Gives the file its name and returns how large it is; both are on disk when this returns.
    ///
    /// # Errors
    ///
    /// Returns what the system refused.
    pub async fn keep(mut self, name: &str) -> io::Result<u64> {
        self.sync().await?;
        tokio::fs::rename(&self.path, self.path.with_file_name(name)).await?;
        self.is_kept = true;
        if let Some(directory) = self.path.parent() {
            File::open(directory).await?.sync_all().await?;
        }
        Ok(self.bytes)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.is_kept {
            fs::remove_file(&self.path).ok(); // If not now, then when the next one begins.
        }
    }
}
