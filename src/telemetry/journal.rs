//! Records in the journal's own protocol: one datagram of fields each.
//!
//! The `tracing-journald` crate speaks it too, but hands what it is given straight to the socket;
//! here nothing leaves before it is scrubbed.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::Duration;

use ring::digest;
use serde_json::Value as Json;

use super::record::Record;

const SOCKET: &str = "/run/systemd/journal/socket";
/// How long a stalled journal may hold up the program.
const PATIENCE: Duration = Duration::from_millis(200);
/// What is kept of a value that makes a datagram too long.
const CUT: usize = 4096;
/// The longest name of a field that the journal takes.
const LONGEST_NAME: usize = 64;

/// The journal of this host.
pub(super) struct Journal {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Journal {
    /// Opens the way to the journal, and tells whether somebody listens there. Nothing is connected:
    /// a journal that comes later, or is started anew, gets the records from then on.
    ///
    /// # Errors
    ///
    /// Returns the system's error if there are no sockets.
    pub(super) fn open() -> io::Result<(Self, io::Result<()>)> {
        Self::open_at(SOCKET.into())
    }

    pub(super) fn open_at(path: PathBuf) -> io::Result<(Self, io::Result<()>)> {
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(PATIENCE))?;
        let reached = socket.send_to(&[], &path).map(drop); // The journal ignores an empty record.
        Ok((Self { socket, path }, reached))
    }

    /// Sends a record; values of one that is too long for a datagram are cut.
    pub(super) fn send(&self, record: &Record<'_>) -> io::Result<()> {
        let send = |longest| self.socket.send_to(&datagram(record, longest), &self.path);
        send(usize::MAX).or_else(|_| send(CUT)).map(|_| ())
    }
}

/// Returns the record as the journal reads it, with at most `longest` bytes of each value.
pub(super) fn datagram(record: &Record<'_>, longest: usize) -> Vec<u8> {
    let mut fields = Vec::with_capacity(512);
    let mut put = |name: &str, value: &str| put(&mut fields, name, value, longest);
    put("MESSAGE", record.message());
    put("PRIORITY", &record.priority().to_string());
    if let Some(event) = record.text("event") {
        put("MESSAGE_ID", &message_id(event));
    }
    put("SYSLOG_IDENTIFIER", env!("CARGO_PKG_NAME"));
    put("SLOTBOX_ROLE", record.role);
    put("TARGET", record.target());
    if let (Some(file), Some(line)) = (record.metadata.file(), record.metadata.line()) {
        put("CODE_FILE", file);
        put("CODE_LINE", &line.to_string());
    }
    for (name, value) in record.story().chain(record.others()) {
        match value {
            Json::String(text) => put(&field(name), text),
            value => put(&field(name), &value.to_string()),
        }
    }
    fields
}

/// Returns the id by which the journal's catalog knows an event: 32 hexadecimal digits, the same
/// in every release.
pub fn message_id(event: &str) -> String {
    let hash = digest::digest(&digest::SHA256, format!("slotbox event {event}").as_bytes());
    let half = hash.as_ref().first_chunk().copied().map_or(0, u128::from_be_bytes);
    format!("{half:032x}")
}

/// Returns a field's name in the journal, where only capitals, digits and `_` are allowed.
fn field(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    "SLOTBOX_".chars().chain(name.chars().map(letter)).take(LONGEST_NAME).collect()
}

/// Puts a field with its length before its value, so that the value may hold anything.
fn put(fields: &mut Vec<u8>, name: &str, value: &str, longest: usize) {
    let value = &value[..value.floor_char_boundary(longest)];
    fields.extend_from_slice(name.as_bytes());
    fields.push(b'\n');
    fields.extend_from_slice(&(value.len() as u64).to_le_bytes());
    fields.extend_from_slice(value.as_bytes());
    fields.push(b'\n');
}
