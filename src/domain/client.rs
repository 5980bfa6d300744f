//! A client: a business that rents a bot.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::ids::{BotId, ClientId, UserId};
use super::plan::PlanId;
use super::subscription::Subscription;

/// A business as its owner names it: 1 to 64 characters, none of them a control character, no
/// space at either end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CompanyName(String);

/// Why a text does not name a business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 64 characters on one line")]
pub struct InvalidCompanyName;

impl CompanyName {
    /// Returns the name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CompanyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for CompanyName {
    type Err = InvalidCompanyName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let fits = (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidCompanyName) }
    }
}

/// A bot's public name without the `@`, as Telegram's getMe gave it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BotUsername(String);

/// Why a text is not a bot's public name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a bot's name is 1 to 32 of A-Z a-z 0-9 and _")]
pub struct InvalidBotUsername;

impl BotUsername {
    /// Returns the name's text, without the `@`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BotUsername {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for BotUsername {
    type Err = InvalidBotUsername;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if (1..=32).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidBotUsername)
        }
    }
}

/// A bot that Telegram itself has confirmed: getMe answered to its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bot {
    /// The number that stays the same when the token changes.
    pub id: BotId,
    /// The public name at the time of the check.
    pub username: BotUsername,
}

/// What is known of the process or container that runs a client's bot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RuntimeState {
    /// Nothing was started yet, or all of it was removed.
    #[default]
    None,
    /// Started, and not yet reported healthy.
    Starting,
    /// Reported healthy.
    Running,
    /// Stopped on purpose.
    Stopped,
    /// Could not be started; the last deploy was rolled back.
    Failed,
}

impl RuntimeState {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::None, Self::Starting, Self::Running, Self::Stopped, Self::Failed];

    /// Names the state for programs, logs and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

/// What keeps a client's bot from Telegram; its owner and the operators see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BotProblem {
    /// 401: the token was revoked or the bot deleted. The owner must bring a new token.
    TokenRevoked,
    /// 409: another program reads the bot's updates, or a webhook is set elsewhere.
    Conflict,
    /// 403 for the owner: the owner has blocked the bot or never started it.
    OwnerUnreachable,
}

/// A client and what is known of its bot. The bot's token is kept apart, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Names the client everywhere.
    pub id: ClientId,
    /// The business, as its owner names it.
    pub company: CompanyName,
    /// The person who pays, and the bot's first administrator.
    pub owner: UserId,
    /// The bot that runs for the client; no two clients have the same.
    pub bot: Bot,
    /// The plan bought last; none for a trial or an operator's gift.
    pub plan: Option<PlanId>,
    /// The right to run.
    pub subscription: Subscription,
    /// What is known of the running bot.
    pub runtime: RuntimeState,
    /// What keeps the bot from Telegram, if anything does.
    pub problem: Option<BotProblem>,
    /// When the client was added.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_is_one_line(text in "\\PC{0,80}|.{0,80}") {
            if let Ok(name) = text.parse::<CompanyName>() {
                prop_assert!(!name.as_str().contains('\n'));
                prop_assert!((1..=64).contains(&name.as_str().chars().count()));
                prop_assert_eq!(name.as_str().parse::<CompanyName>(), Ok(name.clone()));
            }
        }
    }

    #[test]
    fn a_bots_name_is_plain() {
        assert!("salon_bot".parse::<BotUsername>().is_ok());
        assert!("@salon_bot".parse::<BotUsername>().is_err());
        assert!("".parse::<BotUsername>().is_err());
    }
}
