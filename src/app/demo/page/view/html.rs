//! HTML, put together so that a text cannot become markup.

use std::fmt::Write;

/// A piece of HTML under construction.
#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Opens an element; an attribute with an empty value is written by its name alone, and one
    /// that begins with `!` is left out.
    pub(super) fn open(&mut self, tag: &str, attributes: &[(&str, &str)]) {
        self.0.push('<');
        self.0.push_str(tag);
        for (name, value) in attributes.iter().filter(|(name, _)| !name.is_empty()) {
            self.0.push(' ');
            self.0.push_str(name);
            if !value.is_empty() {
                self.0.push_str("=\"");
                self.text(value);
                self.0.push('"');
            }
        }
        self.0.push('>');
    }

    pub(super) fn close(&mut self, tag: &str) {
        write!(self.0, "</{tag}>").ok(); // Writing to a text does not fail.
    }

    /// Adds what somebody wrote.
    pub(super) fn text(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
    }

    /// Adds an element that holds a text.
    pub(super) fn leaf(&mut self, tag: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(tag, attributes);
        self.text(text);
        self.close(tag);
    }

    /// Adds what is HTML already.
    pub(super) fn html(&mut self, html: &str) {
        self.0.push_str(html);
    }

    /// Adds a field that nobody sees.
    pub(super) fn hidden(&mut self, name: &str, value: &str) {
        // An empty value is one too.
        self.0.push_str("<input type=\"hidden\" name=\"");
        self.text(name);
        self.0.push_str("\" value=\"");
        self.text(value);
        self.0.push_str("\">");
    }

    pub(super) fn done(self) -> String {
        self.0
    }
}

/// Returns a text made harmless anywhere in HTML, in quotes too.
pub(super) fn escaped(text: &str) -> String {
    let mut html = Html::new();
    html.text(text);
    html.done()
}

/// Returns an attribute that is there if `condition` holds; an attribute without a name is none.
pub(super) const fn only_if<'a>(
    condition: bool,
    attribute: (&'a str, &'a str),
) -> (&'a str, &'a str) {
    if condition { attribute } else { ("", "") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_holds_no_markup(text in ".*") {
            let html = escaped(&text);
            prop_assert!(!html.contains(['<', '>', '"', '\'']));
        }

        #[test]
        fn an_attribute_does_not_break_out(text in ".*") {
            let mut html = Html::new();
            html.open("a", &[("title", &text)]);
            prop_assert_eq!(html.done().matches('>').count(), 1);
        }
    }
}
