//! What can go wrong with a store.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use super::facts::Release;

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk failed, or the file is damaged. A write that ends so may have been kept or not.
    #[error("the database failed")]
    Database(#[source] Arc<dyn Error + Send + Sync>),
    /// A row has another form than this program writes.
    #[error("a row of table {table} is damaged: {reason}")]
    Corrupt {
        /// The table that holds the row.
        table: &'static str,
        /// What is wrong with its form; never what it says.
        reason: String,
    },
    /// The closure panicked; nothing of it was kept.
    #[error("the write panicked")]
    Panicked,
    /// The store has been closed, or its file cannot be opened again after a failure.
    #[error("the store is closed")]
    Closed,
}

/// Why a database file was not opened. It is left as it was.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Only one process may have it open, and one has.
    #[error("{0} is already open in another process")]
    AlreadyOpen(PathBuf),
    /// The file cannot be read or made.
    #[error("cannot open {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no database, or its content is damaged.
    #[error("{path} is damaged or no database; restore a backup")]
    Corrupted {
        /// The file.
        path: PathBuf,
        /// What was found.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A later release of this program wrote the file.
    #[error(
        "{path} has schema {found}, newer than {known}, which release {} knows; {}",
        Release::own(), writer(.release.as_ref())
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// The file's version.
        found: u64,
        /// The newest version that this program knows.
        known: u64,
        /// The release that last had it.
        release: Option<Release>,
    },
    /// The file could not be brought to this program's version.
    #[error("cannot bring {path} from schema {found} to {known}; {}", writer(.release.as_ref()))]
    Migration {
        /// The file.
        path: PathBuf,
        /// The file's version.
        found: u64,
        /// The version that it should get.
        known: u64,
        /// The release that last had it.
        release: Option<Release>,
        /// What failed.
        source: StoreError,
    },
    /// The database failed otherwise.
    #[error("cannot open {path}")]
    Store {
        /// The file.
        path: PathBuf,
        /// What failed.
        source: StoreError,
    },
    /// The system gives no thread to write on.
    #[error("cannot start the writer thread")]
    Thread(#[source] std::io::Error),
}

fn writer(release: Option<&Release>) -> String {
    release.map_or_else(
        || "it does not tell which release wrote it last".to_owned(),
        |release| format!("release {release} wrote it last"),
    )
}

macro_rules! from_redb {
    ($($error:ty),*) => {$(
        impl From<$error> for StoreError {
            fn from(err: $error) -> Self {
                Self::Database(Arc::new(err))
            }
        }
    )*};
}

from_redb!(redb::StorageError, redb::TableError, redb::TransactionError, redb::CommitError);
