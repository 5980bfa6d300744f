//! A client's unix socket, and no more connections on it than one bot needs.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use rustix::process::geteuid;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::unix::SocketAddr;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::external::containers::SocketAccess;
use crate::metrics::{Gauge, Held};

/// One bot's calls, polls and profile; a further connection waits until one is closed.
const CONNECTIONS: usize = 64;

/// Listens on a client's socket.
#[derive(Debug)]
pub(super) struct Door {
    listener: UnixListener,
    room: Arc<Semaphore>,
    open: Gauge,
    /// The users that may speak here.
    users: [Option<u32>; 2],
}

/// A connection, which takes room as long as it lives.
#[derive(Debug)]
pub(super) struct Connection {
    stream: UnixStream,
    _room: OwnedSemaphorePermit,
    _open: Held,
}

impl Door {
    /// Makes the socket anew, for this user and whom `access` lets in; one that is left of an earlier
    /// run is replaced. Its connections are counted in `open`.
    pub(super) fn bind(path: &Path, access: SocketAccess, open: Gauge) -> io::Result<Self> {
        match fs::remove_file(path) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, Permissions::from_mode(access.mode))?;
        let users = [Some(geteuid().as_raw()), access.user];
        Ok(Self { listener, room: Arc::new(Semaphore::new(CONNECTIONS)), open, users })
    }

    /// Tells whether the connection's other end may speak here.
    fn admits(&self, stream: &UnixStream) -> bool {
        let peer = stream.peer_cred().ok().map(|peer| peer.uid());
        let admitted = peer.is_some() && self.users.contains(&peer);
        if !admitted {
            tracing::warn!(
                event = "gateway.stranger",
                uid = peer,
                "a user that is not the client's was turned away from its socket"
            );
        }
        admitted
    }
}

impl Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            let Ok(room) = self.room.clone().acquire_owned().await else {
                return std::future::pending().await; // The semaphore is never closed.
            };
            match self.listener.accept().await {
                Ok((stream, _)) if !self.admits(&stream) => {}
                Ok((stream, peer)) => {
                    return (Connection { stream, _room: room, _open: self.open.hold() }, peer);
                }
                Err(err) => {
                    tracing::warn!(event = "gateway.accept_failed", error = %err, "cannot accept");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
