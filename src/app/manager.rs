//! Tells the service manager that this process is ready, and that it lives, if one started it and
//! wants to know.

use std::ffi::OsStr;
use std::io;
use std::net;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::store::{Store, StoreError};

/// Says that this process is up; without a manager there is nothing to do.
pub fn tell_ready() {
    say(b"READY=1");
}

/// Says that this process is about to end.
pub fn tell_stopping() {
    say(b"STOPPING=1");
}

/// Says again and again that this process lives, as long as the database and a listener answer.
///
/// It is said as often as the manager wants to hear it. A database that answers that its disk is full
/// lives: no restart mends that.
pub async fn keep_telling(store: Store, address: net::SocketAddr, stop: CancellationToken) {
    let Some(within) = patience() else { return };
    let every = within / 3;
    loop {
        if timeout(every, answers(&store, address)).await == Ok(true) {
            say(b"WATCHDOG=1");
        } else {
            tracing::error!(
                event = "manager.stuck",
                "the database or the listener does not answer; the service manager will start \
                 this anew"
            );
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// How long the manager waits for a sign of life.
fn patience() -> Option<Duration> {
    let micros: u64 = std::env::var_os("WATCHDOG_USEC")?.to_str()?.parse().ok()?;
    (micros > 0).then(|| Duration::from_micros(micros))
}

async fn answers(store: &Store, address: net::SocketAddr) -> bool {
    let written = store.write(|_| Ok::<_, StoreError>(())).await;
    !matches!(written, Err(StoreError::Closed)) && listens(address).await.unwrap_or(false)
}

/// Asks the listener the cheapest question.
async fn listens(address: net::SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    let question = format!(
        "GET /health/live HTTP/1.1\r\nHost: {address}\r\nUser-Agent: watchdog\r\nConnection: \
         close\r\n\r\n"
    );
    stream.write_all(question.as_bytes()).await?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await?;
    Ok(answer == *b"HTTP/1.1 200")
}

/// Says something to the manager, if there is one.
fn say(words: &[u8]) {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET") else { return };
    if let Err(err) = tell(&socket, words) {
        tracing::warn!(event = "manager.not_told", error = %err,
            "the service manager cannot be told how this is");
    }
}

/// A name that begins with `@` is one that no file stands for.
fn tell(socket: &OsStr, words: &[u8]) -> io::Result<()> {
    let address = match socket.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(words, &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manager_hears_it_by_path_and_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let name = format!("slotbox-test-{}", std::process::id());
        let by_path = UnixDatagram::bind(&path).unwrap();
        let by_name =
            UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        tell(path.as_os_str(), b"READY=1").unwrap();
        tell(OsStr::new(&format!("@{name}")), b"READY=1").unwrap();
        for listener in [by_path, by_name] {
            let mut heard = [0; 16];
            let length = listener.recv(&mut heard).unwrap();
            assert_eq!(&heard[..length], b"READY=1");
        }
    }
}
