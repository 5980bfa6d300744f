//! Holds answers against `openapi.json`: what the document does not tell of must not happen.

use reqwest::Method;
use serde_json::Value;

use crate::stage::Answer;

/// Checks an answer of an operation that the document has; others are checked where they are made.
pub fn check(document: &Value, method: &Method, path: &str, answer: &Answer) {
    let Some(operation) = operation(document, method, path) else { return };
    let status = answer.status.as_u16().to_string();
    let told = &operation["responses"][&status];
    assert!(told.is_object(), "{method} {path}: {status} is not told of: {}", answer.text);
    for (name, header) in told["headers"].as_object().into_iter().flatten() {
        let is_there = answer.headers.contains_key(name);
        assert!(is_there || header["required"] != true, "{method} {path}: {status} without {name}");
    }
    let media = answer.header("content-type").split(';').next().unwrap_or_default();
    let content = &told["content"][media];
    assert!(content.is_object(), "{method} {path}: {status} with {media:?}");
    if media.ends_with("json") {
        let wrong = mistake(document, &content["schema"], &answer.json, "");
        assert_eq!(wrong, None, "{method} {path}: {status} {}", answer.text);
    }
}

/// Finds the operation whose path fits.
pub fn operation<'a>(document: &'a Value, method: &Method, path: &str) -> Option<&'a Value> {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |template: &str| {
        let (mut told, mut given) = (template.split('/'), path.split('/'));
        loop {
            match (told.next(), given.next()) {
                (None, None) => return true,
                (Some(part), Some(word)) if part == word || part.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let paths = document["paths"].as_object().unwrap();
    let (_, methods) = paths.iter().find(|(template, _)| fits(template))?;
    methods.get(method.as_str().to_lowercase())
}

/// Returns what in `value` the schema does not allow. Patterns are left to schemathesis.
pub fn mistake(document: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let wrong = |what: &str| Some(format!("{at}: {what}: {value}"));
    if let Some(pointer) = schema["$ref"].as_str() {
        let target = document.pointer(pointer.trim_start_matches('#'));
        return mistake(document, target.unwrap(), value, at);
    }
    let mut parts = schema["allOf"].as_array().into_iter().flatten();
    if let Some(found) = parts.find_map(|part| mistake(document, part, value, at)) {
        return Some(found);
    }
    if let Some(any) = schema["anyOf"].as_array()
        && any.iter().all(|part| mistake(document, part, value, at).is_some())
    {
        return wrong("fits none of anyOf");
    }
    let is = |kind: &Value| match kind.as_str() {
        Some("null") => value.is_null(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => false,
    };
    match &schema["type"] {
        Value::Null => {}
        Value::Array(kinds) if kinds.iter().any(is) => {}
        kind @ Value::String(_) if is(kind) => {}
        kind => return wrong(&format!("is no {kind}")),
    }
    let words = schema["enum"].as_array();
    if words.is_some_and(|words| !words.contains(value)) {
        return wrong("is not in enum");
    }
    if schema.get("const").is_some_and(|only| only != value) {
        return wrong("is another constant");
    }
    if let (Some(number), Some(least)) = (value.as_i64(), schema["minimum"].as_i64())
        && number < least
    {
        return wrong("is too small");
    }
    inside(document, schema, value, at)
}

fn inside(document: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        let wrong = mistake(document, &schema["items"], item, &format!("{at}/{number}"));
        if wrong.is_some() && schema["items"].is_object() {
            return wrong;
        }
    }
    let fields = value.as_object()?;
    for name in schema["required"].as_array().into_iter().flatten() {
        if !fields.contains_key(name.as_str().unwrap()) {
            return Some(format!("{at}: {name} is missing"));
        }
    }
    for (name, field) in fields {
        let at = format!("{at}/{name}");
        let known = &schema["properties"][name];
        let wrong = match (known, &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => Some(format!("{at}: is not told of")),
            (Value::Null, more @ Value::Object(_)) => mistake(document, more, field, &at),
            (Value::Null, _) => None,
            (known, _) => mistake(document, known, field, &at),
        };
        if wrong.is_some() {
            return wrong;
        }
    }
    None
}
