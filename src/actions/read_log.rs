//! Read what a client's bot has last written.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::deps::Deps;
use crate::domain::ids::ClientId;
use crate::domain::scrub::scrub;
use crate::external::containers::RuntimeError;
use crate::store::{StoreError, clients};

/// What a record's line begins with, in this order.
const FIRST: [&str; 4] = ["timestamp", "level", "slotbox_event", "message"];
/// What is the same in each line of one client.
const KNOWN: [&str; 4] = ["priority", "target", "slotbox_role", "slotbox_client"];

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
pub enum ReadLogError {
    /// There is no such client.
    #[error("there is no such client")]
    UnknownClient,
    /// Whatever runs the bot cannot be asked.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How often one client's lines are shown by the Master Bot.
const EVERY: SignedDuration = SignedDuration::from_secs(2);

/// When the Master Bot has last shown each client's lines; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct LogReads(Arc<Mutex<HashMap<ClientId, Timestamp>>>);

impl LogReads {
    /// Tells whether the client's lines may be shown again, and notes that they are.
    pub fn admit(&self, client: ClientId, now: Timestamp) -> bool {
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reads.retain(|_, last| now.duration_since(*last).abs() < EVERY);
        if reads.contains_key(&client) {
            return false;
        }
        reads.insert(client, now);
        true
    }
}

/// Returns the last lines, the oldest first, as a person reads them: a record in one line, and
/// nothing in it that looks like a secret.
///
/// # Errors
///
/// Returns [`ReadLogError`].
pub async fn read_log(deps: &Deps, id: ClientId, lines: u16) -> Result<Vec<String>, ReadLogError> {
    let known = deps.store.read(|snap| clients::get(snap, id))?;
    known.ok_or(ReadLogError::UnknownClient)?;
    let lines = deps.runtime.log(id, lines).await?;
    Ok(lines.iter().map(|line| scrub(&readable(line)).into_owned()).collect())
}

/// Returns a record as `time level event message field=value`, and any other line as it is.
fn readable(line: &str) -> String {
    let Ok(record) = serde_json::from_str::<Map<String, Value>>(line) else {
        return line.to_owned();
    };
    let first = FIRST.iter().filter_map(|name| record.get(*name));
    let mut told = first.map(shown).collect::<Vec<_>>().join(" ");
    let is_other = |name: &str| !FIRST.contains(&name) && !KNOWN.contains(&name);
    for (name, value) in record.iter().filter(|(name, _)| is_other(name)) {
        let name = name.strip_prefix("slotbox_").unwrap_or(name);
        write!(told, " {name}={}", shown(value)).ok(); // A string takes whatever is written.
    }
    told.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_line_and_any_other_line_stays() {
        let record = r#"{"timestamp":"2026-11-23T10:00:00Z","level":"error","priority":3,
            "message":"it\nfailed","target":"slotbox","slotbox_role":"client",
            "slotbox_event":"update.failed","slotbox_client":"c_x","took_ms":7}"#;
        assert_eq!(
            readable(record),
            "2026-11-23T10:00:00Z error update.failed it failed took_ms=7"
        );
        for other in ["thread 'main' panicked", "[1]", ""] {
            assert_eq!(readable(other), other);
        }
    }
}
