//! The head of a file of age: the file's key, once for each recipient.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::aead::{Aad, Nonce};
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::error::Unspecified;
use ring::hmac::{self, HMAC_SHA256};
use ring::rand::SystemRandom;

use super::{DecryptError, EncryptError, FILE_KEY_BYTES, Identity, cipher, derive};
use crate::domain::recipient::Recipient;

const VERSION: &str = "age-encryption.org/v1";
const LABEL: &[u8] = b"age-encryption.org/v1/X25519";
/// How long a line of a stanza's body is; a shorter one ends it.
const COLUMNS: usize = 64;
/// A head is some hundred bytes for each recipient; more than this is none.
const LONGEST: usize = 64 << 10;

/// Writes the head: `key`, wrapped for each of the recipients.
pub(super) fn write(
    recipients: &[Recipient],
    key: &[u8; FILE_KEY_BYTES],
) -> Result<Vec<u8>, EncryptError> {
    let mut text = format!("{VERSION}\n");
    for recipient in recipients {
        let (share, body) = wrap(recipient, key)?;
        let (share, body) = (BASE64.encode(share), BASE64.encode(body));
        text.push_str(&format!("-> X25519 {share}\n{body}\n"));
    }
    text.push_str("---");
    let sum = hmac::sign(&authentication(key)?, text.as_bytes());
    text.push_str(&format!(" {}\n", BASE64.encode(sum)));
    Ok(text.into_bytes())
}

/// Returns the file's key and the bytes after the head.
pub(super) fn open<'a>(
    identity: &Identity,
    file: &'a [u8],
) -> Result<([u8; FILE_KEY_BYTES], &'a [u8]), DecryptError> {
    let mut lines = Lines { file, at: 0 };
    if lines.next()? != VERSION {
        return Err(DecryptError::Damaged);
    }
    let mut found = None;
    loop {
        let before = lines.at;
        let line = lines.next()?;
        if let Some(stanza) = line.strip_prefix("-> ") {
            let body = lines.body()?;
            found = found.or_else(|| unwrap(identity, stanza, &body));
            continue;
        }
        let sum = line.strip_prefix("--- ").and_then(|sum| BASE64.decode(sum).ok());
        let sum = sum.ok_or(DecryptError::Damaged)?;
        let (head, rest) = (file.get(..before + 3), file.get(lines.at..));
        let key: [u8; FILE_KEY_BYTES] = found.ok_or(DecryptError::WrongIdentity)?;
        let (Some(head), Some(rest)) = (head, rest) else { return Err(DecryptError::Damaged) };
        hmac::verify(&authentication(&key)?, head, &sum).map_err(|_| DecryptError::Damaged)?;
        return Ok((key, rest));
    }
}

/// The lines of a head.
struct Lines<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Result<&'a str, DecryptError> {
        let rest = self.file.get(self.at..LONGEST.min(self.file.len())).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or(DecryptError::Damaged)?;
        self.at += end + 1;
        let line = rest.get(..end).unwrap_or_default();
        std::str::from_utf8(line).map_err(|_| DecryptError::Damaged)
    }

    fn body(&mut self) -> Result<Vec<u8>, DecryptError> {
        let mut text = String::new();
        loop {
            let line = self.next()?;
            text.push_str(line);
            if line.len() > COLUMNS {
                return Err(DecryptError::Damaged);
            }
            if line.len() < COLUMNS {
                return BASE64.decode(text).map_err(|_| DecryptError::Damaged);
            }
        }
    }
}

/// Returns the public half of a key that is used this once, and the file's key, wrapped.
fn wrap(
    recipient: &Recipient,
    key: &[u8; FILE_KEY_BYTES],
) -> Result<([u8; 32], Vec<u8>), EncryptError> {
    let random = SystemRandom::new();
    let once =
        EphemeralPrivateKey::generate(&X25519, &random).map_err(|_| EncryptError::NoRandom)?;
    let share = once.compute_public_key().map_err(|_| EncryptError::NoRandom)?;
    let unusable = || EncryptError::Unusable(*recipient);
    let share: [u8; 32] = share.as_ref().try_into().map_err(|_| unusable())?;
    let peer = UnparsedPublicKey::new(&X25519, recipient.as_bytes());
    let wrapping = agree_ephemeral(once, &peer, |shared| wrapping_key(shared, &share, recipient))
        .map_err(|_| unusable())??;
    let mut body = key.to_vec();
    let nonce = Nonce::assume_unique_for_key([0; 12]); // The key is used this once.
    cipher(&wrapping)?.seal_in_place_append_tag(nonce, Aad::empty(), &mut body)?;
    Ok((share, body))
}

fn unwrap(identity: &Identity, stanza: &str, body: &[u8]) -> Option<[u8; FILE_KEY_BYTES]> {
    let share = BASE64.decode(stanza.strip_prefix("X25519 ")?).ok()?;
    let share: [u8; 32] = share.try_into().ok()?;
    identity.agree(share).find_map(|(recipient, shared)| {
        let cipher = cipher(&wrapping_key(&shared, &share, &recipient).ok()?).ok()?;
        let mut body = body.to_vec();
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        let key = cipher.open_in_place(nonce, Aad::empty(), &mut body).ok()?;
        <[u8; FILE_KEY_BYTES]>::try_from(&*key).ok()
    })
}

fn wrapping_key(
    shared: &[u8],
    share: &[u8; 32],
    recipient: &Recipient,
) -> Result<[u8; 32], Unspecified> {
    derive(shared, &[share.as_slice(), recipient.as_bytes()].concat(), LABEL)
}

fn authentication(key: &[u8; FILE_KEY_BYTES]) -> Result<hmac::Key, Unspecified> {
    Ok(hmac::Key::new(HMAC_SHA256, &derive(key, &[], b"header")?))
}
