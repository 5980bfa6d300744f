//! What an owner has set in the own bot.

use jiff::SignedDuration;

use super::locale::Locale;
use super::schedule::Schedule;

/// The rules for customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookingRules {
    /// How long before the visit a customer may still cancel it alone.
    pub cancel_before: SignedDuration,
    /// How many future visits one customer may hold.
    pub visits_at_once: u8,
}

impl Default for BookingRules {
    fn default() -> Self {
        Self { cancel_before: SignedDuration::from_hours(24), visits_at_once: 3 }
    }
}

/// How far the owner has come with the guided set-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SetUp {
    /// Not to its end. Customers can book all the same: the defaults hold.
    #[default]
    Open,
    /// Done, or skipped.
    Done,
}

/// What an owner has set in the own bot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// When the business works.
    pub schedule: Schedule,
    /// The rules for customers.
    pub rules: BookingRules,
    /// How far the guided set-up has come.
    pub set_up: SetUp,
    /// The language that the bot speaks; the host's if none was chosen.
    pub language: Option<Locale>,
}
