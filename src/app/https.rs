//! The public side of `serve`: its listeners, and whoever brings the certificate.

use std::sync::Arc;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::sockets::Handed;
use crate::actions::certify::{Certifier, watch_lateness};
use crate::config::{Acme, Challenge, Config, Tls};
use crate::deps::Deps;
use crate::external::acme::{Authority, Directories, SetupError, Vantage, Way};
use crate::external::certificates::{Certificates, Pair};
use crate::http::control::TlsDesk;
use crate::http::{Bounds, PublicListeners, Site, serve_public};

/// The public side, with its listeners open.
pub struct PublicSide {
    listeners: PublicListeners,
    certificates: Certificates,
    again: Arc<Notify>,
    vantage: Vantage,
}

impl PublicSide {
    /// Opens the listeners; there is no public side if TLS is off.
    ///
    /// # Errors
    ///
    /// Returns which address cannot be listened on.
    pub async fn open(
        config: &Config,
        handed: &Handed,
        vantage: Vantage,
    ) -> anyhow::Result<Option<Self>> {
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
        let certificates = Certificates::of(domain);
        Ok(Some(Self { listeners, certificates, again, vantage }))
    }

    /// Returns what the command line may see of it.
    pub fn desk(&self) -> TlsDesk {
        TlsDesk { certificates: self.certificates.clone(), again: Arc::clone(&self.again) }
    }

    /// Serves until `stop`.
    pub async fn run(self, site: Site, stop: CancellationToken) {
        let deps = site.deps.clone();
        let bounds = Bounds::of_this_process();
        let Self { listeners, certificates, again, vantage } = self;
        let late = watch_lateness(deps.clone(), certificates.clone(), stop.clone());
        let serve = serve_public(listeners, site, certificates.clone(), bounds, stop.clone());
        let keeper = Keeper { deps, certificates, again, vantage };
        futures::future::join3(keeper.run(stop), late, serve).await;
    }
}

/// Whoever keeps a certificate shown.
struct Keeper {
    deps: Deps,
    certificates: Certificates,
    again: Arc<Notify>,
    vantage: Vantage,
}

impl Keeper {
    async fn run(self, stop: CancellationToken) {
        let Self { deps, certificates, again, vantage } = self;
        match deps.config.tls.clone() {
            Tls::Files { cert_file, key_file } => {
                let pair = Pair { certificate: cert_file, key: key_file };
                pair.keep_shown(certificates, deps.metrics, &again, stop).await;
            }
            Tls::Acme(acme) => match authority(&acme) {
                Ok(authority) => {
                    Certifier { deps, certificates, authority, vantage, again }.run(stop).await;
                }
                Err(err) => tracing::error!(
                    event = "certificate.failed", error = %err, "the authority cannot be asked"
                ),
            },
            Tls::Off => {}
        }
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
    let directories =
        Directories { real: &acme.directory_url, staging: acme.staging_url.as_deref() };
    Authority::new(directories, contact, way, root)
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
