//! The vault that the host's backups go to.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex as StdMutex, MutexGuard as StdGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::spawn_blocking;

use super::cure::{self, Places};
use super::{BackUpHostError, passage};
use crate::config::{KeptSettings, Sources};
use crate::external::vault::{BackupId, Draft, SEALING_KEY, SETTINGS, Vault, VaultError};
use crate::store::StoreError;

/// The vault of this host, and one backup at a time that goes into it; cheap to clone.
#[derive(Clone)]
pub struct HostVault(Arc<Inner>, Option<Arc<Sources>>);

struct Inner {
    /// The vault, or why there is none.
    vault: Result<Vault, String>,
    /// In words for operators.
    destination: String,
    key: PathBuf,
    passage: PathBuf,
    turn: Mutex<()>,
    trouble: StdMutex<Option<Trouble>>,
}

/// What is wrong with the place that backups go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Why it cannot be used.
    pub why: String,
    /// What mends it.
    pub cure: String,
}

impl HostVault {
    /// Puts backups into `vault`, if there is one, or else says why there is none. The sealing key is in the
    /// file `key`.
    pub fn new(vault: Result<Vault, String>, data_dir: &Path, key: PathBuf) -> Self {
        let (turn, trouble) = (Mutex::new(()), StdMutex::new(None));
        let destination = vault.as_ref().map_or_else(|_| "nowhere".to_owned(), Vault::show);
        let passage = passage(data_dir);
        Self(Arc::new(Inner { vault, destination, key, passage, turn, trouble }), None)
    }

    /// Has encrypted backups hold the settings that are read from there.
    #[must_use]
    pub fn with_settings(self, sources: Sources) -> Self {
        Self(self.0, Some(Arc::new(sources)))
    }

    /// Names the place that backups go to.
    pub fn destination(&self) -> &str {
        &self.0.destination
    }

    /// Returns what was wrong with the place at the last look.
    pub fn trouble(&self) -> Option<Trouble> {
        self.lock().clone()
    }

    /// Waits until no other backup is being made.
    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.0.turn.lock().await
    }

    /// Looks whether the place can be read and written, and tells if it cannot.
    pub(super) async fn look(&self, now: Timestamp) {
        let trouble = match self.begin(now).await {
            Ok(_) | Err(BackUpHostError::Vault(VaultError::Busy { .. })) => None,
            Err(err) => {
                let (why, cure) = (cure::told(&err), self.cure(&err));
                tracing::error!(
                    event = "backup.unusable",
                    error = why,
                    cure,
                    destination = self.destination(),
                    "backups cannot be put where they shall go"
                );
                Some(Trouble { why, cure })
            }
        };
        *self.lock() = trouble;
    }

    /// Tells what mends a failure.
    pub(super) fn cure(&self, err: &BackUpHostError) -> String {
        let passage = self.0.passage.display().to_string();
        let places = Places { destination: self.destination(), passage: &passage };
        cure::cure(err, places)
    }

    /// Notes that the place was used.
    pub(super) fn is_well(&self) {
        *self.lock() = None;
    }

    /// Begins a backup. A draft that is dropped leaves nothing that counts.
    pub(super) async fn begin(&self, now: Timestamp) -> Result<Draft, BackUpHostError> {
        Ok(self.vault()?.begin(now).await?)
    }

    /// Adds the sealing key, if nobody can read it in the vault who has not the operator's key.
    pub(super) async fn add_key(&self, draft: &mut Draft) -> Result<(), BackUpHostError> {
        if self.vault()?.encrypts() {
            draft.add(SEALING_KEY, &self.0.key).await?;
        }
        Ok(())
    }

    /// Adds the settings as they are now, where [`HostVault::add_key`] adds the key. Those that cannot be
    /// read are told and left out: the rest matters more.
    pub(super) async fn add_settings(&self, draft: &mut Draft) -> Result<(), BackUpHostError> {
        let Some(sources) = self.1.clone().filter(|_| self.vault().is_ok_and(Vault::encrypts))
        else {
            return Ok(());
        };
        let gathered = spawn_blocking(move || KeptSettings::gather(&sources)).await;
        match gathered.map_err(|_| StoreError::Panicked)? {
            Ok(kept) => _ = draft.add_bytes(SETTINGS, kept.write()).await?,
            Err(err) => tracing::warn!(event = "backup.without_settings", error = %err,
                "the settings cannot be read; the backup is without them"),
        }
        Ok(())
    }

    /// Reads every byte of a backup back.
    pub(super) async fn verify(&self, id: BackupId) -> Result<(), BackUpHostError> {
        let verified = self.vault()?.verify(id, None).await?;
        match verified.faults.first() {
            None => Ok(()),
            Some(first) => {
                let (count, first) = (verified.faults.len(), first.to_string());
                Err(BackUpHostError::NotWhole { id, count, first })
            }
        }
    }

    /// Deletes all but the newest, and returns what cannot be read.
    pub(super) async fn prune(&self, keep: u32, now: Timestamp) -> Result<(), BackUpHostError> {
        let keep = usize::try_from(keep).unwrap_or(usize::MAX);
        let pruned = self.vault()?.prune(keep, now).await?;
        for backup in pruned.unreadable {
            tracing::warn!(event = "backup.not_pruned", backup = %backup.id, error = %backup.why,
                "a backup cannot be read; as nobody knows what it needs, nothing is deleted");
        }
        Ok(())
    }

    fn vault(&self) -> Result<&Vault, BackUpHostError> {
        self.0.vault.as_ref().map_err(|why| BackUpHostError::NoVault(why.clone()))
    }

    fn lock(&self) -> StdGuard<'_, Option<Trouble>> {
        self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
