//! Names of things: sortable ids of our own, and ids that Telegram and YooKassa give.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

/// Why a text is not an id of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected {0}")]
pub struct InvalidId(&'static str);

/// The alphabet of our ids: lower-case base 32 without letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 128 bits in groups of five.
const LETTERS: usize = 26;

/// Packs a creation time and 80 random bits, so that ids sort by time of creation.
fn pack(created: Timestamp, random: [u8; 10]) -> u128 {
    let millis = u128::from(created.as_millisecond().unsigned_abs()) & 0xffff_ffff_ffff;
    random.iter().fold(millis, |id, byte| (id << 8) | u128::from(*byte))
}

fn write_letters(f: &mut fmt::Formatter<'_>, id: u128) -> fmt::Result {
    for place in (0..LETTERS).rev() {
        let letter = usize::try_from((id >> (place * 5)) & 31).unwrap_or(0);
        write!(f, "{}", char::from(ALPHABET[letter]))?;
    }
    Ok(())
}

fn read_letters(text: &str) -> Option<u128> {
    if text.len() != LETTERS {
        return None;
    }
    let mut id: u128 = 0;
    for byte in text.bytes() {
        let value = ALPHABET.iter().position(|letter| *letter == byte)?;
        if id >> 123 != 0 {
            return None; // The first letter holds three bits only.
        }
        id = (id << 5) | value as u128;
    }
    Some(id)
}

macro_rules! sortable_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// Makes the id of something created at `created`; `random` tells equal times apart.
            pub fn new(created: Timestamp, random: [u8; 10]) -> Self {
                Self(pack(created, random))
            }

            /// Takes an id as it was stored.
            pub const fn from_bits(bits: u128) -> Self {
                Self(bits)
            }

            /// Returns the id as it is stored; sorts by time of creation.
            pub const fn bits(self) -> u128 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                write_letters(f, self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let letters = text.strip_prefix($prefix).and_then(read_letters);
                letters.map(Self).ok_or(InvalidId(concat!($prefix, " and 26 letters or digits")))
            }
        }
    };
}

sortable_id!(
    /// A client: a business that rents a bot. Shown as `c_…`.
    ClientId,
    "c_"
);
sortable_id!(
    /// An order, ours, made before YooKassa hears of it. Shown as `o_…`.
    OrderId,
    "o_"
);

sortable_id!(
    /// A refund that we asked for. Shown as `r_…`.
    RefundId,
    "r_"
);

/// A job in the queue, numbered in the order of arrival. Shown as `j_…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "j_{}", self.0)
    }
}

impl FromStr for JobId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix("j_").filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
        digits.and_then(|d| d.parse().ok()).map(Self).ok_or(InvalidId("j_ and a number"))
    }
}

/// A payment, as YooKassa names it, or `m_…` for a manual receipt.
///
/// Invariant: 1 to 64 letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaymentId(String);

impl PaymentId {
    /// Returns the id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PaymentId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidId("1 to 64 of A-Z a-z 0-9 - _")) }
    }
}

/// A Telegram user; in a private chat also the chat. At most 52 significant bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(i64);

impl UserId {
    /// Makes the id of a person.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidId`] unless `1 <= id < 2^52`.
    pub const fn new(id: i64) -> Result<Self, InvalidId> {
        if id < 1 || id >= 1 << 52 {
            Err(InvalidId("a positive Telegram id"))
        } else {
            Ok(Self(id))
        }
    }

    /// Returns the number that Telegram uses.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A Telegram bot: the number before the colon of its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BotId(pub i64);

impl fmt::Display for BotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_survives_the_trip(bits: u128) {
            let id = ClientId::from_bits(bits);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            prop_assert!(id.to_string().parse::<OrderId>().is_err());
        }

        #[test]
        fn ids_sort_by_time(a in 0i64..4_000_000_000_000, b in 0i64..4_000_000_000_000) {
            let id = |ms| OrderId::new(Timestamp::from_millisecond(ms).unwrap(), [7; 10]);
            prop_assert_eq!(a.cmp(&b), id(a).cmp(&id(b)));
            prop_assert_eq!(a.cmp(&b), id(a).to_string().cmp(&id(b).to_string()));
        }

        #[test]
        fn nonsense_is_no_id(text in ".{0,70}") {
            prop_assert!(text.parse::<ClientId>().is_err() || text.starts_with("c_"));
            prop_assert!(text.parse::<JobId>().is_err() || text.starts_with("j_"));
        }
    }
}
