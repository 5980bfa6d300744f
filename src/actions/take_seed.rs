//! Take a seed: a client's bot gets the database that it is to begin with from its host, and puts
//! it in the place of its own.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use futures::StreamExt as _;

use crate::domain::seed::SeedRefusal;
use crate::external::gateway::{Gateway, GatewayError};
use crate::external::incoming::Incoming;
use crate::store::hold::hold;
use crate::store::{OpenError, StoreError, backup};

/// What the seed is called in the data directory as long as it is not whole.
const UNFINISHED: &str = "seed.part";

/// Why the seed is not in its place.
#[derive(Debug, thiserror::Error)]
pub enum TakeSeedError {
    /// The host did not give it, or does not know that it was taken.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The disk is full.
    #[error("there is no room for the seed")]
    NoRoom(#[source] io::Error),
    /// It cannot be written.
    #[error("the seed cannot be written")]
    Disk(#[source] io::Error),
    /// It is no sound database that this program can open.
    #[error("the seed is no sound database for this program")]
    Unsound(#[source] OpenError),
    /// Another process has the bot's database open.
    #[error("the database before it is in use")]
    InUse(#[source] OpenError),
    /// The program failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TakeSeedError {
    /// Returns what the host is told of it, if it must know.
    pub const fn refusal(&self) -> Option<SeedRefusal> {
        match self {
            Self::NoRoom(_) => Some(SeedRefusal::NoRoom),
            Self::Disk(_) | Self::InUse(_) | Self::Store(_) => Some(SeedRefusal::Failed),
            Self::Unsound(OpenError::TooNew { .. }) => Some(SeedRefusal::TooNew),
            Self::Unsound(_) => Some(SeedRefusal::Damaged),
            Self::Gateway(_) => None,
        }
    }
}

impl From<io::Error> for TakeSeedError {
    fn from(err: io::Error) -> Self {
        match err.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::NoRoom(err)
            }
            _ => Self::Disk(err),
        }
    }
}

/// Puts the seed with this number in the place of `database`, and has the host forget it.
///
/// It is looked through from end to end before. The bot must not have its database open; another
/// process may, and has `patience` to end.
///
/// Safe to repeat after a crash at any place: the host has the seed until it is told, and the
/// database before it is as it was until the seed has its name.
///
/// # Errors
///
/// Returns [`TakeSeedError`]; the bot must not serve, and try again.
pub async fn take_seed(
    gateway: &Gateway,
    database: &Path,
    number: u64,
    patience: Duration,
) -> Result<(), TakeSeedError> {
    let directory = database.parent().unwrap_or(database);
    let mut incoming = Incoming::begin_as(directory, UNFINISHED).await?;
    let mut chunks = std::pin::pin!(gateway.seed(number).await?);
    while let Some(chunk) = chunks.next().await {
        incoming.write(chunk?.as_ref()).await?;
    }
    incoming.sync().await?;
    let path = incoming.path().to_owned();
    let checked = tokio::task::spawn_blocking(move || backup::check(&path)).await;
    match checked.map_err(|_| StoreError::Panicked)? {
        Err(OpenError::Io { source, .. }) => return Err(source.into()),
        checked => checked.map_err(TakeSeedError::Unsound)?,
    };
    let before = hold(patience, database).await.map_err(TakeSeedError::InUse)?;
    let name = database.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let bytes = incoming.keep(name).await?;
    drop(before);
    gateway.seed_taken(number).await?;
    tracing::info!(event = "client.seed_taken", bytes, "the bot begins with the data of its seed");
    Ok(())
}
