//! The fields of a JSON object, each read by itself, so that all mistakes are told at once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::domain::money::Money;
use crate::domain::plan::Days;
use crate::http::problem::{FieldError, Problem};

/// How much of an unknown field's name is repeated.
const LONGEST_NAME: usize = 40;

/// The fields of a body, and what was found to be wrong with them.
pub(super) struct Fields<'a> {
    raw: BTreeMap<Cow<'a, str>, &'a RawValue>,
    /// The fields that there are.
    asked: Vec<&'static str>,
    errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    /// Reads an object.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Problem> {
        let raw = serde_json::from_slice(body).map_err(|err| match err.classify() {
            Category::Data => Problem::field("", "expected an object"),
            Category::Io | Category::Syntax | Category::Eof => Problem::malformed(format!(
                "the body is not JSON: see line {}, column {}",
                err.line(),
                err.column()
            )),
        })?;
        Ok(Self { raw, asked: Vec::new(), errors: Vec::new() })
    }

    /// Takes a field that must be there.
    pub(super) fn required<T>(
        &mut self,
        field: &'static str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.optional(field, read)?;
        if value.is_none() {
            self.errors.push(FieldError { field: field.into(), message: "required".to_owned() });
        }
        value
    }

    /// Takes a field that may be absent or null: `Some(None)`.
    #[expect(clippy::option_option, reason = "wrong, absent and given are three things")]
    pub(super) fn optional<T>(
        &mut self,
        field: &'static str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Option<T>> {
        self.asked.push(field);
        match self.raw.get(field).map(|raw| raw.get()) {
            None | Some("null") => Some(None),
            Some(json) => match read(json) {
                Ok(value) => Some(Some(value)),
                Err(message) => {
                    self.errors.push(FieldError { field: field.into(), message });
                    None
                }
            },
        }
    }

    /// Returns what was read, or all that is wrong. A field that nobody has asked for is wrong too:
    /// it is misspelt, or asks for what is not done.
    pub(super) fn end<T>(mut self, read: Option<T>) -> Result<T, Problem> {
        let expected = format!("unknown; expected {}", self.asked.join(", "));
        let expected = if self.asked.is_empty() { "unknown" } else { &*expected };
        for name in self.raw.keys().filter(|name| !self.asked.contains(&&***name)) {
            let field = name.chars().take(LONGEST_NAME).collect::<String>().into();
            self.errors.push(FieldError { field, message: expected.to_owned() });
        }
        match read {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(Problem::invalid(self.errors)),
        }
    }
}

/// Reads a text that is parsed further. What stands there is never repeated: it may be a secret.
pub(super) fn text<T: FromStr<Err: Display>>(json: &str) -> Result<T, String> {
    let text: Cow<'_, str> =
        serde_json::from_str(json).map_err(|_| "expected a text".to_owned())?;
    text.parse().map_err(|err: T::Err| err.to_string())
}

/// Reads a whole number.
pub(super) fn number(json: &str) -> Result<i64, String> {
    json.parse().map_err(|_| "expected a whole number".to_owned())
}

/// Reads a length of service.
pub(super) fn days(json: &str) -> Result<Days, String> {
    Days::new(number(json)?).map_err(|err| err.to_string())
}

/// Reads an amount, a number or a text, digit by digit: no float is ever made of it.
pub(super) fn money(json: &str) -> Result<Money, String> {
    if json.starts_with('"') {
        return text(json);
    }
    json.parse::<Money>().map_err(|err| err.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_exactly_or_not_at_all() {
        let kopecks = |json: &str| money(json).map(Money::kopecks).ok();
        assert_eq!(kopecks("299"), Some(29_900));
        assert_eq!(kopecks("299.5"), Some(29_950));
        assert_eq!(kopecks("\"299.00\""), Some(29_900));
        assert_eq!(kopecks("0.29"), Some(29));
        assert_eq!(kopecks("9999999999.99"), Some(999_999_999_999));
        for wrong in ["299.001", "2.99e2", "-1", "\"1,5\"", "true", "[1]", "{}", "\"\"", "1e400"] {
            assert_eq!(kopecks(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_mistake_is_told() {
        let mut fields = Fields::read(br#"{"a": 1.5, "b": null, "c": "x", "e": 1}"#).unwrap();
        assert_eq!(fields.required("a", number), None);
        assert_eq!(fields.required("b", number), None);
        assert_eq!(fields.optional("d", number), Some(None));
        assert_eq!(fields.required("c", text::<String>), Some("x".to_owned()));
        let unknown = "unknown; expected a, b, d, c".to_owned();
        let told = [
            ("a", "expected a whole number".to_owned()),
            ("b", "required".to_owned()),
            ("e", unknown),
        ];
        let told = told.map(|(field, message)| FieldError { field: field.into(), message });
        assert_eq!(fields.end(Some(())), Err(Problem::invalid(told.to_vec())));
    }
}
