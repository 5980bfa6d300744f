//! A child's output, line by line into this program's log.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, BufReader};

use crate::domain::ids::ClientId;

/// No more of a line is kept: a child must not fill this program's memory, nor its journal.
const LINE_LIMIT_BYTES: usize = 4096;

/// Logs what the client's process writes to `pipe`, until it closes it.
pub(super) async fn forward(client: ClientId, pipe: impl AsyncRead + Unpin) {
    let mut pipe = BufReader::new(pipe);
    while let Ok(Some(line)) = next_line(&mut pipe).await {
        tracing::info!(event = "client.output", %client, "{line}");
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

    proptest! {
        #[test]
        fn any_bytes_are_lines(bytes: Vec<u8>) {
            let read = futures::executor::block_on(lines(&bytes));
            prop_assert!(read.iter().all(|line| !line.chars().any(char::is_control)));
            prop_assert!(read.len() <= bytes.split(|byte| *byte == b'\n').count());
        }
    }
}
