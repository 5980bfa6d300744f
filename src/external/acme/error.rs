//! What an authority says when it says no.

use rustls_acme::acme::{AcmeError, Problem};

use crate::domain::ladder::Failure;

/// The most of its words that are kept.
const MOST_CHARACTERS: usize = 500;
/// How often a request is sent whose nonce was not taken.
const NONCES: usize = 10;

/// Why there is no certificate, in the authority's own words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct Refusal {
    /// How it failed.
    pub failure: Failure,
    /// What was said; at most 500 characters.
    pub words: String,
}

impl Refusal {
    pub(super) fn new(failure: Failure, words: &str) -> Self {
        let plain = words.chars().map(|c| if c.is_control() { ' ' } else { c });
        Self { failure, words: plain.take(MOST_CHARACTERS).collect() }
    }

    /// Makes one that nothing more is known of.
    pub fn other(words: &str) -> Self {
        Self::new(Failure::Other, words)
    }
}

impl From<AcmeError> for Refusal {
    fn from(err: AcmeError) -> Self {
        let text = err.to_string();
        let Some(problem) = problem(&text) else { return Self::other(&text) };
        let kind = problem.typ.unwrap_or_default();
        let failure =
            if kind.ends_with(":rateLimited") { Failure::RateLimit } else { Failure::Other };
        Self::new(failure, &problem.detail.unwrap_or(kind))
    }
}

/// Finds the problem document in what the crate says of an answer: the body, quoted.
fn problem(text: &str) -> Option<Problem> {
    let quoted = text.get(text.find('"')?..)?;
    let body: String = serde_json::from_str(quoted).ok()?;
    serde_json::from_str(&body).ok()
}

/// Asks, and asks again if the authority did not take the nonce, which may happen at any time.
pub(super) async fn patiently<T, F>(mut ask: impl FnMut() -> F) -> Result<T, Refusal>
where
    F: Future<Output = Result<T, AcmeError>>,
{
    for _ in 1..NONCES {
        match ask().await {
            Err(err) if err.to_string().contains(":acme:error:badNonce") => {}
            answer => return Ok(answer?),
        }
    }
    Ok(ask().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authoritys_own_words_are_found() {
        let body =
            r#"{"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too \"many\""}"#;
        let text = format!("http request error: non 2xx http status: 429 {body:?}");
        let found = problem(&text).unwrap();
        assert_eq!(found.detail.as_deref(), Some("too \"many\""));
        assert!(problem("io error: connection refused").is_none());
    }
}
