//! The key under which a POST may be repeated.

use std::fmt;
use std::str::FromStr;

/// Names one intention to YooKassa, which answers every repetition with the first result for 24
/// hours.
///
/// Invariant: 1 to 64 letters, digits and `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotenceKey(String);

/// Why a text is not an idempotence key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an idempotence key: expected 1 to 64 of A-Z a-z 0-9 -")]
pub struct InvalidKey;

impl IdempotenceKey {
    /// Makes a key from random bytes; it looks like a UUID of version 4.
    pub fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let mut text = format!("{:032x}", u128::from_be_bytes(bytes));
        for place in [20, 16, 12, 8] {
            text.insert(place, '-');
        }
        Self(text)
    }

    /// Returns the key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotenceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for IdempotenceKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidKey) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_made_key_is_a_key(bytes: [u8; 16]) {
            let key = IdempotenceKey::from_random(bytes);
            prop_assert_eq!(key.as_str().len(), 36);
            prop_assert_eq!(key.as_str().parse(), Ok(key));
        }
    }

    #[test]
    fn a_key_looks_like_a_uuid() {
        let key = IdempotenceKey::from_random([0xff; 16]);
        assert_eq!(key.as_str(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert!("".parse::<IdempotenceKey>().is_err());
        assert!("a b".parse::<IdempotenceKey>().is_err());
        assert!("a".repeat(65).parse::<IdempotenceKey>().is_err());
    }
}
