//! `parse_mode` HTML.

use super::{Entity, utf16};

/// A tag that has been opened.
struct Open {
    tag: String,
    offset: usize,
    value: Option<String>,
}

/// Reads HTML as Telegram does; an error says what Telegram would.
pub(super) fn parse(html: &str) -> Result<(String, Vec<Entity>), String> {
    let mut parser =
        Parser { html, at: 0, text: String::new(), open: Vec::new(), done: Vec::new() };
    while let Some(next) = html[parser.at..].chars().next() {
        match next {
            '<' if html[parser.at..].starts_with("</") => parser.close()?,
            '<' => parser.open()?,
            '&' => parser.reference(),
            other => {
                parser.text.push(other);
                parser.at += other.len_utf8();
            }
        }
    }
    match parser.open.last() {
        Some(open) => {
            Err(format!("Can't find end tag corresponding to start tag \"{}\"", open.tag))
        }
        None => Ok((parser.text, parser.done)),
    }
}

struct Parser<'a> {
    html: &'a str,
    at: usize,
    text: String,
    open: Vec<Open>,
    done: Vec<Entity>,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.html[self.at..]
    }

    /// Reads `&lt;` and its like; any other ampersand stands for itself.
    fn reference(&mut self) {
        let known = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')];
        for (name, meaning) in known {
            if self.rest().starts_with(name) {
                self.text.push(meaning);
                self.at += name.len();
                return;
            }
        }
        if let Some((meaning, length)) = numeric(self.rest()) {
            self.text.push(meaning);
            self.at += length;
            return;
        }
        self.text.push('&');
        self.at += 1;
    }

    fn open(&mut self) -> Result<(), String> {
        let begin = self.at;
        let unclosed = || format!("Unclosed start tag at byte offset {begin}");
        let end = self.rest().find('>').ok_or_else(unclosed)?;
        let inside = &self.html[begin + 1..begin + end];
        let (tag, attributes) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        let tag = tag.to_ascii_lowercase();
        let attributes = read_attributes(attributes).ok_or_else(|| {
            format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}")
        })?;
        let get = |name: &str| {
            attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
        };
        let value = match tag.as_str() {
            "a" => get("href"),
            "code" => {
                get("class").and_then(|class| class.strip_prefix("language-").map(str::to_owned))
            }
            "tg-emoji" => get("emoji-id"),
            "blockquote" => {
                attributes.iter().find(|(key, _)| key == "expandable").map(|_| String::new())
            }
            "span" if get("class").as_deref() != Some("tg-spoiler") => {
                return Err(format!(
                    "Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"
                ));
            }
            "b" | "strong" | "i" | "em" | "u" | "ins" | "s" | "strike" | "del" | "pre" | "span"
            | "tg-spoiler" => None,
            _ => return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}")),
        };
        self.open.push(Open { tag, offset: utf16(&self.text), value });
        self.at += end + 1;
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let begin = self.at;
        let end = self
            .rest()
            .find('>')
            .ok_or_else(|| format!("Unclosed end tag at byte offset {begin}"))?;
        let tag = self.html[begin + 2..begin + end].trim_end().to_ascii_lowercase();
        let Some(open) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        if !tag.is_empty() && tag != open.tag {
            let (expected, found) = (&open.tag, &tag);
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{expected}>\", found \"</{found}>\""
            ));
        }
        self.at += end + 1;
        self.finish(&open);
        Ok(())
    }

    fn finish(&mut self, open: &Open) {
        let length = utf16(&self.text) - open.offset;
        if length == 0 {
            return;
        }
        let entity = |kind: &str| Entity::new(kind, open.offset, length);
        let entity = match (open.tag.as_str(), &open.value) {
            ("a", Some(url)) => entity("text_link").with("url", url),
            ("a", None) => return,
            ("tg-emoji", id) => {
                entity("custom_emoji").with("custom_emoji_id", id.as_deref().unwrap_or_default())
            }
            ("code", Some(language)) => {
                let within = self
                    .open
                    .last_mut()
                    .filter(|outer| outer.tag == "pre" && outer.offset == open.offset);
                if let Some(outer) = within {
                    outer.value = Some(language.clone());
                    return;
                }
                entity("code")
            }
            ("pre", Some(language)) => entity("pre").with("language", language),
            ("blockquote", Some(_)) => entity("expandable_blockquote"),
            (tag, _) => entity(kind(tag)),
        };
        self.done.push(entity);
    }
}

