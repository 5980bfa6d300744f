//! What may go wrong with a vault, and how it is mended.

use std::io;
use std::path::PathBuf;

use super::id::BackupId;

/// Why a place did not keep or give something. The words name the place.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// Nothing is kept under this name.
    #[error("it is not there")]
    Missing,
    /// The place itself is not there.
    #[error("{0}")]
    Absent(String),
    /// No room is left.
    #[error("no room is left in {0}; make room, or keep fewer backups (backup.keep)")]
    Full(String),
    /// It can be read only.
    #[error("{0} can be read only; mount it so that it can be written to")]
    ReadOnly(String),
    /// It does not let this program in.
    #[error("{0}")]
    Denied(String),
    /// It cannot be reached for now.
    #[error("{0}")]
    Unreachable(String),
    /// Something else.
    #[error("{0}")]
    Other(String),
}

impl PlaceError {
    /// Makes the error of what the system refused below `path`.
    pub(super) fn of_system(path: &str, err: &io::Error) -> Self {
        let path = path.to_owned();
        match err.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path),
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(path),
            io::ErrorKind::PermissionDenied => Self::Denied(format!(
                "{path} does not let this user in; run this as root, or give it to the user of slotbox serve"
            )),
            _ => Self::Other(format!("{path}: {err}")),
        }
    }
}

/// Why a backup was not made, found, looked through or taken out.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The place failed.
    #[error("cannot {action}")]
    Place {
        /// What was being done, in words that follow "cannot".
        action: String,
        /// Why it could not be done.
        source: PlaceError,
    },
    /// Another backup is being made.
    #[error(
        "another backup is under way there, begun at {since}; if it was cut off, it stops counting \
         at {until}"
    )]
    Busy {
        /// When it began.
        since: jiff::Timestamp,
        /// When it will be taken for dead, unless it goes on.
        until: jiff::Timestamp,
    },
    /// The draft was taken for dead by another one.
    #[error("this backup was taken for dead because it stood still, and another one has begun")]
    Overtaken,
    /// There is no such backup.
    #[error("there is no backup {id} in {place}; see: slotbox backup list")]
    Unknown {
        /// The one that was asked for.
        id: BackupId,
        /// Where it is not.
        place: String,
    },
    /// There is none at all.
    #[error("there is no backup in {0} yet; make one: slotbox backup create")]
    Empty(String),
    /// A manifest or a piece is not as it was written.
    #[error("{what} {how}; use another backup, and see: slotbox backup verify")]
    Damaged {
        /// What is damaged.
        what: String,
        /// In which way.
        how: &'static str,
    },
    /// It is of a later program.
    #[error(
        "the backup {id} is in format {format}, which this release does not know; use the release \
         that made it, or a newer one"
    )]
    Newer {
        /// The backup.
        id: BackupId,
        /// Its format.
        format: u32,
    },
    /// It is encrypted, and nobody gave the identity.
    #[error("the backup {0} is encrypted; give the identity that opens it: --identity FILE")]
    NeedsIdentity(BackupId),
    /// The identity is not one of its recipients'.
    #[error("the backup {0} was encrypted to another key than this identity's")]
    WrongIdentity(BackupId),
    /// A file of this host cannot be read or written.
    #[error("cannot {action} {path}", path = path.display())]
    File {
        /// What was being done, in words that follow "cannot".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A recipient cannot be encrypted to, or there is no randomness.
    #[error(transparent)]
    Encrypt(#[from] super::age::EncryptError),
    /// A name that is none of a backup's files.
    #[error("{0:?} is no name of a file in a backup")]
    BadName(String),
    /// A part of the work panicked.
    #[error("a part of the work panicked")]
    Panicked,
}

impl VaultError {
    /// Makes the error of a place, unless nothing was there at all.
    pub(super) fn place(action: impl Into<String>) -> impl FnOnce(PlaceError) -> Self {
        |source| Self::Place { action: action.into(), source }
    }

    /// Tells whether it may go well if it is tried again later, with nothing changed.
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Busy { .. }
                | Self::Overtaken
                | Self::Place { source: PlaceError::Unreachable(_), .. }
        )
    }
}
