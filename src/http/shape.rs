//! The shape of what goes over the wire: each type that is written or read says its own JSON
//! schema, so that `openapi.json` cannot tell anything else than the code does.

mod body;
mod texts;
mod view;

use std::collections::BTreeMap;
use std::fmt::Display;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

pub(super) use self::body::{Body, Read, body};
pub(super) use self::texts::{Email, IdempotencyKey, Nothing, PlanChoice, Sum};
pub(super) use self::view::view;

/// A type with a JSON form.
pub(super) trait Shape {
    /// Returns its JSON schema; what has a name of its own goes into `parts`, once.
    fn schema(parts: &mut Parts) -> Value;

    /// Returns an example, for the documentation.
    fn sample() -> Value;
}

/// The named schemas, and what the settings add to them.
#[derive(Debug)]
pub(super) struct Parts {
    named: BTreeMap<&'static str, Value>,
    /// The ids of the plans that are sold.
    plans: Vec<String>,
}

impl Parts {
    pub(super) fn new(plans: Vec<String>) -> Self {
        Self { named: BTreeMap::new(), plans }
    }

    /// Makes a schema known under a name, if it is not yet, and returns the reference to it.
    pub(super) fn named(
        &mut self,
        name: &'static str,
        make: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        if !self.named.contains_key(name) {
            let schema = make(self);
            self.named.insert(name, schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    pub(super) fn into_named(self) -> BTreeMap<&'static str, Value> {
        self.named
    }
}

/// A value that is written as it shows itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown<T>(pub(super) T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<T> From<T> for Shown<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Shape> Shape for Shown<T> {
    fn schema(parts: &mut Parts) -> Value {
        T::schema(parts)
    }

    fn sample() -> Value {
        T::sample()
    }
}

/// May be null; it is never left out.
impl<T: Shape> Shape for Option<T> {
    fn schema(parts: &mut Parts) -> Value {
        let mut schema = T::schema(parts);
        match schema.get_mut("type") {
            Some(kind @ Value::String(_)) => *kind = json!([kind.clone(), "null"]),
            Some(Value::Array(kinds)) => kinds.push(json!("null")),
            _ => return json!({"anyOf": [schema, {"type": "null"}]}),
        }
        schema
    }

    fn sample() -> Value {
        T::sample()
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn schema(parts: &mut Parts) -> Value {
        json!({"type": "array", "items": T::schema(parts)})
    }

    fn sample() -> Value {
        json!([T::sample()])
    }
}

impl<T: Shape> Shape for BTreeMap<String, T> {
    fn schema(parts: &mut Parts) -> Value {
        json!({"type": "object", "additionalProperties": T::schema(parts)})
    }

    fn sample() -> Value {
        json!({"deploy_client": T::sample()})
    }
}

/// Implements [`Shape`] for plain types: schema and example.
macro_rules! plain {
    ($($(#[$doc:meta])* $type:ty: $schema:tt, $sample:expr;)*) => {$(
        $(#[$doc])*
        impl Shape for $type {
            fn schema(_: &mut Parts) -> Value {
                json!($schema)
            }

            fn sample() -> Value {
                json!($sample)
            }
        }
    )*};
}

plain! {
    bool: {"type": "boolean"}, true;
    u64: {"type": "integer", "minimum": 0}, 3;
    u16: {"type": "integer", "minimum": 0, "maximum": u16::MAX}, 5;
    i64: {"type": "integer"}, 12;
    String: {"type": "string"}, "text";
    Timestamp: {"type": "string", "format": "date-time"}, "2026-11-23T10:00:00Z";
}

/// Makes the schema of an object that has these properties and no others.
pub(super) fn object(
    about: &str,
    properties: impl IntoIterator<Item = (&'static str, Value)>,
    required: &[&str],
) -> Value {
    let properties: Map<_, _> =
        properties.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    let mut schema = json!({
        "type": "object",
        "description": about.trim(),
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// Says of a property what it means.
pub(super) fn described(mut schema: Value, about: &str) -> Value {
    schema["description"] = json!(about.trim());
    schema
}
