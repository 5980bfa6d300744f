//! What a client's bot is told about its client.

use jiff::tz::TimeZone;

use super::client::{BotUsername, CompanyName};
use super::ids::{ClientId, UserId};

/// Whether a client's customers are served. A client that gets nothing has no bot to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceLevel {
    /// The whole bot.
    Full,
    /// The answer that the bot is paused; its data is kept.
    Paused,
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
    /// Whether customers are served.
    pub service: ServiceLevel,
    /// Where the owner gets help; may be empty.
    pub support: String,
}
