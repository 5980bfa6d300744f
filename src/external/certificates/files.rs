//! A certificate in two files that somebody else renews.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{BadCertificate, Certificate, Certificates};
use crate::metrics::Metrics;

/// How often the files are looked at. A pair that has changed is read once it has kept still for
/// as long: the two are not written in one act.
const LOOK: Duration = Duration::from_secs(2);

/// Two files that hold a certificate and its key.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The certificate and its chain, in PEM.
    pub certificate: PathBuf,
    /// Its key, in PEM.
    pub key: PathBuf,
}

/// Why a pair of files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadPair {
    /// A file cannot be read.
    #[error("cannot read {}: {why}", path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// What they hold is no certificate with its key.
    #[error(transparent)]
    Bad(#[from] BadCertificate),
}

/// What tells that a file is another one than it was.
type Trace = Option<(u64, u64, i64, i64)>;

impl Pair {
    /// Reads the pair.
    ///
    /// # Errors
    ///
    /// Returns [`BadPair`], which says what is wrong with which file.
    pub fn read(&self) -> Result<Certificate, BadPair> {
        let read = |path: &Path| {
            fs::read(path).map_err(|why| BadPair::Unreadable { path: path.to_owned(), why })
        };
        Ok(Certificate::read(&read(&self.certificate)?, &read(&self.key)?)?)
    }

    /// Shows the pair, and shows it anew whenever the files change or `again` says so, until
    /// `stop`. A pair that cannot be used changes nothing but is told.
    pub async fn keep_shown(
        self,
        certificates: Certificates,
        metrics: Metrics,
        again: &Notify,
        stop: CancellationToken,
    ) {
        let mut read = self.trace();
        self.show(&certificates, &metrics);
        let mut last = read;
        loop {
            let asked = tokio::select! {
                () = stop.cancelled() => return,
                () = again.notified() => true,
                () = tokio::time::sleep(LOOK) => false,
            };
            let now = self.trace();
            if asked || (now != read && now == last) {
                self.show(&certificates, &metrics);
                read = now;
            }
            last = now;
        }
    }

    fn show(&self, certificates: &Certificates, metrics: &Metrics) {
        match self.read() {
            Ok(certificate) => {
                if !certificate.has_name(certificates.domain()) {
                    tracing::warn!(
                        event = "certificate.other_name",
                        domain = certificates.domain(),
                        "the certificate in the files is not for server.domain"
                    );
                }
                let until = certificate.not_after();
                metrics.certificate_ends(until);
                tracing::info!(
                    event = "certificate.loaded", until = %until,
                    "the certificate in the files is shown"
                );
                certificates.show(certificate);
            }
            Err(err) => {
                tracing::error!(
                    event = "certificate.refused", error = %err,
                    keeps_old = certificates.shown().is_some(),
                    "the certificate in the files cannot be used; what was shown before stays"
                );
            }
        }
    }

    fn trace(&self) -> [Trace; 2] {
        [&self.certificate, &self.key].map(|path| {
            let file = fs::metadata(path).ok()?;
            Some((file.ino(), file.len(), file.mtime(), file.mtime_nsec()))
        })
    }
}
