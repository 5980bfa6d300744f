//! A bot's token: a secret that never shows itself.

use std::fmt;
use std::str::FromStr;

use super::ids::BotId;

/// A Telegram bot token, `<bot id>:<35 letters>`. `Debug` shows the bot's id only.
#[derive(Clone, PartialEq, Eq)]
pub struct BotToken {
    bot: BotId,
    text: String,
}

/// Why a text is not a bot token. Never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a bot token: expected digits, a colon and 20 to 64 letters, digits, - or _")]
pub struct InvalidToken;

impl BotToken {
    /// Returns the bot that the token belongs to; it stays the same when the token is changed.
    pub const fn bot(&self) -> BotId {
        self.bot
    }

    /// Returns the secret itself: for a request to Telegram and for sealing, nothing else.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl FromStr for BotToken {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (number, secret) = text.split_once(':').ok_or(InvalidToken)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let number_fits = (1..=15).contains(&number.len())
            && !number.starts_with('0')
            && number.bytes().all(|b| b.is_ascii_digit());
        if !number_fits || !(20..=64).contains(&secret.len()) || !secret.bytes().all(plain) {
            return Err(InvalidToken);
        }
        let bot = BotId(number.parse().map_err(|_| InvalidToken)?);
        Ok(Self { bot, text: text.to_owned() })
    }
}

impl fmt::Debug for BotToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BotToken({}:***)", self.bot)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_knows_its_bot_and_hides_the_rest() {
        let token: BotToken = " 123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8\n".parse().unwrap();
        assert_eq!(token.bot(), BotId(123_456));
        assert_eq!(format!("{token:?}"), "BotToken(123456:***)");
        assert_eq!(token.expose(), "123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8");
    }

    proptest! {
        #[test]
        fn nonsense_is_refused(text in ".{0,80}") {
            if let Ok(token) = text.parse::<BotToken>() {
                prop_assert!(token.expose().contains(':'));
            }
        }
    }
}
