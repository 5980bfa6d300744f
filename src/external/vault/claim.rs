//! What keeps two drafts from one place: a note of who is at work there.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::{PlaceError, VaultError};
use super::keys::hex;
use super::{CLAIMS, Place};
use crate::external::vault::age::EncryptError;

/// A note that was not renewed for so long is of a process that is dead.
const STALE_AFTER: Duration = Duration::from_mins(10);
/// How often the note is renewed while the work goes on.
const RENEWED_EVERY: Duration = Duration::from_secs(30);

/// The note of one draft; once it is dropped, it is deleted.
pub(super) struct Claim {
    place: Arc<dyn Place>,
    name: String,
    begun: (Timestamp, Instant),
    renewed: Instant,
    is_released: bool,
}

#[derive(Serialize, Deserialize)]
struct Note {
    since: Timestamp,
    renewed: Timestamp,
    /// Tells the starts of machines apart.
    boot: String,
    process: u32,
}

impl Claim {
    /// Claims the place.
    pub(super) async fn take(place: Arc<dyn Place>, now: Timestamp) -> Result<Self, VaultError> {
        let number: [u8; 8] = random()?;
        let name = format!("{CLAIMS}/{}", hex(&number));
        let at = Instant::now();
        let mut claim = Self { place, name, begun: (now, at), renewed: at, is_released: false };
        claim.look_around(now).await?;
        claim.write().await?;
        // Two that came at once see each other here, and both go.
        if let Err(err) = claim.look_around(now).await {
            claim.release().await;
            return Err(err);
        }
        Ok(claim)
    }

    /// Renews the note if it is time, and tells if another draft has taken this one for dead.
    pub(super) async fn renew(&mut self) -> Result<(), VaultError> {
        if self.renewed.elapsed() < RENEWED_EVERY {
            return Ok(());
        }
        self.hold().await
    }

    /// Renews the note now, unless another draft has taken this one for dead.
    pub(super) async fn hold(&mut self) -> Result<(), VaultError> {
        match self.place.get(&self.name).await {
            Err(PlaceError::Missing) => return Err(VaultError::Overtaken),
            Err(source) => return Err(failed(source)),
            Ok(_) => {}
        }
        self.write().await
    }

    /// Lets go of the place. If this fails, the note goes stale.
    pub(super) async fn release(mut self) {
        self.is_released = true;
        self.place.delete(&self.name).await.ok();
    }

    async fn write(&mut self) -> Result<(), VaultError> {
        let (since, at) = self.begun;
        let renewed = since.checked_add(at.elapsed()).unwrap_or(since);
        let note = Note { since, renewed, boot: boot(), process: std::process::id() };
        let note = serde_json::to_vec(&note).map_err(|_| VaultError::Panicked)?;
        self.place.put(&self.name, Bytes::from(note)).await.map_err(failed)?;
        self.renewed = Instant::now();
        Ok(())
    }

    /// Deletes the notes of the dead, and stops at one of the living.
    async fn look_around(&self, now: Timestamp) -> Result<(), VaultError> {
        let listed = self.place.list(CLAIMS).await.map_err(failed)?;
        for other in listed.iter().filter(|other| other.name != self.name) {
            let note = match self.place.get(&other.name).await {
                Ok(note) => serde_json::from_slice::<Note>(&note).ok(),
                Err(PlaceError::Missing) => continue,
                Err(source) => return Err(failed(source)),
            };
            if let Some(note) = note.filter(|note| note.is_alive(now)) {
                let until = note.renewed.checked_add(STALE_AFTER).unwrap_or(note.renewed);
                return Err(VaultError::Busy { since: note.since, until });
            }
            self.place.delete(&other.name).await.map_err(failed)?;
        }
        Ok(())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let (false, Ok(runtime)) = (self.is_released, tokio::runtime::Handle::try_current()) {
            let (place, name) = (Arc::clone(&self.place), std::mem::take(&mut self.name));
            runtime.spawn(async move { place.delete(&name).await });
        }
    }
}

impl Note {
    fn is_alive(&self, now: Timestamp) -> bool {
        let is_here = self.boot == boot() && !self.boot.is_empty();
        let is_gone = is_here && !Path::new(&format!("/proc/{}", self.process)).exists();
        // A clock that was set back must not make a note eternal.
        !is_gone && now.duration_since(self.renewed).unsigned_abs() < STALE_AFTER
    }
}

fn failed(source: PlaceError) -> VaultError {
    VaultError::Place { action: "claim the place of the backups".to_owned(), source }
}

fn boot() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    text.map(|text| text.trim().to_owned()).unwrap_or_default()
}

fn random<const N: usize>() -> Result<[u8; N], EncryptError> {
    use ring::rand::SecureRandom as _;
    let mut bytes = [0; N];
    ring::rand::SystemRandom::new().fill(&mut bytes).map_err(|_| EncryptError::NoRandom)?;
    Ok(bytes)
}
