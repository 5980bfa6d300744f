//! The public side: HTTPS, and the plain listener that leads there.
//!
//! Whoever comes here may mean harm. So each connection has a place of its own that it may lose,
//! and bounds for all that it sends: see [`Bounds`].

mod accept;
mod connection;
mod crowd;
mod guard;
mod plain;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rustix::process::{Resource, getrlimit, setrlimit};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::version::{TLS12, TLS13};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

pub(super) use self::accept::{Door, accept};
pub(super) use self::crowd::Crowd;
use super::Site;
use super::limits::Limits;
use crate::external::certificates::{ACME_PROTOCOL, Certificates};
use crate::metrics::Metrics;

/// What a connection from outside may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Connections in all.
    pub connections: usize,
    /// Connections of one address, or of one /64 of version 6.
    pub per_address: usize,
    /// For the TLS handshake.
    pub handshake: Duration,
    /// For the head of a request, and for doing nothing between two.
    pub idle: Duration,
    /// For a request as a whole.
    pub request: Duration,
    /// For what is left to be said once a connection is to end.
    pub linger: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 12_000,
            per_address: 128,
            handshake: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            request: Duration::from_mins(1),
            linger: Duration::from_secs(8),
        }
    }
}

impl Bounds {
    /// Returns the bounds that fit the descriptors that this process may open, which it raises as
    /// far as the system lets it. A third of them are for other things than connections.
    pub fn of_this_process() -> Self {
        let bounds = Self::default();
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum.or(limit.current);
        // Where it is refused, the bounds are smaller.
        setrlimit(Resource::Nofile, limit).ok();
        let room = getrlimit(Resource::Nofile)
            .current
            .map_or(usize::MAX, |most| usize::try_from(most / 3 * 2).unwrap_or(usize::MAX));
        Self { connections: bounds.connections.min(room), ..bounds }
    }
}

impl Bounds {
    /// Returns the bounds of a listener that a proxy stands before: all come from its address.
    pub(super) const fn for_a_proxy(self) -> Self {
        Self { per_address: usize::MAX, idle: IDLE_OF_A_PROXY, ..self }
    }
}

/// Longer than a proxy usually keeps a connection that rests, so that the proxy is who ends it.
const IDLE_OF_A_PROXY: Duration = Duration::from_mins(2);
/// The most headers of a request.
const MOST_HEADERS: usize = 64;
/// The most bytes of a request's head.
const LARGEST_HEAD_BYTES: usize = 32 * 1024;
/// The most requests of a connection at once.
const MOST_STREAMS: u32 = 64;

/// The listeners of the public side.
#[derive(Debug, Default)]
pub struct PublicListeners {
    /// Where HTTPS is spoken.
    pub https: Vec<TcpListener>,
    /// Where plain HTTP is answered by the way to HTTPS.
    pub http: Vec<TcpListener>,
}

/// Serves the public side until `stop`; then lets the requests in hand end within the bounds.
pub async fn serve_public(
    listeners: PublicListeners,
    site: Site,
    certificates: Certificates,
    bounds: Bounds,
    stop: CancellationToken,
) {
    let deps = site.deps.clone();
    let tls = match tls(&certificates) {
        Ok(tls) => TlsAcceptor::from(tls),
        Err(err) => {
            let error = &err as &dyn std::error::Error;
            tracing::error!(event = "https.failed", error, "TLS cannot be spoken");
            return;
        }
    };
    let crowd = Crowd::new(bounds, &deps.config);
    let metrics = &deps.metrics;
    let secure = guard::around(super::public_router(site), certificates.clone());
    let plain = plain::router(certificates, deps.words(), Limits::new(&deps.config));
    let secure = Arc::new(door(secure, Some(tls), &crowd, bounds, metrics));
    let plain = Arc::new(door(plain, None, &crowd, bounds, metrics));
    let https = listeners.https.into_iter().map(|it| accept(it, Arc::clone(&secure), &stop));
    let http = listeners.http.into_iter().map(|it| accept(it, Arc::clone(&plain), &stop));
    futures::future::join(futures::future::join_all(https), futures::future::join_all(http)).await;
    stop.cancelled().await; // Nothing may listen here: then there is nothing to do.
}

fn door(
    router: Router,
    tls: Option<TlsAcceptor>,
    crowd: &Arc<Crowd>,
    bounds: Bounds,
    metrics: &Metrics,
) -> Door {
    let (crowd, open) = (Arc::clone(crowd), metrics.public_connections().clone());
    Door { router, tls, crowd, bounds, open }
}

/// TLS 1.2 and 1.3 with suites that all are forward secret: ring has no others.
fn tls(certificates: &Certificates) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificates.clone()));
    config.alpn_protocols =
        [b"h2".as_slice(), b"http/1.1", ACME_PROTOCOL].map(<[u8]>::to_vec).into();
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests;
