//! A piece of a file: cut, named, packed; and back.

use std::io::{self, Read};

use fastcdc::v2020::{ChunkData, Normalization, StreamCDC};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::age::{self, DecryptError, EncryptError, Identity};
use super::keys::{Name, Naming};
use crate::domain::recipient::Recipient;

/// How large pieces are: at least, on average, at most. Only the last of a file is smaller.
const SMALLEST_BYTES: usize = 16 << 10;
const USUAL_BYTES: usize = 64 << 10;
const LARGEST_BYTES: usize = 256 << 10;
/// How hard zstd tries.
const LEVEL: i32 = 3;
/// More than this is no manifest's contents.
const LARGEST_CONTENTS: u64 = 512 << 20;

/// Cuts a file into pieces where its content says so, as this host does.
pub(super) fn cut<R: Read>(
    file: R,
    naming: &Naming,
) -> impl Iterator<Item = io::Result<Vec<u8>>> + use<R> {
    let pieces = StreamCDC::with_level_and_seed(
        file,
        SMALLEST_BYTES,
        USUAL_BYTES,
        LARGEST_BYTES,
        Normalization::Level2,
        naming.seed(),
    );
    pieces.map(|piece| piece.map(|ChunkData { data, .. }| data).map_err(io::Error::from))
}

/// Returns what is stored of a piece.
pub(super) fn pack(recipients: &[Recipient], plain: &[u8]) -> Result<Vec<u8>, EncryptError> {
    let packed = zstd::bulk::compress(plain, LEVEL).map_err(|_| EncryptError::Refused)?;
    if recipients.is_empty() { Ok(packed) } else { age::encrypt(recipients, &packed) }
}

/// Returns the piece that was stored under this name.
pub(super) fn unpack(
    identity: Option<&Identity>,
    naming: &Naming,
    name: &Name,
    stored: &[u8],
) -> Result<Vec<u8>, DecryptError> {
    let opened = match identity {
        Some(identity) => &age::decrypt(identity, stored)?,
        None => stored,
    };
    let plain = zstd::bulk::decompress(opened, LARGEST_BYTES).map_err(|_| DecryptError::Damaged)?;
    if naming.name(&plain) == *name { Ok(plain) } else { Err(DecryptError::Damaged) }
}

/// Unpacks the contents of a manifest.
pub(super) fn unpack_contents(packed: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let decoder = zstd::stream::Decoder::new(packed).ok()?;
    decoder.take(LARGEST_CONTENTS).read_to_end(&mut plain).ok()?;
    Some(plain)
}

/// Seals what the host itself must read again.
pub(super) fn seal_own(key: &[u8; 32], plain: &[u8]) -> Result<Vec<u8>, EncryptError> {
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).map_err(|_| EncryptError::NoRandom)?;
    let mut body = plain.to_vec();
    let unique = Nonce::assume_unique_for_key(nonce);
    own(key)?.seal_in_place_append_tag(unique, Aad::empty(), &mut body)?;
    Ok([nonce.as_slice(), &body].concat())
}

/// Opens what the host sealed for itself; `None` if it was another host.
pub(super) fn open_own(key: &[u8; 32], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>()?;
    let mut body = body.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let plain = own(key).ok()?.open_in_place(nonce, Aad::empty(), &mut body).ok()?;
    Some(plain.to_vec())
}

fn own(key: &[u8; 32]) -> Result<LessSafeKey, ring::error::Unspecified> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new)
}

/// Returns the SHA-256 of `bytes`.
pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest(&SHA256, bytes).as_ref());
    sum
}
