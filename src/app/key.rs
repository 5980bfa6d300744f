//! The key that seals bot tokens: it lies outside the data directory, so that neither a backup nor
//! a copied database gives them away.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::config::Sources;
use crate::random;
use crate::store::Store;
use crate::store::secrets::{Sealer, any};

/// What the systemd credential and the file beside the settings are called.
pub const NAME: &str = "sealing.key";

/// Returns the sealer of this host, and where its key lies.
///
/// The key is the systemd credential `sealing.key`, or else the file of that name beside the main
/// file of settings. One is made when there is none yet and nothing was sealed before.
///
/// # Errors
///
/// Returns what to do about a key that is lost, readable by others, or cannot be written.
pub fn sealer(sources: &Sources, store: &Store) -> anyhow::Result<(Sealer, PathBuf)> {
    let (key, path) = if let Some(path) = sources.credential(NAME) {
        (read(&path)?, path)
    } else {
        let path = beside(sources)?;
        (read_or_make(&path, store)?, path)
    };
    Ok((Sealer::new(&key)?, path))
}

/// Returns where the key lies, or would be made.
///
/// # Errors
///
/// Returns why there is no place for it.
pub fn place(sources: &Sources) -> anyhow::Result<PathBuf> {
    sources.credential(NAME).map_or_else(|| beside(sources), Ok)
}

fn beside(sources: &Sources) -> anyhow::Result<PathBuf> {
    let Some(main) = &sources.file else {
        bail!("there is no place for {NAME} without a file of settings")
    };
    Ok(main.with_file_name(NAME))
}

fn read_or_make(path: &Path, store: &Store) -> anyhow::Result<Vec<u8>> {
    match fs::metadata(path) {
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            bail!("{} can be read by others; run: chmod 600 {}", path.display(), path.display())
        }
        Ok(_) => read(path),
        Err(err) if err.kind() == io::ErrorKind::NotFound => {
            if store.read(|snap| any(snap))? {
                bail!(
                    "{} is lost, and the bots' tokens in the database cannot be opened without \
                     it; put it back from where you keep it",
                    path.display()
                );
            }
            make(path)
        }
        Err(err) => Err(err).with_context(|| format!("cannot look at {}", path.display())),
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read the sealing key {}", path.display()))
}

fn make(path: &Path) -> anyhow::Result<Vec<u8>> {
    let key: [u8; 32] = random::bytes()?;
    write(path, &key).with_context(|| {
        format!(
            "cannot write the new sealing key {}; give the systemd credential {NAME}, or a \
             directory that can be written to",
            path.display()
        )
    })?;
    tracing::info!(
        event = "key.made", path = %path.display(),
        "a sealing key was made; keep a copy of it apart from the backups"
    );
    Ok(key.to_vec())
}

/// Writes the key whole or not at all. Where all settings come from the environment, even the
/// directory may not be there yet.
///
/// # Errors
///
/// Returns what the system refused; the key before is as it was.
pub fn write(path: &Path, key: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let new = path.with_extension("new");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(key)?;
    file.sync_all()?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::ids::ClientId;
    use crate::store::{Options, StoreError, secrets};

    fn sources(dir: &Path) -> Sources {
        let file = Some(dir.join("etc/slotbox.toml"));
        Sources { file, environment: BTreeMap::new(), credentials: None }
    }

    fn store(dir: &Path) -> Store {
        Store::open(&dir.join("t.redb"), Options { cache_bytes: 1 << 20 }).unwrap()
    }

    #[tokio::test]
    async fn a_key_is_made_once_and_missed_when_it_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let token = "123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8".parse().unwrap();
        let client = ClientId::from_bits(1);
        let (first, _) = sealer(&sources(dir.path()), &store).unwrap();
        let sealed = first.seal(client, &token).unwrap();
        let (again, _) = sealer(&sources(dir.path()), &store).unwrap();
        assert_eq!(again.open(client, &sealed), Ok(token));

        store
            .write(move |txn| secrets::put(txn, client, &sealed))
            .await
            .map_err(|err: StoreError| err)
            .unwrap();
        fs::remove_file(dir.path().join("etc").join(NAME)).unwrap();
        let lost = sealer(&sources(dir.path()), &store).map(drop).unwrap_err().to_string();
        assert!(lost.contains("is lost"), "{lost}");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        fs::create_dir(dir.path().join("etc")).unwrap();
        let path = dir.path().join("etc").join(NAME);
        fs::write(&path, [7; 32]).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let refused = sealer(&sources(dir.path()), &store).map(drop).unwrap_err().to_string();
        assert!(refused.contains("chmod 600"), "{refused}");
    }
}
