//! Whose backup it is: a code over its manifest under a key that follows from the host's sealing key.
//! Whoever can write to the place has no such key.

use std::fmt;
use std::str::FromStr;

use ring::hmac::{self, HMAC_SHA256};

use super::id::BackupId;
use super::keys::VaultKeys;

/// How many digits a host's id has.
const HOST_DIGITS: usize = 32;

/// What a host's backups are known by: 32 digits that follow from its sealing key, and tell nothing of
/// it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostId(String);

/// A text is no host's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a host as slotbox backup list shows it: 32 digits from 0 to f")]
pub struct InvalidHostId;

/// What a manifest says of who wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The backup.
    pub id: BackupId,
    /// The host that it names.
    pub host: HostId,
    /// The SHA-256 of all that the code is over, but for the id.
    pub(super) sum: [u8; 32],
    pub(super) tag: [u8; 32],
}

/// Why a backup is not one that the host of some keys has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It names another host.
    OtherHost,
    /// It names this one, and its manifest is not as this one wrote it, or not under this id.
    Forged,
}

impl Proof {
    /// Returns the code of a manifest that is written.
    pub(super) fn sign(keys: &VaultKeys, id: BackupId, sum: &[u8; 32]) -> [u8; 32] {
        keys.sign(&message(id, sum))
    }

    /// Tells whether the host of these keys made the backup, and it is as that host wrote it.
    ///
    /// # Errors
    ///
    /// Returns why not.
    pub fn check(&self, keys: &VaultKeys) -> Result<(), Doubt> {
        if !self.host.is(keys.host()) {
            return Err(Doubt::OtherHost);
        }
        let signed = keys.has_signed(&message(self.id, &self.sum), &self.tag);
        signed.then_some(()).ok_or(Doubt::Forged)
    }
}

fn message(id: BackupId, sum: &[u8; 32]) -> Vec<u8> {
    [id.to_string().as_bytes(), b"\0", sum].concat()
}

impl HostId {
    pub(super) fn new(tag: &str) -> Self {
        Self(tag.chars().take(HOST_DIGITS).collect())
    }

    /// Tells whether it is the same, in a time that tells nothing of it.
    pub fn is(&self, other: &Self) -> bool {
        let key = hmac::Key::new(HMAC_SHA256, b"compare");
        let tag = hmac::sign(&key, self.0.as_bytes());
        hmac::verify(&key, other.0.as_bytes(), tag.as_ref()).is_ok()
    }
}

impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for HostId {
    type Err = InvalidHostId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let fits = text.len() == HOST_DIGITS && text.bytes().all(digit);
        fits.then(|| Self(text.to_owned())).ok_or(InvalidHostId)
    }
}
