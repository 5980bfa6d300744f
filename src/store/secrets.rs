//! Bot tokens, sealed: neither a backup nor a copied database gives them away.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::hmac::{self, HMAC_SHA256};
use ring::rand::{SecureRandom, SystemRandom};

use secrecy::SecretString;

use super::tables::Read;
use super::{StoreError, Txn};
use crate::domain::ids::ClientId;
use crate::domain::token::BotToken;

/// Seals and opens secrets with one key that lies outside the database.
pub struct Sealer {
    key: LessSafeKey,
    /// Makes proofs; it follows from the sealing key and tells nothing of it.
    proofs: hmac::Key,
    random: SystemRandom,
}

/// A sealed secret: of no use without the key, nor under another client than it was sealed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes a secret as it was kept.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Returns the bytes to keep.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Why a secret could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// A key has 32 bytes.
    #[error("a sealing key has 32 bytes")]
    BadKey,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandom,
    /// The key is another one, or the bytes were changed.
    #[error("the sealing key does not open this secret")]
    WrongKey,
}

impl Sealer {
    /// Makes a sealer from a key of 32 random bytes.
    ///
    /// # Errors
    ///
    /// Returns [`SealError::BadKey`] for a key of another length.
    pub fn new(key: &[u8]) -> Result<Self, SealError> {
        let unbound = UnboundKey::new(&AES_256_GCM, key).map_err(|_| SealError::BadKey)?;
        let derived = Salt::new(HKDF_SHA256, b"slotbox").extract(key);
        let proofs = derived.expand(&[b"proofs"], HMAC_SHA256).map_err(|_| SealError::BadKey)?;
        let key = LessSafeKey::new(unbound);
        Ok(Self { key, proofs: proofs.into(), random: SystemRandom::new() })
    }

    /// Returns the proof that whoever shows it has it from this host, for this purpose: 64 digits
    /// and letters that nobody can make without the key.
    pub fn proof(&self, of: &str) -> SecretString {
        let tag = hmac::sign(&self.proofs, of.as_bytes());
        let mut text = String::with_capacity(64);
        for byte in tag.as_ref() {
            text.push_str(&format!("{byte:02x}"));
        }
        text.into()
    }

    /// Tells whether `shown` is the [`proof`](Self::proof) for this purpose, in a time that tells
    /// nothing of it.
    pub fn proves(&self, of: &str, shown: &[u8]) -> bool {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let (pairs, rest) = shown.as_chunks::<2>();
        let tag: Option<Vec<u8>> =
            pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
        let tag = tag.filter(|tag| rest.is_empty() && tag.len() == 32).unwrap_or_default();
        hmac::verify(&self.proofs, of.as_bytes(), &tag).is_ok()
    }

    /// Seals a client's bot token.
    ///
    /// # Errors
    ///
    /// Returns [`SealError::NoRandom`] if the system has no random bytes.
    pub fn seal(&self, of: ClientId, token: &BotToken) -> Result<Sealed, SealError> {
        self.seal_bytes(&of.to_string(), token.expose().as_bytes())
    }

    /// Opens a token that was sealed for this client.
    ///
    /// # Errors
    ///
    /// Returns [`SealError::WrongKey`] for anything that this key did not seal for this client.
    pub fn open(&self, of: ClientId, sealed: &Sealed) -> Result<BotToken, SealError> {
        let plain = self.open_bytes(&of.to_string(), sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|_| SealError::WrongKey)?;
        text.parse().map_err(|_| SealError::WrongKey)
    }

    /// Seals `plain` under the name `of`, which opens nothing else.
    ///
    /// # Errors
    ///
    /// Returns [`SealError::NoRandom`] if the system has no random bytes.
    pub fn seal_bytes(&self, of: &str, plain: &[u8]) -> Result<Sealed, SealError> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| SealError::NoRandom)?;
        let mut body = plain.to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.key
            .seal_in_place_append_tag(unique, Aad::from(of), &mut body)
            .map_err(|_| SealError::NoRandom)?;
        Ok(Sealed([nonce.as_slice(), &body].concat()))
    }

    /// Opens what was sealed under this name.
    ///
    /// # Errors
    ///
    /// Returns [`SealError::WrongKey`] for anything that this key did not seal under this name.
    pub fn open_bytes(&self, of: &str, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        let (nonce, body) = sealed.0.split_at_checked(NONCE_LEN).ok_or(SealError::WrongKey)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::WrongKey)?;
        let mut body = body.to_vec();
        let plain = self.key.open_in_place(nonce, Aad::from(of), &mut body);
        plain.map(|plain| plain.to_vec()).map_err(|_| SealError::WrongKey)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

