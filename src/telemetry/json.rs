//! Records as JSON lines.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::record::Record;

/// The names that every line uses; a field that has one of them gets a `_` behind it.
const TAKEN: [&str; 6] = ["timestamp", "level", "priority", "message", "target", "slotbox_role"];

/// Returns the record as one line with its end.
pub(super) fn line(record: &Record<'_>) -> String {
    let mut line = serde_json::to_string(&Line(record)).unwrap_or_default();
    line.push('\n');
    line
}

struct Line<'a>(&'a Record<'a>);

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("timestamp", &format!("{:.3}", record.time))?;
        map.serialize_entry("level", &record.metadata.level().as_str().to_lowercase())?;
        map.serialize_entry("priority", &record.priority())?;
        map.serialize_entry("message", record.message())?;
        map.serialize_entry("target", record.target())?;
        map.serialize_entry("slotbox_role", record.role)?;
        for (name, value) in record.story() {
            map.serialize_entry(&format!("slotbox_{name}"), value)?;
        }
        for (name, value) in record.others() {
            if TAKEN.contains(&name) || name.starts_with("slotbox_") {
                map.serialize_entry(&format!("{name}_"), value)?;
            } else {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}
