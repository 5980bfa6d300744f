//! What is encrypted to an operator's key, in the format of [age](https://age-encryption.org), so
//! that `age -d` opens it with no Slotbox at hand: version 1, X25519 recipients.

mod header;
mod identity;
mod stream;

use ring::aead::{CHACHA20_POLY1305, LessSafeKey, UnboundKey};
use ring::error::Unspecified;
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::domain::recipient::Recipient;

pub use identity::{Identity, InvalidIdentity};

/// How long the key of one file is.
const FILE_KEY_BYTES: usize = 16;
/// How long what stands before the body and makes its key is.
const NONCE_BYTES: usize = 16;

/// Why something could not be encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncryptError {
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandom,
    /// Nothing can be encrypted to this key.
    #[error("nothing can be encrypted to {0}")]
    Unusable(Recipient),
    /// The cipher refused, which it does for no length that occurs.
    #[error("the cipher refused")]
    Refused,
}

impl From<Unspecified> for EncryptError {
    fn from(_: Unspecified) -> Self {
        Self::Refused
    }
}

/// Why something could not be decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecryptError {
    /// It is not in the format, or was changed.
    #[error("it is damaged")]
    Damaged,
    /// It was encrypted to other keys.
    #[error("the identity does not open it")]
    WrongIdentity,
}

impl From<Unspecified> for DecryptError {
    fn from(_: Unspecified) -> Self {
        Self::Damaged
    }
}

/// Encrypts `plain` to all of the recipients: each of their identities opens it.
///
/// # Errors
///
/// Returns [`EncryptError`].
pub fn encrypt(recipients: &[Recipient], plain: &[u8]) -> Result<Vec<u8>, EncryptError> {
    let random = SystemRandom::new();
    let (mut key, mut nonce) = ([0; FILE_KEY_BYTES], [0; NONCE_BYTES]);
    random.fill(&mut key).map_err(|_| EncryptError::NoRandom)?;
    random.fill(&mut nonce).map_err(|_| EncryptError::NoRandom)?;
    let mut out = header::write(recipients, &key)?;
    out.extend(nonce);
    stream::seal(&derive(&key, &nonce, b"payload")?, plain, &mut out)?;
    Ok(out)
}

/// Decrypts what was encrypted to the identity.
///
/// # Errors
///
/// Returns [`DecryptError`]; nothing of a changed text is returned.
pub fn decrypt(identity: &Identity, encrypted: &[u8]) -> Result<Vec<u8>, DecryptError> {
    let (key, body) = header::open(identity, encrypted)?;
    let (nonce, body) = body.split_first_chunk::<NONCE_BYTES>().ok_or(DecryptError::Damaged)?;
    stream::open(&derive(&key, nonce, b"payload")?, body)
}

/// Derives a key by HKDF-SHA-256.
fn derive(secret: &[u8], salt: &[u8], info: &[u8]) -> Result<[u8; 32], Unspecified> {
    let mut key = [0; 32];
    let made = Salt::new(HKDF_SHA256, salt).extract(secret);
    made.expand(&[info], Length)?.fill(&mut key)?;
    Ok(key)
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, Unspecified> {
    UnboundKey::new(&CHACHA20_POLY1305, key).map(LessSafeKey::new)
}

struct Length;

impl KeyType for Length {
    fn len(&self) -> usize {
        32
    }
}

#[cfg(test)]
mod tests;
