//! `[telegram]`: the operator's two bots and the way to Telegram.

use secrecy::SecretString;

use crate::domain::ids::UserId;
use crate::domain::token::BotToken;

/// The operator's two bots and the way to Telegram.
#[derive(Clone, Debug)]
pub struct Telegram {
    /// The Bot API's base URL without a slash at its end.
    pub api_url: String,
    /// The URL of the proxy to Telegram, possibly with a name and a password in it.
    pub proxy: Option<SecretString>,
    /// The Master Bot's token; without one there is no Master Bot.
    pub master_token: Option<BotToken>,
    /// The Sales Bot's token; without one there is no Sales Bot.
    pub sales_token: Option<BotToken>,
    /// Who may use the Master Bot; at least one person if there is one.
    pub operators: Vec<UserId>,
    /// How updates come.
    pub updates: Updates,
}

/// How updates come from Telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updates {
    /// They are asked for.
    Polling,
    /// Telegram brings them to the public listener.
    Webhook,
}
