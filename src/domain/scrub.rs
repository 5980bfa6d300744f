//! What looks like a secret, wherever it turns up in a text.

use std::borrow::Cow;
use std::ops::Range;

/// Stands for a secret in what people see.
pub const MASK: &str = "***";

/// The fewest letters after the colon that make a bot token of digits and a colon.
const TOKEN_LETTERS: usize = 20;
/// The fewest letters that make a key of a prefix such as `live_`.
const KEY_LETTERS: usize = 8;
/// What stands before a secret of a request to YooKassa or to our API.
const PREFIXES: [&[u8]; 4] = [b"live_", b"test_", b"Bearer ", b"Basic "];

/// Returns `text` with [`MASK`] in place of bot tokens, keys of a shop, credentials of a request
/// and of a URL.
///
/// The last net under what is logged or shown, not the first: a secret belongs in a type that
/// does not show itself.
pub fn scrub(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let (mut clean, mut kept, mut at) = (String::new(), 0, 0);
    while at < bytes.len() {
        if let Some(secret) = secret_at(bytes, at) {
            clean.push_str(&text[kept..secret.start]);
            clean.push_str(MASK);
            (kept, at) = (secret.end, secret.end);
        } else {
            at += 1;
        }
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(&text[kept..]);
    Cow::Owned(clean)
}

/// Returns where the secret lies that is told by what stands at `at`. Both ends are beside an
/// ASCII letter, so they never split a character.
fn secret_at(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    match bytes[at] {
        b'0'..=b'9' => bot_token(bytes, at),
        b':' => url_credentials(bytes, at),
        b'l' | b't' | b'B' => prefixed(bytes, at),
        _ => None,
    }
}

/// A bot token: digits, a colon (perhaps as a URL writes it) and many letters. The digits stay,
/// since they name the bot.
fn bot_token(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    if at.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_digit()) {
        return None; // Looked at from its first digit.
    }
    let digits = run(bytes, at, |b| b.is_ascii_digit());
    let rest = &bytes[digits..];
    let colon = if rest.starts_with(b":") {
        1
    } else if rest.starts_with(b"%3A") || rest.starts_with(b"%3a") {
        3
    } else {
        return None;
    };
    let end = run(bytes, digits + colon, is_letter);
    let fits = digits - at >= 5 && end - digits - colon >= TOKEN_LETTERS;
    fits.then_some(digits + colon..end)
}

/// The name and the password of `https://name:password@host`.
fn url_credentials(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    if !bytes[at..].starts_with(b"://") {
        return None;
    }
    let start = at + 3;
    let host = |b: u8| !matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'') && !b.is_ascii_whitespace();
    let end = run(bytes, start, host);
    let last = bytes[start..end].iter().rposition(|b| *b == b'@')?;
    Some(start..start + last)
}

/// What follows one of [`PREFIXES`].
fn prefixed(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    if at.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_alphanumeric()) {
        return None;
    }
    let prefix = PREFIXES.iter().find(|prefix| bytes[at..].starts_with(prefix))?;
    let start = at + prefix.len();
    let end = run(bytes, start, |b| is_letter(b) || matches!(b, b'.' | b'+' | b'/' | b'=' | b'~'));
    (end - start >= KEY_LETTERS).then_some(start..end)
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Returns where the run of bytes that `belong` ends.
fn run(bytes: &[u8], start: usize, belong: impl Fn(u8) -> bool) -> usize {
    start + bytes[start..].iter().take_while(|byte| belong(**byte)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_are_masked_where_they_stand() {
        let secret = "AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";
        for (text, clean) in [
            (
                format!("https://t.example/bot123456:{secret}/getMe"),
                "https://t.example/bot123456:***/getMe",
            ),
            (format!("bot123456%3A{secret}?x"), "bot123456%3A***?x"),
            (format!("123456:{secret} и 7654321:{secret}"), "123456:*** и 7654321:***"),
            ("key=live_abcdefgh-1234,".to_owned(), "key=live_***,"),
            ("(test_abcdefgh)".to_owned(), "(test_***)"),
            ("Authorization: Bearer abc.def+ghi/jk=".to_owned(), "Authorization: Bearer ***"),
            ("socks5://me:pa@ss@proxy:1080/x".to_owned(), "socks5://***@proxy:1080/x"),
        ] {
            assert_eq!(scrub(&text), clean);
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "",
            "12:30:45",
            "2026-11-23T10:00:00Z",
            "the latest_version_of_it",
            "test_1",
            "http://[::1]:8000/health",
            "a@b",
            "клиент 123456: готово",
            "1.2.3.4:8080",
        ] {
            assert_eq!(scrub(text), text);
        }
    }

    proptest! {
        #[test]
        fn a_token_never_passes(before in ".{0,20}", bot in 10_000u64.., secret in "[A-Za-z0-9_-]{20,64}", after in ".{0,20}") {
            prop_assume!(!before.ends_with(|c: char| c.is_ascii_digit()));
            let text = format!("{before}{bot}:{secret}{after}");
            prop_assert!(!scrub(&text).contains(&secret));
        }

        #[test]
        fn scrubbing_twice_is_scrubbing_once(text in "([a-z0-9:@/%]|live_|Basic |://|я){0,40}") {
            let once = scrub(&text).into_owned();
            prop_assert_eq!(scrub(&once), once.as_str());
        }
    }
}
