//! The keys that a host writes its backups with.

use std::fmt;

use ring::hmac::{self, HMAC_SHA256};

use super::proof::HostId;
use crate::domain::recipient::Recipient;

/// The name of a piece: 64 hexadecimal digits.
pub(super) type Name = [u8; 32];

/// What a host names and encrypts its pieces with.
///
/// A piece's name is a code over its content under a key that follows from the host's secret and
/// the recipients: who sees the names cannot tell what they are of, and pieces for other
/// recipients are other pieces.
pub struct VaultKeys {
    recipients: Vec<Recipient>,
    host: HostId,
    own: [u8; 32],
    manifests: hmac::Key,
    naming: Naming,
}

/// What names pieces.
#[derive(Clone)]
pub(super) struct Naming {
    secret: [u8; 32],
    key: hmac::Key,
}

impl VaultKeys {
    /// Makes the keys from a secret of this host that nothing else is made from, and the keys that
    /// the operator has given; without any, nothing is encrypted.
    pub fn new(secret: &[u8], mut recipients: Vec<Recipient>) -> Self {
        recipients.sort_unstable();
        recipients.dedup();
        let secret = hmac::Key::new(HMAC_SHA256, secret);
        let all = recipients.iter().flat_map(|it| *it.as_bytes());
        let names: Vec<u8> = b"names\0".iter().copied().chain(all).collect();
        Self {
            recipients,
            host: HostId::new(&hex(&tag(&secret, b"host"))),
            own: tag(&secret, b"own"),
            manifests: hmac::Key::new(HMAC_SHA256, &tag(&secret, b"manifests")),
            naming: Naming::new(tag(&secret, &names)),
        }
    }

    /// Returns to whom pieces are encrypted.
    pub fn recipients(&self) -> &[Recipient] {
        &self.recipients
    }

    /// Returns what the host's backups are known by.
    pub const fn host(&self) -> &HostId {
        &self.host
    }

    /// Returns the code that nobody makes without the secret.
    pub(super) fn sign(&self, message: &[u8]) -> [u8; 32] {
        tag(&self.manifests, message)
    }

    /// Tells whether it is the code of this message, in a time that tells nothing of it.
    pub(super) fn has_signed(&self, message: &[u8], tag: &[u8; 32]) -> bool {
        hmac::verify(&self.manifests, message, tag).is_ok()
    }

    /// Returns the key of what the host itself must read again.
    pub(super) const fn own(&self) -> &[u8; 32] {
        &self.own
    }

    pub(super) const fn naming(&self) -> &Naming {
        &self.naming
    }
}

impl fmt::Debug for VaultKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultKeys").field("recipients", &self.recipients).finish_non_exhaustive()
    }
}

impl Naming {
    pub(super) fn new(secret: [u8; 32]) -> Self {
        Self { secret, key: hmac::Key::new(HMAC_SHA256, &secret) }
    }

    /// Returns the secret, which goes into the part of a manifest that is encrypted.
    pub(super) const fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// Returns the name of a piece.
    pub(super) fn name(&self, plain: &[u8]) -> Name {
        tag(&self.key, plain)
    }

    /// Returns what makes the places at which files are cut this host's own.
    pub(super) fn seed(&self) -> u64 {
        let seed = tag(&hmac::Key::new(HMAC_SHA256, &self.secret), b"seed");
        seed.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    /// Returns what tells whether two backups name their pieces alike.
    pub(super) fn mark(&self) -> String {
        hex(&self.name(b"mark")).chars().take(16).collect()
    }
}

fn tag(key: &hmac::Key, of: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(key, of);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(tag.as_ref());
    bytes
}

/// Writes bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// Reads 64 hexadecimal digits.
pub(super) fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}
