//! The public side of `serve`: its listeners, and whoever brings the certificate.

use std::sync::Arc;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::sockets::Handed;
use crate::config::{Config, Tls};
use crate::deps::Deps;
use crate::external::certificates::{Certificates, Pair};
use crate::http::{Bounds, PublicListeners, Site, serve_public};

/// The public side, with its listeners open.
pub struct PublicSide {
    listeners: PublicListeners,
    certificates: Certificates,
    hangup: Arc<Notify>,
}

impl PublicSide {
    /// Opens the listeners; there is no public side if TLS is off.
    ///
    /// # Errors
    ///
    /// Returns which address cannot be listened on.
    pub async fn open(config: &Config, handed: &Handed) -> anyhow::Result<Option<Self>> {
        if matches!(config.tls, Tls::Off) {
            return Ok(None);
        }
        let domain = config.server.domain.as_deref().context("server.domain is not set")?;
        let listeners = PublicListeners {
            https: handed.listeners("https", &config.server.https_listen).await?,
            http: handed.listeners("http", &config.server.http_listen).await?,
        };
        let hangup = Arc::new(Notify::new());
        on_hangup(Arc::clone(&hangup)).context("cannot receive SIGHUP")?;
        Ok(Some(Self { listeners, certificates: Certificates::of(domain), hangup }))
    }

    /// Returns the place of the certificate.
    pub fn certificates(&self) -> Certificates {
        self.certificates.clone()
    }

    /// Serves until `stop`.
    pub async fn run(self, site: Site, stop: CancellationToken) {
        let deps = site.deps.clone();
        let (certificates, bounds) = (self.certificates.clone(), Bounds::of_this_process());
        let keep = keep_certificate(deps, self.certificates, self.hangup, stop.clone());
        let serve = serve_public(self.listeners, site, certificates, bounds, stop);
        futures::future::join(keep, serve).await;
    }
}

async fn keep_certificate(
    deps: Deps,
    certificates: Certificates,
    hangup: Arc<Notify>,
    stop: CancellationToken,
) {
    match deps.config.tls.clone() {
        Tls::Files { cert_file, key_file } => {
            let pair = Pair { certificate: cert_file, key: key_file };
            pair.keep_shown(certificates, deps.metrics, &hangup, stop).await;
        }
        Tls::Acme(_) | Tls::Off => {}
    }
}

/// Has SIGHUP wake `hangup`.
fn on_hangup(hangup: Arc<Notify>) -> std::io::Result<()> {
    let mut hung_up = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hung_up.recv().await.is_some() {
            hangup.notify_one();
        }
    });
    Ok(())
}
