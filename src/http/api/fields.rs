//! The fields of a JSON object, each read by itself, so that all mistakes are told at once.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::http::problem::{FieldError, Problem};
use crate::http::shape::Read;

/// How much of an unknown field's name is repeated.
const LONGEST_NAME: usize = 40;

/// The fields of a body, and what was found to be wrong with them.
pub(in crate::http) struct Fields<'a> {
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
    pub(in crate::http) fn required<T: Read>(&mut self, field: &'static str) -> Option<T> {
        let value = self.optional(field)?;
        if value.is_none() {
            self.errors.push(FieldError { field: field.into(), message: "required".to_owned() });
        }
        value
    }

    /// Takes a field that may be absent or null: `Some(None)`.
    #[expect(clippy::option_option, reason = "wrong, absent and given are three things")]
    pub(in crate::http) fn optional<T: Read>(&mut self, field: &'static str) -> Option<Option<T>> {
        self.asked.push(field);
        match self.raw.get(field).map(|raw| raw.get()) {
            None | Some("null") => Some(None),
            Some(json) => match T::read(json) {
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
    pub(in crate::http) fn end<T>(mut self, read: Option<T>) -> Result<T, Problem> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::PaymentId;
    use crate::domain::plan::Days;

    #[test]
    fn every_mistake_is_told() {
        let mut fields = Fields::read(br#"{"a": 1.5, "b": null, "c": "x", "e": 1}"#).unwrap();
        assert_eq!(fields.required::<Days>("a"), None);
        assert_eq!(fields.required::<Days>("b"), None);
        assert_eq!(fields.optional::<Days>("d"), Some(None));
        assert_eq!(fields.required::<PaymentId>("c"), Some("x".parse().unwrap()));
        let told = [
            ("a", "expected a whole number"),
            ("b", "required"),
            ("e", "unknown; expected a, b, d, c"),
        ];
        let told = told.map(|(field, message)| FieldError {
            field: field.into(),
            message: message.to_owned(),
        });
        assert_eq!(fields.end(Some(())), Err(Problem::invalid(told.to_vec())));
    }
}
