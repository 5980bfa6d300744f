//! A child's output, line by line into this program's log.

use std::io;

use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, BufReader};

use super::said::Said;
use crate::domain::ids::ClientId;

/// No more of a line is kept: a child must not fill this program's memory, nor its journal.
const LINE_LIMIT_BYTES: usize = 4096;

/// Logs what the client's process writes to `pipe`, until it closes it, and keeps the last of it.
pub(super) async fn forward(client: ClientId, pipe: impl AsyncRead + Unpin, said: Said) {
    let mut pipe = BufReader::new(pipe);
    while let Ok(Some(line)) = next_line(&mut pipe).await {
        said.add(&line);
        Record::in_line(line).log(client);
    }
}

/// One record of a child's log. Any other line, such as the last words of a panic, is a warning.
#[derive(Debug, Deserialize)]
struct Record {
    level: String,
    #[serde(rename = "slotbox_event", default = "Record::usual_event")]
    event: String,
    message: String,
    #[serde(flatten)]
    story: Story,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// What else a record is about, under names of their own in this program's log too.
#[derive(Debug, Default, Deserialize)]
struct Story {
    #[serde(rename = "slotbox_order")]
    order: Option<String>,
    #[serde(rename = "slotbox_payment")]
    payment: Option<String>,
    #[serde(rename = "slotbox_job")]
    job: Option<String>,
    #[serde(rename = "slotbox_request")]
    request: Option<String>,
}

impl Record {
    /// What this program adds itself, or knows better.
    const OWN: [&str; 5] = ["timestamp", "priority", "target", "slotbox_role", "slotbox_client"];

    fn in_line(line: String) -> Self {
        let said = serde_json::from_str::<Self>(&line).map(|mut said| {
            said.others.retain(|name, _| !Self::OWN.contains(&name.as_str()));
            said
        });
        said.unwrap_or_else(|_| Self {
            level: "warn".to_owned(),
            event: Self::usual_event(),
            message: line,
            story: Story::default(),
            others: Map::new(),
        })
    }

    /// What any other line is: event = "client.output", warn.
    fn usual_event() -> String {
        "client.output".to_owned()
    }

    fn log(&self, client: ClientId) {
        let Self { level, event, message, story, others } = self;
        let Story { order, payment, job, request } = story;
        let details = (!others.is_empty()).then(|| Value::from(others.clone()).to_string());
        macro_rules! say {
            ($level:ident) => {
                tracing::$level!(
                    event, %client, order, payment, job, request, details, "{message}"
                )
            };
        }
        match level.as_str() {
            "error" => say!(error),
            "warn" => say!(warn),
            "info" => say!(info),
            _ => say!(debug),
        }
    }
}

/// Reads one line, cut to its limit and free of control characters; `None` at the end.
async fn next_line(pipe: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    loop {
        let available = pipe.fill_buf().await?;
        if available.is_empty() {
            return Ok((!line.is_empty()).then(|| printable(&line)));
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let part = &available[..end.unwrap_or(available.len())];
        let room = LINE_LIMIT_BYTES.saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        let used = part.len() + usize::from(end.is_some());
        pipe.consume(used);
        if end.is_some() {
            return Ok(Some(printable(&line)));
        }
    }
}

fn printable(line: &[u8]) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let text: String = String::from_utf8_lossy(line).chars().map(plain).collect();
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    async fn lines(mut bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut bytes).await.unwrap() {
            lines.push(line);
        }
        lines
    }

    #[tokio::test]
    async fn lines_are_cut_and_cleaned() {
        let long = "x".repeat(3 * LINE_LIMIT_BYTES);
        let text = format!("one\r\n\n{long}\n\u{1b}[31mпривет\u{7}\nlast");
        let expected = ["one", "", &long[..LINE_LIMIT_BYTES], " [31mпривет", "last"];
        assert_eq!(lines(text.as_bytes()).await, expected);
    }

    #[test]
    fn a_record_is_told_from_other_lines() {
        let record = r#"{"timestamp":"2026-11-23T10:00:00Z","level":"error","priority":3,
            "message":"it failed","target":"slotbox","slotbox_role":"client",
            "slotbox_event":"update.failed","slotbox_client":"c_x","took_ms":7}"#;
        let said = Record::in_line(record.to_owned());
        assert_eq!((said.level.as_str(), said.event.as_str()), ("error", "update.failed"));
        assert_eq!(said.message, "it failed");
        assert_eq!(Value::from(said.others).to_string(), r#"{"took_ms":7}"#);

        for other in ["thread 'main' panicked", "{}", "[1]", "{\"level\":1}", ""] {
            let said = Record::in_line(other.to_owned());
            assert_eq!((said.level.as_str(), said.message.as_str()), ("warn", other));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_lines(bytes: Vec<u8>) {
            let read = futures::executor::block_on(lines(&bytes));
            prop_assert!(read.iter().all(|line| !line.chars().any(char::is_control)));
            prop_assert!(read.len() <= bytes.split(|byte| *byte == b'\n').count());
        }
    }
}
