//! The languages that Slotbox speaks to people.

/// A language that Slotbox speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Locale {
    /// All of them, the usual one first.
    pub const ALL: [Self; 2] = [Self::Ru, Self::En];

    /// Returns the language with this code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.code() == code)
    }

    /// Returns the language's code, as BCP 47 and Telegram know it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }
}
