//! The line of a file that cannot be read, with a mark under the place, and no secret in it.

use std::fmt;

use crate::domain::scrub::{MASK, scrub};

/// The most columns of a line that are shown.
const WIDEST: usize = 100;
/// The fewest letters in a row that may be a secret; fewer where nothing says what they are.
const SECRET_LETTERS: usize = 16;
const DOUBTFUL_LETTERS: usize = 8;
/// What the names of secrets hold.
const SECRET_NAMES: [&str; 5] = ["token", "secret", "key", "proxy", "pass"];

/// A line of a file, and where in it the trouble begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    line: String,
    column: usize,
}

impl Excerpt {
    /// Cuts the line that holds byte `at` out of `text`. Whatever may be a secret in it is starred
    /// out, letter by letter, so that the mark still stands where it should.
    pub(super) fn new(text: &str, at: usize) -> Self {
        let at = text.floor_char_boundary(at.min(text.len()));
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        let line = text[start..end].trim_end_matches('\r');
        let column = text[start..at].chars().count();
        let starred: String = starred(line).into_iter().take(WIDEST).collect();
        Self { column: column.min(starred.chars().count()), line: starred }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n    {}\n    {}^", self.line, " ".repeat(self.column))
    }
}

/// Returns the letters of the line, with stars for those of secrets and blanks for what a terminal
/// obeys.
fn starred(line: &str) -> Vec<char> {
    let mut letters: Vec<char> =
        line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let (name, equals) = match line.split_once('=') {
        Some((name, _)) => (name.to_lowercase(), name.chars().count() + 1),
        None => (String::new(), 0),
    };
    if SECRET_NAMES.iter().any(|secret| name.contains(secret)) {
        star(&mut letters[equals..], |c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '='));
    }
    // The names of sections are shorter.
    let is_told = equals > 0 || line.trim_start().starts_with('[');
    star_runs(&mut letters, if is_told { SECRET_LETTERS } else { DOUBTFUL_LETTERS });
    if scrub(line) != line {
        star(&mut letters[equals..], |c| !c.is_whitespace());
    }
    letters
}

fn star(letters: &mut [char], hides: impl Fn(char) -> bool) {
    for letter in letters.iter_mut().filter(|letter| hides(**letter)) {
        *letter = '*';
    }
}

/// Stars out each run of at least `fewest` letters that a secret may be made of; fewer will do if
/// digits are among them, as in part of a secret.
fn star_runs(letters: &mut [char], fewest: usize) {
    let of_secret = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut start = 0;
    for end in 0..=letters.len() {
        if letters.get(end).is_some_and(of_secret) {
            continue;
        }
        let word = &mut letters[start..end];
        if word.len() >= fewest || word.len() >= DOUBTFUL_LETTERS && is_mixed(word) {
            word.fill('*');
        }
        start = end + 1;
    }
}

/// Tells whether there are letters and digits.
fn is_mixed(word: &[char]) -> bool {
    word.iter().any(char::is_ascii_digit) && word.iter().any(char::is_ascii_alphabetic)
}

/// Returns the text with a mask for each word that looks like a secret: long, with digits and
/// letters in it. For what was written where no secret belongs.
pub(super) fn veil(text: &str) -> String {
    const LONG: usize = 12;
    let text = scrub(text);
    let of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut veiled = String::new();
    let mut rest = &*text;
    while let Some(start) = rest.find(of_word) {
        let length = rest[start..].find(|c| !of_word(c)).unwrap_or(rest.len() - start);
        let word = &rest[start..start + length];
        let mixed = word.bytes().any(|b| b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_alphabetic());
        veiled += &rest[..start];
        veiled += if mixed && length >= LONG { MASK } else { word };
        rest = &rest[start + length..];
    }
    veiled + rest
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, at: &str, expected: &Expect) {
        let place = text.find(at).unwrap();
        expected.assert_eq(&format!("not TOML{}\n", Excerpt::new(text, place)));
    }

    #[test]
    fn the_mark_stands_under_the_place() {
        check(
            "a = 1\nmode = \"off\nb = 2\n",
            "\"off",
            &expect![[r#"
                not TOML
                    mode = "off
                           ^
            "#]],
        );
        check(
            "имя = ёлка\r\n",
            "ёлка",
            &expect![[r"
                not TOML
                    имя = ёлка
                          ^
            "]],
        );
        check(
            "[tls\n",
            "\n",
            &expect![[r"
                not TOML
                    [tls
                        ^
            "]],
        );
    }

    #[test]
    fn secrets_are_starred_out() {
        check(
            "token = 9f2d4c6b hidden # x\n",
            "9f2d",
            &expect![[r"
                not TOML
                    token = ******** ****** * *
                            ^
            "]],
        );
        check(
            "support = 9f2d4c6b8a1e3f5079d2\n",
            "9f",
            &expect![[r"
                not TOML
                    support = ********************
                              ^
            "]],
        );
        check(
            "of-a-secret-the-rest\"\n",
            "\"",
            &expect![[r#"
                not TOML
                    ********************"
                                        ^
            "#]],
        );
    }

    proptest! {
        #[test]
        fn a_secret_is_never_seen(before in "[ -~]{0,12}", secret in "[A-Za-z0-9]{32}", after in "[ -~]{0,12}", at in 0usize..60) {
            let line = format!("{before}{secret}{after}");
            prop_assert!(!Excerpt::new(&line, at).to_string().contains(&secret[8..24]));
        }

        #[test]
        fn any_place_of_any_text_will_do(text in "(?s).{0,60}", at in 0usize..80) {
            let shown = Excerpt::new(&text, at).to_string();
            prop_assert_eq!(shown.lines().count(), 3);
        }

        #[test]
        fn a_word_like_a_secret_is_veiled(before in "[ -,.:]{0,5}", secret in "[a-f]{1}[0-9]{1}[a-z0-9]{30}", after in "[ -,.:]{0,5}") {
            prop_assert_eq!(veil(&format!("{before}{secret}{after}")), format!("{before}***{after}"));
        }
    }
}
