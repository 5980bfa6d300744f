//! Send a backup: a client's bot copies its database and sends the copy to its host.

use std::io;
use std::path::Path;

use super::client_deps::ClientDeps;
use crate::external::gateway::GatewayError;
use crate::store::backup::BackupError;

/// What the copy is called as long as it lies beside the database.
const COPY: &str = "backup.redb";

/// Why no copy was sent.
#[derive(Debug, thiserror::Error)]
pub enum SendBackupError {
    /// The copy could not be made.
    #[error("cannot copy the database")]
    Copy(#[from] BackupError),
    /// An older copy is in the way, or the new one cannot be read.
    #[error("cannot read or delete the copy")]
    Disk(#[from] io::Error),
    /// The host did not take it.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
}

/// Copies the database as it is now, while the bot goes on, and sends the copy under the number
/// that the host wished for it. Nothing of it is left in `dir`.
///
/// # Errors
///
/// Returns [`SendBackupError`]; the host will ask again.
pub async fn send_backup(
    deps: &ClientDeps,
    dir: &Path,
    number: u64,
) -> Result<(), SendBackupError> {
    let path = dir.join(COPY);
    remove(&path).await?;
    let sent = async {
        deps.store.backup_to(path.clone()).await?;
        Ok(deps.gateway.send_backup(number, &path).await?)
    };
    let sent = sent.await;
    remove(&path).await?;
    sent
}

async fn remove(path: &Path) -> io::Result<()> {
    match tokio::fs::remove_file(path).await {
        Err(err) if err.kind() != io::ErrorKind::NotFound => Err(err),
        _ => Ok(()),
    }
}
