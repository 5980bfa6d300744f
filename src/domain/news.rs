//! News: what an operator tells all owners at once.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::ids::UserId;

/// News by number, in the order in which they were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NewsId(pub u64);

/// The words of news: 1 to 3,500 characters, so that Telegram takes them in one message with what
/// stands around them. Lines may be broken; no other control character is in them.
#[derive(Clone, PartialEq, Eq)]
pub struct NewsText(String);

/// Why a text is no news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("news have 1 to {} characters", NewsText::LONGEST)]
pub struct InvalidNews;

impl NewsText {
    /// The longest news, in characters.
    pub const LONGEST: usize = 3500;

    /// Returns the words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows no words: they belong into no log.
impl fmt::Debug for NewsText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewsText({} characters)", self.0.chars().count())
    }
}

impl FromStr for NewsText {
    type Err = InvalidNews;

    fn from_str(text: &str) -> Result<Self, InvalidNews> {
        let text = text.trim();
        let plain = text.chars().all(|c| c == '\n' || !c.is_control());
        if plain && (1..=Self::LONGEST).contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidNews)
        }
    }
}

/// What was told, when and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The words.
    pub text: NewsText,
    /// When they were sent.
    pub at: Timestamp,
    /// Which operator sent them.
    pub by: UserId,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn news_fit_into_one_message(text in ".{0,40}|[\\PC\n]{3400,3600}") {
            match text.parse::<NewsText>() {
                Ok(news) => {
                    let length = news.as_str().chars().count();
                    prop_assert!((1..=NewsText::LONGEST).contains(&length));
                    prop_assert_eq!(news.as_str().parse::<NewsText>(), Ok(news.clone()));
                }
                Err(InvalidNews) => prop_assert!(
                    text.trim().is_empty()
                        || text.trim().chars().count() > NewsText::LONGEST
                        || text.trim().chars().any(|c| c.is_control() && c != '\n')
                ),
            }
        }
    }
}
