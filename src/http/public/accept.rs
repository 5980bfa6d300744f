//! Takes connections in, one task for each.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Bounds;
use super::connection::{Protocol, converse};
use super::crowd::Crowd;
use crate::external::certificates::ACME_PROTOCOL;
use crate::metrics::Gauge;

/// How long it is waited when the system has no descriptor for a connection.
const WHEN_REFUSED: Duration = Duration::from_millis(100);
/// How long a handshake goes on once all stops: a request comes with it that was let in.
const WHEN_STOPPED: Duration = Duration::from_secs(2);

/// What stands behind a listener.
pub(in crate::http) struct Door {
    pub(in crate::http) router: Router,
    pub(in crate::http) tls: Option<TlsAcceptor>,
    pub(in crate::http) crowd: Arc<Crowd>,
    pub(in crate::http) bounds: Bounds,
    pub(in crate::http) open: Gauge,
}

/// Takes connections until `stop`, and returns when the last has ended.
pub(in crate::http) async fn accept(
    listener: TcpListener,
    door: Arc<Door>,
    stop: &CancellationToken,
) {
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(place) = door.crowd.enter(peer.ip()) else { continue };
                let (door, stop) = (Arc::clone(&door), stop.clone());
                tasks.spawn(async move {
                    let _open = door.open.hold();
                    greet(stream, peer, &door, &stop).await;
                    drop(place);
                });
            }
            Err(err) => {
                tracing::warn!(event = "public.not_accepted", error = %err, "a connection was lost");
                tokio::time::sleep(WHEN_REFUSED).await;
            }
        }
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
}

/// Finds out which protocol is spoken, and speaks it.
async fn greet(stream: TcpStream, peer: SocketAddr, door: &Door, stop: &CancellationToken) {
    stream.set_nodelay(true).ok();
    let Some(tls) = &door.tls else {
        return converse(stream, peer, Protocol::Http1, door, stop).await;
    };
    let shaken = tokio::time::timeout(door.bounds.handshake, tls.accept(stream));
    let stream = tokio::select! {
        () = overdue(stop) => return,
        shaken = shaken => match shaken {
            Ok(Ok(stream)) => stream,
            Ok(Err(_)) | Err(_) => {
                return tracing::debug!(event = "https.no_handshake", "a handshake came to nothing");
            }
        },
    };
    let protocol = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Protocol::Http2,
        // The proof was in the handshake: there is no more to say.
        Some(it) if it == ACME_PROTOCOL => return,
        _ => Protocol::Http1,
    };
    converse(stream, peer, protocol, door, stop).await;
}

async fn overdue(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(WHEN_STOPPED).await;
}
