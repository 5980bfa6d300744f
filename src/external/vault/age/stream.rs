//! The body of a file of age: pieces, each sealed under its number and whether it is the last.

use ring::aead::{Aad, Nonce};
use ring::error::Unspecified;

use super::{DecryptError, cipher};

/// How much is sealed in one piece.
const PIECE_BYTES: usize = 64 << 10;
const TAG_BYTES: usize = 16;

/// Appends `plain`, sealed, to `out`.
pub(super) fn seal(key: &[u8; 32], plain: &[u8], out: &mut Vec<u8>) -> Result<(), Unspecified> {
    let cipher = cipher(key)?;
    let last = plain.len().saturating_sub(1) / PIECE_BYTES;
    for number in 0..=last {
        let from = number * PIECE_BYTES;
        let until = plain.len().min(from + PIECE_BYTES);
        let mut piece = plain.get(from..until).unwrap_or_default().to_vec();
        let nonce = nonce(number, number == last);
        cipher.seal_in_place_append_tag(nonce, Aad::empty(), &mut piece)?;
        out.extend(piece);
    }
    Ok(())
}

/// Opens what was sealed.
pub(super) fn open(key: &[u8; 32], body: &[u8]) -> Result<Vec<u8>, DecryptError> {
    let cipher = cipher(key)?;
    let last = body.len().saturating_sub(1) / (PIECE_BYTES + TAG_BYTES);
    let mut plain = Vec::with_capacity(body.len());
    for (number, piece) in body.chunks(PIECE_BYTES + TAG_BYTES).enumerate() {
        let mut piece = piece.to_vec();
        let opened = cipher.open_in_place(nonce(number, number == last), Aad::empty(), &mut piece);
        let opened = opened.map_err(|_| DecryptError::Damaged)?;
        if opened.is_empty() && number > 0 {
            return Err(DecryptError::Damaged);
        }
        plain.extend_from_slice(opened);
    }
    if body.is_empty() { Err(DecryptError::Damaged) } else { Ok(plain) }
}

fn nonce(number: usize, is_last: bool) -> Nonce {
    let mut nonce = [0; 12];
    if let Some(middle) = nonce.get_mut(3..11) {
        middle.copy_from_slice(&(number as u64).to_be_bytes());
    }
    if let Some(end) = nonce.last_mut() {
        *end = u8::from(is_last);
    }
    Nonce::assume_unique_for_key(nonce)
}
