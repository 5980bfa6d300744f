//! What a client's bot is told about its client.

use jiff::tz::TimeZone;

use super::client::{BotUsername, CompanyName};
use super::ids::{ClientId, UserId};
use super::locale::Locale;

/// Whether a client's customers are served. A client that gets nothing has no bot to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceLevel {
    /// The whole bot.
    Full,
    /// The answer that the bot is paused; its data is kept.
    Paused(PauseReason),
}

/// Why a bot is paused; its owner is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseReason {
    /// The granted time is over.
    Expiry,
    /// An operator has paused it.
    Operator,
}

/// What a client's bot is told about its client. It never holds the bot's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Grows with each change.
    pub version: u64,
    /// Whose bot it is.
    pub client: ClientId,
    /// The business, as its owner names it.
    pub company: CompanyName,
    /// The bot's first administrator.
    pub owner: UserId,
    /// The bot's public name.
    pub bot: BotUsername,
    /// Where the business's wall clock hangs.
    pub zone: TimeZone,
    /// The language that the bot speaks, unless its owner has chosen another.
    pub locale: Locale,
    /// Whether customers are served.
    pub service: ServiceLevel,
    /// The bot where the subscription is renewed, if it is known.
    pub sales_bot: Option<BotUsername>,
    /// Where the owner gets help; may be empty.
    pub support: String,
    /// The number of the copy of its database that the bot is to send, if the host wishes for one.
    pub backup: Option<u64>,
    /// The number of the seed that the bot must take before it does anything else, if there is one.
    pub seed: Option<u64>,
    /// Whether its data is on its way elsewhere: the bot serves nobody, and only sends a copy.
    pub is_leaving: bool,
}