fn kind(tag: &str) -> &str {
    match tag {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "u" | "ins" => "underline",
        "s" | "strike" | "del" => "strikethrough",
        "span" | "tg-spoiler" => "spoiler",
        other => other,
    }
}

/// Reads `&#60;` or `&#x3c;` and returns its length too.
fn numeric(text: &str) -> Option<(char, usize)> {
    let digits = text.strip_prefix("&#")?;
    let end = digits.find(';').filter(|end| *end <= 8)?;
    let code = match digits[..end].strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits[..end].parse().ok()?,
    };
    Some((char::from_u32(code).filter(|c| *c != '\0')?, end + 3))
}

/// Reads `name="value"` pairs; a value may stand without quotes or be absent.
fn read_attributes(text: &str) -> Option<Vec<(String, String)>> {
    let mut rest = text.trim();
    let mut pairs = Vec::new();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        if name.is_empty() {
            return None;
        }
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            (value, rest) = match quote {
                Some(quote) => after[1..].split_once(quote)?,
                None => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
            };
        }
        pairs.push((name, value.replace("&amp;", "&").replace("&quot;", "\"")));
        rest = rest.trim_start();
    }
    Some(pairs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_escaped_text_comes_back(text in ".*") {
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            prop_assert_eq!(parse(&escaped), Ok((text, Vec::new())));
        }

        #[test]
        fn no_markup_is_too_strange(html in "([<>&;\"'/=# abi]|b>|<b>|</b>|<a href=|😀|ж)*") {
            parse(&html).ok();
        }
    }

    fn spans(html: &str) -> (String, Vec<(String, usize, usize)>) {
        let (text, entities) = parse(html).unwrap();
        (
            text,
            entities
                .into_iter()
                .map(|entity| (entity.kind, entity.offset, entity.length))
                .collect(),
        )
    }

    #[test]
    fn tags_become_entities() {
        let (text, entities) = spans("<b>Час</b> &lt;10:00&gt; <i>😀 <u>x</u></i>&nbsp;&#33;");
        assert_eq!(text, "Час <10:00> 😀 x&nbsp;!");
        let expected = [("bold", 0, 3), ("underline", 15, 1), ("italic", 12, 4)];
        assert_eq!(entities, expected.map(|(kind, at, length)| (kind.to_owned(), at, length)));
    }

    #[test]
    fn links_and_code_keep_their_values() {
        let (_, entities) = parse(r#"<a href="https://e.ru/?a=1&amp;b=2">x</a>"#).unwrap();
        assert_eq!(entities, [Entity::new("text_link", 0, 1).with("url", "https://e.ru/?a=1&b=2")]);
        let (_, entities) = parse(r#"<pre><code class="language-rust">x</code></pre>"#).unwrap();
        assert_eq!(entities, [Entity::new("pre", 0, 1).with("language", "rust")]);
    }

    #[test]
    fn wrong_markup_is_refused_in_telegrams_words() {
        let table = [
            ("a <x>b</x>", "Unsupported start tag \"x\" at byte offset 2"),
            ("<b>a", "Can't find end tag corresponding to start tag \"b\""),
            ("a</b>", "Unexpected end tag at byte offset 1"),
            ("<b>a</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
            ("1 < 2", "Unclosed start tag at byte offset 2"),
        ];
        for (html, why) in table {
            assert_eq!(parse(html).unwrap_err(), why, "{html}");
        }
    }
}
