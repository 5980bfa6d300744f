//! The public side of `serve`: its listeners, and whoever brings the certificate.

use std::sync::Arc;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::sockets::Handed;
use crate::actions::certify::Certifier;
use crate::config::{Acme, Challenge, Config, Tls};
use crate::deps::Deps;
use crate::external::acme::{Authority, SetupError, Way};
use crate::external::certificates::{Certificates, Pair};
use crate::http::control::TlsDesk;
use crate::http::{Bounds, PublicListeners, Site, serve_public};

/// The public side, with its listeners open.
pub struct PublicSide {
    listeners: PublicListeners,
    certificates: Certificates,
    again: Arc<Notify>,
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
        if let Tls::Acme(acme) = &config.tls {
            authority(acme)?;
        }
        let again = Arc::new(Notify::new());
        let files = matches!(config.tls, Tls::Files { .. });
        on_hangup(files.then(|| Arc::clone(&again))).context("cannot receive SIGHUP")?;
        Ok(Some(Self { listeners, certificates: Certificates::of(domain), again }))
    }

    /// Returns what the command line may see of it.
    pub fn desk(&self) -> TlsDesk {
        TlsDesk { certificates: self.certificates.clone(), again: Arc::clone(&self.again) }
    }

    /// Serves until `stop`.
    pub async fn run(self, site: Site, stop: CancellationToken) {
        let deps = site.deps.clone();
        let (certificates, bounds) = (self.certificates.clone(), Bounds::of_this_process());
        let keep = keep_certificate(deps, self.certificates, self.again, stop.clone());
        let serve = serve_public(self.listeners, site, certificates, bounds, stop);
        futures::future::join(keep, serve).await;
    }
}

async fn keep_certificate(
    deps: Deps,
    certificates: Certificates,
    again: Arc<Notify>,
    stop: CancellationToken,
) {
    match deps.config.tls.clone() {
        Tls::Files { cert_file, key_file } => {
            let pair = Pair { certificate: cert_file, key: key_file };
            pair.keep_shown(certificates, deps.metrics, &again, stop).await;
        }
        Tls::Acme(acme) => match authority(&acme) {
            Ok(authority) => {
                Certifier { deps, certificates, authority, again }.run(stop).await;
            }
            Err(err) => tracing::error!(
                event = "certificate.failed", error = %err, "the authority cannot be asked"
            ),
        },
        Tls::Off => {}
    }
}

/// Makes the way to the authority.
///
/// # Errors
///
/// Returns what is wrong with the file of its root.
pub fn authority(acme: &Acme) -> Result<Authority, SetupError> {
    let way = match acme.challenge {
        Challenge::TlsAlpn01 => Way::Handshake,
        Challenge::Http01 => Way::Words,
    };
    let (contact, root) = (acme.contact.as_deref(), acme.directory_ca_file.as_deref());
    Authority::new(&acme.directory_url, contact, way, root)
}

/// Has SIGHUP wake `again`, or at least end nothing.
fn on_hangup(again: Option<Arc<Notify>>) -> std::io::Result<()> {
    let mut hung_up = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hung_up.recv().await.is_some() {
            if let Some(again) = &again {
                again.notify_one();
            }
        }
    });
    Ok(())
}
