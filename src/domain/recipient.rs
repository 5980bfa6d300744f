//! The key that an operator's backups are encrypted to.

pub mod bech32;

use std::fmt;
use std::str::FromStr;

/// What the text of a recipient begins with.
const PREFIX: &str = "age";

/// An X25519 public key of [age](https://age-encryption.org), `age1...`: what is encrypted to it
/// opens with its identity alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Recipient([u8; 32]);

/// Why a text is no recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRecipient {
    /// It is the secret half of a key. Never holds the text.
    #[error("this is an identity, a secret; give the recipient, which begins with age1")]
    Secret,
    /// It is something else, or misspelt.
    #[error("expected the public key of an age identity, as age-keygen prints it: age1...")]
    Invalid,
}

impl Recipient {
    /// Takes the key's 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the key's 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Recipient {
    type Err = InvalidRecipient;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            return Err(InvalidRecipient::Secret);
        }
        let (prefix, bytes) = bech32::decode(text).ok_or(InvalidRecipient::Invalid)?;
        let bytes = bytes.try_into().map_err(|_| InvalidRecipient::Invalid)?;
        if prefix == PREFIX { Ok(Self(bytes)) } else { Err(InvalidRecipient::Invalid) }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bech32::encode(PREFIX, &self.0))
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Made by `age-keygen`.
    const RECIPIENT: &str = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";

    #[test]
    fn a_key_of_age_is_read_and_shown() {
        assert_eq!(RECIPIENT.parse::<Recipient>().unwrap().to_string(), RECIPIENT);
        let upper = RECIPIENT.to_uppercase().parse::<Recipient>().unwrap();
        assert_eq!(upper.to_string(), RECIPIENT);
    }

    #[test]
    fn what_is_no_key_is_told() {
        let secret = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ";
        assert_eq!(secret.parse::<Recipient>(), Err(InvalidRecipient::Secret));
        let mixed = RECIPIENT.replacen('t', "T", 1);
        let short = bech32::encode("age", &[1; 31]);
        let foreign = bech32::encode("bc", &[1; 32]);
        for text in ["", "age1", "age", "ssh-ed25519 AAAA", &mixed, &short, &foreign] {
            assert_eq!(text.parse::<Recipient>(), Err(InvalidRecipient::Invalid), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_key_survives_and_no_letter_can_change(bytes: [u8; 32], at in 4usize..62, by in 1usize..32) {
            let text = Recipient(bytes).to_string();
            prop_assert_eq!(text.parse::<Recipient>().unwrap(), Recipient(bytes));
            let letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
            let old = letters.find(&text[at..=at]).unwrap();
            let new = &letters[(old + by) % 32..=(old + by) % 32];
            let misspelt = format!("{}{new}{}", &text[..at], &text[at + 1..]);
            prop_assert_eq!(misspelt.parse::<Recipient>(), Err(InvalidRecipient::Invalid));
        }
    }
}
