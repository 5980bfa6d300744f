//! `[api]`: the key to the HTTP API.

use secrecy::SecretString;

use super::reader::Reader;
use super::secret::{is_monotonous, is_placeholder, visible};

/// The key to the HTTP API.
#[derive(Clone, Debug)]
pub struct Api {
    /// What a caller sends as `Authorization: Bearer`; hard to guess.
    pub token: SecretString,
}

/// The fewest letters of a token that cannot be guessed.
const FEWEST_LETTERS: usize = 32;

impl Api {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let token = reader.secret("api.token", token);
        if token.is_none() {
            reader
                .complain_of_no_secret("api.token", "every call of the API is checked against it");
        }
        token.map(|token| Self { token })
    }
}

fn token(text: &str) -> Result<SecretString, String> {
    let token = visible(text)?;
    let mend = "make one with: openssl rand -hex 32";
    if text.len() < FEWEST_LETTERS {
        return Err(format!("expected at least {FEWEST_LETTERS} letters; {mend}"));
    }
    if is_placeholder(text) || is_monotonous(text) {
        return Err(format!("this is a placeholder that anyone can guess; {mend}"));
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_that_a_guide_suggests_is_refused() {
        for text in [
            "change-me-please-change-me-please-now",
            "your_master_api_token_for_the_business_bot",
            "YOUR-API-TOKEN-GOES-HERE-AND-IS-LONG",
            "REPLACE_WITH_A_LONG_RANDOM_VALUE_OF_YOURS",
            "00000000000000000000000000000000",
            "abababababababababababababababababab",
        ] {
            assert!(token(text).is_err_and(|wrong| wrong.contains("placeholder")), "{text}");
        }
    }

    #[test]
    fn a_short_token_is_refused() {
        let wrong = token("9f2d4c6b8a1e3f5079d2").unwrap_err();
        assert_eq!(wrong, "expected at least 32 letters; make one with: openssl rand -hex 32");
        assert!(token("9f2d4c6b8a1e3f50 79d29f2d4c6b8a1e3f50").is_err());
    }

    proptest! {
        #[test]
        fn a_token_made_by_chance_is_taken(hex in "[0-9a-f]{64}") {
            prop_assert!(token(&hex).is_ok());
        }
    }
}
