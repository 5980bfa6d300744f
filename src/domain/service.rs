//! What a business offers its customers.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;

use super::locale::Locale;
use super::money::Money;

/// A service of one client; a number is never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u32);

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The name of a service: 1 to 64 characters on one line, no space at either end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceName(String);

/// Why a text does not name a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 64 characters on one line")]
pub struct InvalidServiceName;

impl ServiceName {
    /// Returns the name of what a business offers before its owner has said anything.
    pub fn usual(locale: Locale) -> Self {
        let name = match locale {
            Locale::Ru => "Консультация",
            Locale::En => "Consultation",
        };
        Self(name.to_owned())
    }

    /// Returns the name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ServiceName {
    type Err = InvalidServiceName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let fits = (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidServiceName) }
    }
}

/// How long a visit takes: 5 minutes to 12 hours, in whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VisitLength(u16);

/// Why a number or a text is no length of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a visit takes 5 to 720 minutes")]
pub struct InvalidVisitLength;

impl VisitLength {
    /// One hour.
    pub const HOUR: Self = Self(60);

    /// Makes a length of `minutes`.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidVisitLength`] unless `5 <= minutes <= 720`.
    pub fn from_minutes(minutes: u16) -> Result<Self, InvalidVisitLength> {
        if (5..=720).contains(&minutes) { Ok(Self(minutes)) } else { Err(InvalidVisitLength) }
    }

    /// Returns the length in minutes.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// Returns the length.
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.0))
    }
}

impl FromStr for VisitLength {
    type Err = InvalidVisitLength;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidVisitLength);
        }
        text.parse().map_err(|_| InvalidVisitLength).and_then(Self::from_minutes)
    }
}

/// What a customer chooses and what one visit then costs. A booking keeps its own copy, so a
/// later change of the service does not touch it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// What is done.
    pub name: ServiceName,
    /// How long it takes.
    pub length: VisitLength,
    /// What it costs; zero if the business names no price.
    pub price: Money,
}

impl Visit {
    /// Returns what a business offers before its owner has said anything: one hour, no price.
    pub fn usual(locale: Locale) -> Self {
        let name = ServiceName::usual(locale);
        Self { name, length: VisitLength::HOUR, price: Money::ZERO }
    }

    /// Tells whether this is what a business offers by itself, in whatever language.
    pub fn is_usual(&self) -> bool {
        Locale::ALL.iter().any(|locale| *self == Self::usual(*locale))
    }
}

/// One line of what a business offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Names the service in buttons.
    pub id: ServiceId,
    /// What the customer gets.
    pub visit: Visit,
}

/// How many services a business may offer; they share one keyboard.
pub const MOST_SERVICES: u8 = 30;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_is_one_line(text in "\\PC{0,80}|.{0,80}") {
            if let Ok(name) = text.parse::<ServiceName>() {
                prop_assert!(!name.as_str().contains('\n'));
                prop_assert_eq!(name.as_str().parse::<ServiceName>(), Ok(name.clone()));
            }
        }

        #[test]
        fn a_length_makes_a_slot(text in "-?[0-9]{0,5}|.{0,4}") {
            if let Ok(length) = text.parse::<VisitLength>() {
                let start = jiff::Timestamp::UNIX_EPOCH;
                prop_assert!(crate::domain::slots::Slot::new(start, length.duration()).is_ok());
            }
        }
    }

    #[test]
    fn lengths_are_read_as_people_write_them() {
        assert_eq!(" 60 ".parse(), Ok(VisitLength::HOUR));
        for text in ["", "4", "721", "1h", "-60", "６０", "99999999"] {
            assert_eq!(text.parse::<VisitLength>(), Err(InvalidVisitLength), "{text}");
        }
    }
}
