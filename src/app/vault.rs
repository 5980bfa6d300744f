//! Where this host keeps its backups.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use url::Url;

use crate::config::{Backup, Config, Destination};
use crate::domain::recipient::Recipient;
use crate::external::vault::directory::Directory;
use crate::external::vault::s3::{S3, S3Settings};
use crate::external::vault::{Place, Vault, VaultKeys};
use crate::external::way::Way;
use crate::store::secrets::Sealer;

/// What the sealing key proves when it names the pieces of backups.
const PURPOSE: &str = "backups";
/// Where the file lies that remembers a destination, below the data directory.
const MEMORY: &str = "backups/destination";

/// Returns the vault that this host keeps its backups in.
///
/// # Errors
///
/// Returns why there is none.
pub fn vault(config: &Config, sealer: &Sealer) -> anyhow::Result<Vault> {
    let data_dir = &config.server.data_dir;
    let keys = keys(sealer, config.backup.recipients.clone());
    Ok(Vault::new(place(&config.backup, data_dir)?, keys))
}

/// Returns the keys that the host with this sealing key signs its backups with; `None` if it is none.
pub fn keys_of(sealing_key: &[u8]) -> Option<VaultKeys> {
    Some(keys(&Sealer::new(sealing_key).ok()?, Vec::new()))
}

/// Returns the keys of the host with this sealer.
pub(super) fn keys(sealer: &Sealer, recipients: Vec<Recipient>) -> VaultKeys {
    VaultKeys::new(sealer.proof(PURPOSE).expose_secret().as_bytes(), recipients)
}

/// Returns the place where backups go; without a destination, a directory beside the data.
///
/// # Errors
///
/// Returns why it cannot be used.
pub fn place(backup: &Backup, data_dir: &Path) -> anyhow::Result<Arc<dyn Place>> {
    Ok(match &backup.destination {
        None => Arc::new(Directory::ours(usual(data_dir))),
        Some(Destination::Directory(path)) => {
            let directory = Directory::of_operator(path.clone());
            Arc::new(directory.remembered_in(data_dir.join(MEMORY)))
        }
        Some(Destination::S3 { bucket, prefix }) => Arc::new(s3(backup, bucket, prefix)?),
    })
}

fn s3(backup: &Backup, bucket: &str, prefix: &str) -> anyhow::Result<S3> {
    let its = &backup.s3;
    let (name, secret) = its.key.as_ref().context(
        "a bucket needs a key: set backup.s3_access_key and backup.s3_secret_key, in the settings, \
         in files (KEY_file) or as systemd credentials of these names",
    )?;
    let settings = S3Settings {
        endpoint: Url::parse(&its.endpoint).context("backup.s3_endpoint")?,
        region: its.region.clone(),
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        access_key: name.expose_secret().to_owned(),
        secret_key: secret.clone(),
    };
    let way = Way::new(None, its.ca_file.as_deref()).context("backup.s3_ca_file")?;
    Ok(S3::new(settings, &way)?)
}

/// Returns where backups are kept if no destination is set.
pub fn usual(data_dir: &Path) -> PathBuf {
    data_dir.join("backups").join("vault")
}
