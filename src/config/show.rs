//! The settings in force, as an operator would write them.

use serde_json::{Value as Json, json};

use super::reader::Effective;

/// Returns the settings as TOML; a comment on each line says where the value was written.
pub fn as_toml(effective: &[Effective]) -> String {
    let mut text = String::new();
    let mut section = String::new();
    for Effective { key, value, origin } in effective {
        let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
        if table != section {
            table.clone_into(&mut section);
            let gap = if text.is_empty() { "" } else { "\n" };
            text += &format!("{gap}{}\n", header(table));
        }
        text += &format!("{name} = {}  # {}\n", written(value), one_line(origin));
    }
    text
}

/// Returns a value as TOML writes it: JSON does too, for all that settings hold.
fn written(value: &Json) -> String {
    let Json::Array(items) = value else { return value.to_string() };
    let items: Vec<_> = items.iter().map(written).collect();
    format!("[{}]", items.join(", "))
}

/// Returns `[table]`, or `[[list]]` for an item of a list.
fn header(table: &str) -> String {
    table.split_once('[').map_or_else(|| format!("[{table}]"), |(list, _)| format!("[[{list}]]"))
}

/// Returns the settings as a list of objects.
pub fn as_json(effective: &[Effective]) -> Json {
    let object = |Effective { key, value, origin }: &Effective| json!({ "key": key, "value": value, "origin": origin });
    json!({ "settings": effective.iter().map(object).collect::<Vec<_>>() })
}

/// A comment ends with its line, and a path may hold anything.
fn one_line(origin: &str) -> String {
    origin.replace(char::is_control, "?")
}
