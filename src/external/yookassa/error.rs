//! How a call to YooKassa can fail, by what the caller does next.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::answer::Tree;
use crate::external::way::Fault;

/// YooKassa's SDKs wait this long after a 202 that names no time of its own.
const AFTER_PROCESSING: Duration = Duration::from_millis(1_800);
/// A pause after a 429 that names no time of its own.
const AFTER_TOO_MANY: Duration = Duration::from_secs(30);
/// No pause that an answer asks for is longer.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// What is kept of an explanation.
const DESCRIPTION_CHARS: usize = 250;
const WORD_CHARS: usize = 64;

/// Why a call did not give what was asked for. Shows no address, key or body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum YooKassaError {
    /// The request itself is refused and had no effect: never repeat it unchanged.
    #[error("refused with {status} {code}{}", about(parameter.as_deref()))]
    Rejected {
        /// The HTTP status, 400 to 499.
        status: u16,
        /// YooKassa's word for it, such as `invalid_request`; may be one that nobody lists.
        code: String,
        /// The field that it is about.
        parameter: Option<String>,
        /// YooKassa's explanation, for the operator's eyes; at most 250 characters.
        description: String,
    },
    /// The shop's number or key is wrong or was replaced: stop and tell the operator.
    #[error("the shop id or the secret key is not accepted")]
    Unauthorized,
    /// There is no such object in this shop, or the key is for the other mode.
    #[error("not found in this shop")]
    NotFound,
    /// Not done yet: send the same bytes under the same key after the pause.
    #[error("not done yet, try again in {} ms", after.as_millis())]
    Later {
        /// How long to wait, at most an hour.
        after: Duration,
    },
    /// It may have been done or not: send the same bytes under the same key again.
    #[error("the outcome is unknown: {0}")]
    OutcomeUnknown(Unclear),
    /// Done, but the answer cannot be read; for a POST as good as an unknown outcome.
    #[error("the answer cannot be read: {0}")]
    Malformed(&'static str),
}

/// What hides an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// No connection could be made; nothing was sent.
    #[error("no connection")]
    Unreachable,
    /// The proxy is not there, or does not lead on; nothing was sent.
    #[error("no connection: {0}")]
    Proxy(&'static str),
    /// The connection broke before the whole answer was there.
    #[error("the connection was cut")]
    Cut,
    /// The answer took too long.
    #[error("no answer in time")]
    TimedOut,
    /// The server failed, with this status.
    #[error("the server answered {0}")]
    ServerError(u16),
}

impl YooKassaError {
    /// Reads what a finished exchange other than a success means.
    pub(super) fn from_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        match status {
            StatusCode::ACCEPTED => Self::Later { after: pause(headers, body, AFTER_PROCESSING) },
            StatusCode::TOO_MANY_REQUESTS => {
                Self::Later { after: pause(headers, body, AFTER_TOO_MANY) }
            }
            StatusCode::UNAUTHORIZED => Self::Unauthorized,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::REQUEST_TIMEOUT => Self::OutcomeUnknown(Unclear::TimedOut),
            status if status.is_client_error() => rejected(status, body),
            status if status.is_server_error() => {
                Self::OutcomeUnknown(Unclear::ServerError(status.as_u16()))
            }
            _ => Self::Malformed("an unexpected status"),
        }
    }

    /// Reads what an exchange that did not finish means.
    pub(super) fn from_transport(err: &reqwest::Error) -> Self {
        if err.is_builder() {
            Self::Malformed("the request could not be built")
        } else {
            Self::OutcomeUnknown(match Fault::of(err) {
                Fault::TimedOut => Unclear::TimedOut,
                Fault::Proxy(why) => Unclear::Proxy(why),
                Fault::Unreachable => Unclear::Unreachable,
                Fault::Cut => Unclear::Cut,
            })
        }
    }
}

fn rejected(status: StatusCode, body: &[u8]) -> YooKassaError {
    let answer = Tree::parse(body).unwrap_or_default();
    YooKassaError::Rejected {
        status: status.as_u16(),
        code: word(answer.text("/code")).unwrap_or_else(|| "unknown".to_owned()),
        parameter: word(answer.text("/parameter")),
        description: plain(&answer.text("/description").unwrap_or_default(), DESCRIPTION_CHARS),
    }
}

/// The body's `retry_after` counts milliseconds, the header's `Retry-After` seconds.
fn pause(headers: &HeaderMap, body: &[u8], usual: Duration) -> Duration {
    let from_body = Tree::parse(body).ok().and_then(|answer| answer.whole("/retry_after"));
    let header = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let from_header = header.and_then(|value| value.trim().parse().ok()).map(Duration::from_secs);
    from_body.map(Duration::from_millis).or(from_header).unwrap_or(usual).min(LONGEST_PAUSE)
}

fn about(parameter: Option<&str>) -> String {
    parameter.map(|parameter| format!(" about {parameter}")).unwrap_or_default()
}

/// Codes and field names are single words; anything else is not worth showing.
fn word(text: Option<String>) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-[]".contains(c);
    text.filter(|text| (1..=WORD_CHARS).contains(&text.len()) && text.chars().all(fits))
}

fn plain(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> YooKassaError {
        let status = StatusCode::from_u16(status).unwrap();
        YooKassaError::from_answer(status, &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn each_status_has_its_meaning() {
        let later = |ms| YooKassaError::Later { after: Duration::from_millis(ms) };
        assert_eq!(read(202, r#"{"type":"processing","retry_after":1200}"#), later(1_200));
        assert_eq!(read(202, ""), later(1_800));
        assert_eq!(read(429, r#"{"retry_after":500}"#), later(500));
        assert_eq!(read(429, r#"{"retry_after":1e300}"#), later(30_000));
        assert_eq!(read(429, r#"{"retry_after":99999999999}"#), later(3_600_000));
        assert_eq!(read(401, "{}"), YooKassaError::Unauthorized);
        assert_eq!(read(404, "{}"), YooKassaError::NotFound);
        assert_eq!(read(408, ""), YooKassaError::OutcomeUnknown(Unclear::TimedOut));
        for status in [500, 502, 503, 504, 599] {
            let expected = YooKassaError::OutcomeUnknown(Unclear::ServerError(status));
            assert_eq!(read(status, "<html>"), expected);
        }
        assert!(matches!(read(301, ""), YooKassaError::Malformed(_)));
        for status in [400, 403, 405, 410, 415, 422] {
            assert!(matches!(read(status, "no json"), YooKassaError::Rejected { .. }));
        }
    }

    #[test]
    fn the_header_counts_when_the_body_is_silent() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, "7".parse().unwrap())]);
        let err = YooKassaError::from_answer(StatusCode::TOO_MANY_REQUESTS, &headers, b"{}");
        assert_eq!(err, YooKassaError::Later { after: Duration::from_secs(7) });
    }

    #[test]
    fn a_refusal_keeps_its_words_and_shows_the_harmless_ones() {
        let err = read(
            400,
            r#"{"type":"error","id":"1","code":"invalid_request","parameter":"receipt",
                "description":"Receipt of anna@example.ru is illegal"}"#,
        );
        assert_eq!(err.to_string(), "refused with 400 invalid_request about receipt");
        let YooKassaError::Rejected { description, .. } = err else { panic!("{err}") };
        assert_eq!(description, "Receipt of anna@example.ru is illegal");
        let odd = read(400, r#"{"code":"<b>anna@example.ru</b>","parameter":{"x":1}}"#);
        assert_eq!(odd.to_string(), "refused with 400 unknown");
    }
}
