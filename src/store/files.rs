//! Database files: how one is opened, and what its errors mean.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, StorageBackend, StorageError};

use super::{OpenError, Options, StoreError};

/// Opens the file at `path`, or makes it.
pub(super) fn open(path: &Path, options: Options) -> Result<Database, OpenError> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|source| OpenError::Io { path: path.to_owned(), source })?;
    let backend = FileBackend::new(file).map_err(|err| explain(path, err))?;
    open_backend(backend, path, options)
}

/// Opens the database that `backend` holds; `path` is its name in errors.
pub(super) fn open_backend(
    backend: impl StorageBackend,
    path: &Path,
    options: Options,
) -> Result<Database, OpenError> {
    Builder::new()
        .set_cache_size(options.cache_bytes)
        .create_with_backend(backend)
        .map_err(|err| explain(path, err))
}

/// Says what an error of redb means for the file at `path`.
pub(super) fn explain(path: &Path, err: DatabaseError) -> OpenError {
    let path = path.to_owned();
    match err {
        DatabaseError::DatabaseAlreadyOpen => OpenError::AlreadyOpen(path),
        DatabaseError::Storage(StorageError::Io(source))
            if source.kind() != ErrorKind::InvalidData =>
        {
            OpenError::Io { path, source }
        }
        DatabaseError::Storage(err @ (StorageError::Io(_) | StorageError::Corrupted(_))) => {
            OpenError::Corrupted { path, source: err.into() }
        }
        DatabaseError::Storage(err) => OpenError::Store { path, source: err.into() },
        err => OpenError::Store { path, source: StoreError::Database(std::sync::Arc::new(err)) },
    }
}
