//! Money in whole kopecks.

use std::fmt;
use std::str::FromStr;

/// An amount of Russian roubles in whole kopecks, from zero to [`Money::MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// Why a text or a number is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMoney {
    /// Not digits with at most two decimals after a point.
    #[error("an amount is digits with at most two decimals, such as 299.00")]
    Malformed,
    /// Negative or beyond [`Money::MAX`].
    #[error("an amount is between 0.00 and 10000000000.00")]
    OutOfRange,
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Ten milliards of roubles; sums of many such amounts still fit.
    pub const MAX: Self = Self(1_000_000_000_000);
    /// The one currency that Slotbox sells in, as ISO 4217 names it.
    pub const CURRENCY: &'static str = "RUB";

    /// Makes an amount of `kopecks`.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidMoney::OutOfRange`] unless `0 <= kopecks <= Money::MAX`.
    pub const fn from_kopecks(kopecks: i64) -> Result<Self, InvalidMoney> {
        if kopecks < 0 || kopecks > Self::MAX.0 {
            return Err(InvalidMoney::OutOfRange);
        }
        Ok(Self(kopecks))
    }

    /// Returns the amount in kopecks.
    pub const fn kopecks(self) -> i64 {
        self.0
    }

    /// Returns `self + other`, at most [`Money::MAX`].
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self((self.0 + other.0).min(Self::MAX.0))
    }

    /// Returns `self - other`, at least zero.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self((self.0 - other.0).max(0))
    }
}

/// Shows the amount as YooKassa and the API write it: `299.00`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl FromStr for Money {
    type Err = InvalidMoney;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (roubles, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(roubles) || !digits(decimals) || decimals.len() > 2 {
            return Err(InvalidMoney::Malformed);
        }
        let tens = if decimals.len() == 1 { 10 } else { 1 };
        let roubles: i64 = roubles.parse().map_err(|_| InvalidMoney::OutOfRange)?;
        let kopecks: i64 = decimals.parse().map_err(|_| InvalidMoney::Malformed)?;
        let whole = roubles.checked_mul(100).ok_or(InvalidMoney::OutOfRange)?;
        Self::from_kopecks(whole.saturating_add(kopecks * tens))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_amount_survives_the_trip(kopecks in 0..=Money::MAX.kopecks()) {
            let money = Money::from_kopecks(kopecks).unwrap();
            prop_assert_eq!(money.to_string().parse(), Ok(money));
        }

        #[test]
        fn nonsense_is_refused_and_never_panics(text in ".*") {
            if let Ok(money) = text.parse::<Money>() {
                prop_assert!(money <= Money::MAX);
            }
        }
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        assert_eq!("299".parse(), Money::from_kopecks(29_900));
        assert_eq!("299.5".parse(), Money::from_kopecks(29_950));
        assert_eq!("-1.00".parse::<Money>(), Err(InvalidMoney::Malformed));
        assert_eq!("1e3".parse::<Money>(), Err(InvalidMoney::Malformed));
        assert_eq!("10000000000.01".parse::<Money>(), Err(InvalidMoney::OutOfRange));
    }
}