/// Returns the sealed secret of this client.
///
/// # Errors
///
/// Returns [`StoreError`], as everything in this file, if the store cannot be read or written.
pub fn get(txn: &impl Read, of: ClientId) -> Result<Option<Sealed>, StoreError> {
    Ok(txn.secrets().get(of.bits())?.map(Sealed))
}

/// Keeps a sealed secret in place of the one before.
///
/// # Errors
///
/// As [`get`].
pub fn put(txn: &Txn<'_>, of: ClientId, sealed: &Sealed) -> Result<(), StoreError> {
    txn.secrets().insert(of.bits(), &sealed.0)?;
    Ok(())
}

/// Forgets a secret.
///
/// # Errors
///
/// As [`get`].
pub fn remove(txn: &Txn<'_>, of: ClientId) -> Result<(), StoreError> {
    txn.secrets().remove(of.bits())?;
    Ok(())
}

/// Tells whether anything sealed is kept: then a lost key must not be replaced by a new one.
///
/// # Errors
///
/// As [`get`].
pub fn any(txn: &impl Read) -> Result<bool, StoreError> {
    Ok(txn.secrets().first()?.is_some())
}

/// Tells whether `sealer` opens what is sealed; `None` if nothing is.
///
/// # Errors
///
/// As [`get`].
pub fn opens(txn: &impl Read, sealer: &Sealer) -> Result<Option<bool>, StoreError> {
    let mut found = None;
    for entry in txn.secrets().range(..) {
        let (of, secret) = entry?;
        // One that was damaged says nothing of the key.
        let opened = sealer.open(ClientId::from_bits(of), &Sealed(secret));
        found = Some(found == Some(true) || opened.is_ok());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const TOKEN: &str = "123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";

    #[test]
    fn a_secret_opens_only_with_its_key_and_under_its_name() {
        let sealer = Sealer::new(&[1; 32]).unwrap();
        let of = ClientId::from_bits(1);
        let token: BotToken = TOKEN.parse().unwrap();
        let hidden = sealer.seal(of, &token).unwrap();
        assert_eq!(sealer.open(of, &hidden), Ok(token));
        assert!(!String::from_utf8_lossy(&hidden.0).contains("AAH5"));

        let other = ClientId::from_bits(2);
        assert_eq!(sealer.open(other, &hidden), Err(SealError::WrongKey));
        let wrong = Sealer::new(&[2; 32]).unwrap();
        assert_eq!(wrong.open(of, &hidden), Err(SealError::WrongKey));
        let mut bent = hidden;
        bent.0[20] ^= 1;
        assert_eq!(sealer.open(of, &bent), Err(SealError::WrongKey));
        assert_eq!(sealer.open(of, &Sealed(vec![0; 3])), Err(SealError::WrongKey));
    }

    #[test]
    fn a_proof_opens_one_door_and_only_with_its_key() {
        let sealer = Sealer::new(&[1; 32]).unwrap();
        let proof = sealer.proof("webhook:7");
        let proof = proof.expose_secret().as_bytes();
        assert!(sealer.proves("webhook:7", proof));
        assert!(!sealer.proves("webhook:8", proof));
        assert!(!Sealer::new(&[2; 32]).unwrap().proves("webhook:7", proof));
        for wrong in [b"" as &[u8], &proof[..62], &[proof, b"00"].concat(), &proof[1..], b"\xff"] {
            assert!(!sealer.proves("webhook:7", wrong));
        }
        let mut bent = proof.to_vec();
        bent[63] = if bent[63] == b'0' { b'1' } else { b'0' };
        assert!(!sealer.proves("webhook:7", &bent));
        assert!(!sealer.proves("webhook:7", &proof.to_ascii_uppercase()));
    }
}
