//! The secret half of an operator's key.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretBox};
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};

use crate::domain::recipient::{Recipient, bech32};

/// What a secret key's text begins with.
const PREFIX: &str = "age-secret-key-";
/// What a file that is itself encrypted begins with.
const ENCRYPTED: [&str; 2] = ["age-encryption.org/", "-----BEGIN AGE ENCRYPTED FILE-----"];

/// The secret keys of an operator, as a file of `age-keygen` holds them; cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<[SecretBox<[u8; 32]>]>);

/// Why a text holds no identity. Never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIdentity {
    /// The file needs its passphrase first.
    #[error("the identity is encrypted with a passphrase; decrypt it first: age -d -o FILE")]
    Encrypted,
    /// A line is no secret key.
    #[error("line {0} is no identity of age-keygen: expected AGE-SECRET-KEY-1...")]
    Line(usize),
    /// There is none in it.
    #[error(
        "there is no identity in it: expected a line AGE-SECRET-KEY-1..., as age-keygen writes"
    )]
    None,
}

impl Identity {
    /// Reads the text of an identity file: a key a line, and comments after `#`.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidIdentity`].
    pub fn parse(text: &str) -> Result<Self, InvalidIdentity> {
        if ENCRYPTED.iter().any(|start| text.starts_with(start)) {
            return Err(InvalidIdentity::Encrypted);
        }
        let mut keys = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            keys.push(key(line).ok_or(InvalidIdentity::Line(number))?);
        }
        if keys.is_empty() { Err(InvalidIdentity::None) } else { Ok(Self(keys.into())) }
    }

    /// Returns the public halves.
    pub fn recipients(&self) -> Vec<Recipient> {
        self.0.iter().map(public).collect()
    }

    /// Returns what each key and `share` agree on, beside the key's public half. Where they agree
    /// on nothing, there is nothing.
    pub(super) fn agree(&self, share: [u8; 32]) -> impl Iterator<Item = (Recipient, [u8; 32])> {
        let shared =
            move |key: &SecretBox<[u8; 32]>| (public(key), x25519(*key.expose_secret(), share));
        self.0.iter().map(shared).filter(|(_, shared)| *shared != [0; 32])
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.recipients()).finish()
    }
}

fn key(line: &str) -> Option<SecretBox<[u8; 32]>> {
    let (prefix, bytes) = bech32::decode(line)?;
    let bytes: [u8; 32] = bytes.try_into().ok()?;
    (prefix == PREFIX).then(|| SecretBox::new(Box::new(bytes)))
}

fn public(key: &SecretBox<[u8; 32]>) -> Recipient {
    Recipient::from_bytes(x25519(*key.expose_secret(), X25519_BASEPOINT_BYTES))
}
