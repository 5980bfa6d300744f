//! `parse_mode` `MarkdownV2`.

use super::{Entity, utf16};

/// What must be escaped outside code.
const RESERVED: &str = "_*[]()~`>#+-=|{}.!";

/// A stretch that has been opened.
struct Open {
    mark: &'static str,
    name: &'static str,
    kind: &'static str,
    offset: usize,
    byte: usize,
    language: String,
}

/// Reads `MarkdownV2` as Telegram does; an error says what Telegram would.
pub(super) fn parse(markdown: &str) -> Result<(String, Vec<Entity>), String> {
    let mut parser =
        Parser { source: markdown, at: 0, text: String::new(), open: Vec::new(), done: Vec::new() };
    while let Some(next) = parser.rest().chars().next() {
        parser.step(next)?;
    }
    parser.end_quote();
    match parser.open.last() {
        Some(open) => {
            Err(format!("Can't find end of {} entity at byte offset {}", open.name, open.byte))
        }
        None => Ok((parser.text, parser.done)),
    }
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    text: String,
    open: Vec<Open>,
    done: Vec<Entity>,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn step(&mut self, next: char) -> Result<(), String> {
        let after = self.rest()[next.len_utf8()..].chars().next();
        if next == '\\'
            && let Some(escaped) = after.filter(|c| c.is_ascii() && *c != '\0')
        {
            self.text.push(escaped);
            self.at += 2;
            return Ok(());
        }
        let in_code = self.open.last().is_some_and(|open| matches!(open.kind, "code" | "pre"));
        if self.ends() {
            return self.close();
        }
        if in_code || !(RESERVED.contains(next) || next == '\n') {
            self.text.push(next);
            self.at += next.len_utf8();
            return Ok(());
        }
        self.open(next)
    }

    /// Returns whether the innermost stretch ends here.
    fn ends(&self) -> bool {
        let Some(open) = self.open.last() else { return false };
        let rest = self.rest();
        match open.mark {
            "_" => rest.starts_with('_') && !rest.starts_with("__"),
            ">" => false,
            mark => rest.starts_with(mark),
        }
    }

    fn open(&mut self, next: char) -> Result<(), String> {
        let line_start = self.text.is_empty() || self.text.ends_with('\n');
        let rest = self.rest();
        let (mark, name, kind) = match next {
            '_' if rest.starts_with("__") => ("__", "Underline", "underline"),
            '_' => ("_", "Italic", "italic"),
            '*' => ("*", "Bold", "bold"),
            '~' => ("~", "Strikethrough", "strikethrough"),
            '|' if rest.starts_with("||") => ("||", "Spoiler", "spoiler"),
            '`' if rest.starts_with("```") => ("```", "Pre", "pre"),
            '`' => ("`", "Code", "code"),
            '[' => ("]", "TextUrl", "text_link"),
            '>' if line_start => {
                self.quote();
                return Ok(());
            }
            '\n' => {
                self.line();
                return Ok(());
            }
            _ => {
                return Err(format!(
                    "Character '{next}' is reserved and must be escaped with the preceding '\\'"
                ));
            }
        };
        let (byte, offset) = (self.at, utf16(&self.text));
        self.at += if mark == "]" { 1 } else { mark.len() };
        let language = if mark == "```" { self.language() } else { String::new() };
        self.open.push(Open { mark, name, kind, offset, byte, language });
        Ok(())
    }

    /// Reads the language after the opening of a block of code.
    fn language(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || c == '`').unwrap_or(rest.len());
        if rest[end..].starts_with('\n') {
            self.at += end + 1;
            return rest[..end].to_owned();
        }
        String::new()
    }

    fn quote(&mut self) {
        if !self.open.iter().any(|open| open.mark == ">") {
            let (byte, offset) = (self.at, utf16(&self.text));
            let language = String::new();
            let (name, kind) = ("BlockQuote", "blockquote");
            self.open.push(Open { mark: ">", name, kind, offset, byte, language });
        }
        self.at += 1;
    }

    fn line(&mut self) {
        let goes_on = self.rest().starts_with("\n>");
        if !goes_on {
            self.end_quote();
        }
        self.text.push('\n');
        self.at += 1;
    }

    fn end_quote(&mut self) {
        if self.open.last().is_some_and(|open| open.mark == ">")
            && let Some(open) = self.open.pop()
        {
            self.finish(&open, None);
        }
    }

    fn close(&mut self) -> Result<(), String> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        self.at += open.mark.len();
        let url = if open.mark == "]" { self.address()? } else { None };
        if open.mark != "]" || url.is_some() {
            self.finish(&open, url);
        }
        Ok(())
    }

    /// Reads the address in parentheses after a link's text.
    fn address(&mut self) -> Result<Option<String>, String> {
        if !self.rest().starts_with('(') {
            return Ok(None);
        }
        let begin = self.at;
        let mut url = String::new();
        let mut escaped = false;
        for (at, next) in self.rest().char_indices().skip(1) {
            match next {
                '\\' if !escaped => escaped = true,
                ')' if !escaped => {
                    self.at += at + 1;
                    return Ok(Some(url));
                }
                other => {
                    escaped = false;
                    url.push(other);
                }
            }
        }
        Err(format!("Can't find end of a URL at byte offset {begin}"))
    }

    fn finish(&mut self, open: &Open, url: Option<String>) {
        let length = utf16(&self.text) - open.offset;
        if length == 0 {
            return;
        }
        let mut entity = Entity::new(open.kind, open.offset, length);
        if let Some(url) = url {
            entity = entity.with("url", &url);
        }
        if !open.language.is_empty() {
            entity = entity.with("language", &open.language);
        }
        self.done.push(entity);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_escaped_text_comes_back(text in ".*") {
            let reserved = |c: char| RESERVED.contains(c) || c == '\\';
            let escape = |c: char| if reserved(c) { format!("\\{c}") } else { c.to_string() };
            let escaped: String = text.chars().map(escape).collect();
            prop_assert_eq!(parse(&escaped), Ok((text, Vec::new())));
        }

        #[test]
        fn no_markup_is_too_strange(markdown in "[-_*\\[\\]()~`>|!\\\\\n ab😀ж]*") {
            parse(&markdown).ok();
        }
    }

    #[test]
    fn marks_become_entities() {
        let source = "*b _i_* __u__ ||s|| `c\\`.` [t](https://e.ru/\\)) 1\\.\n>q\n>r\nz";
        let (text, entities) = parse(source).unwrap();
        assert_eq!(text, "b i u s c`. t 1.\nq\nr\nz");
        let spans: Vec<_> =
            entities.iter().map(|e| (e.kind.as_str(), e.offset, e.length)).collect();
        let expected = [
            ("italic", 2, 1),
            ("bold", 0, 3),
            ("underline", 4, 1),
            ("spoiler", 6, 1),
            ("code", 8, 3),
            ("text_link", 12, 1),
            ("blockquote", 17, 3),
        ];
        assert_eq!(spans, expected);
        assert_eq!(entities[5].extra["url"], "https://e.ru/)");
    }

    #[test]
    fn wrong_markup_is_refused_in_telegrams_words() {
        let table = [
            ("1.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
            ("a-b", "Character '-' is reserved and must be escaped with the preceding '\\'"),
            ("a *b", "Can't find end of Bold entity at byte offset 2"),
            ("_a", "Can't find end of Italic entity at byte offset 0"),
            ("[a](b", "Can't find end of a URL at byte offset 3"),
        ];
        for (source, why) in table {
            assert_eq!(parse(source).unwrap_err(), why, "{source}");
        }
    }
}
