//! Certify: have a certificate for the public name, and a new one in time.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::watch::tell_once_a_day;
use crate::deps::Deps;
use crate::domain::job::Notice;
use crate::domain::ladder::{Failure, Ladder};
use crate::external::acme::{Authority, Issued, Refusal, new_account_key, preflight};
use crate::external::certificates::{BadCertificate, Certificate, Certificates};
use crate::store::StoreError;
use crate::store::certificates::{self, Kept, Trouble};
use crate::store::secrets::SealError;

/// Under which names the account's and the certificate's keys are sealed.
const ACCOUNT: &str = "acme account";
const CERTIFICATE: &str = "certificate";

/// Whoever gets the certificates.
pub struct Certifier {
    /// What it works with.
    pub deps: Deps,
    /// Where the certificate is shown.
    pub certificates: Certificates,
    /// Who gives it.
    pub authority: Authority,
    /// Wakes it, to get a new certificate now.
    pub again: Arc<Notify>,
}

/// Why there is no new certificate.
#[derive(Debug, thiserror::Error)]
enum CertifyError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the authority gave what is no certificate of ours: {0}")]
    Unusable(#[from] BadCertificate),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Certifier {
    /// Shows the certificate that is kept, and gets new ones in time, until `stop`.
    ///
    /// A failure is followed by a rest that grows and survives a restart. An authority that is not
    /// there keeps nothing from running.
    pub async fn run(self, stop: CancellationToken) {
        let mut is_good = self.show_kept();
        loop {
            let due = self.due(is_good);
            let by_hand = tokio::select! {
                () = stop.cancelled() => return,
                () = self.again.notified() => true,
                () = self.deps.clock.sleep_until(due) => false,
            };
            if by_hand && let Some(free) = self.ladder().free_at() {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = self.deps.clock.sleep_until(free) => {}
                }
            }
            let certified = tokio::select! {
                () = stop.cancelled() => return,
                certified = self.certify() => certified,
            };
            match certified {
                Ok(()) => is_good = true,
                Err(err) => self.take_failure(&err).await,
            }
            self.raise_alarm();
        }
    }

    /// Shows what is kept, and tells whether it is for this name and of this authority.
    fn show_kept(&self) -> bool {
        let kept = match self.deps.store.read(|snap| certificates::get(snap)) {
            Ok(Some(kept)) => kept,
            Ok(None) => return false,
            Err(err) => {
                log_failure(&err.into());
                return false;
            }
        };
        let shown = self.open(&kept);
        match shown {
            Ok(certificate) => {
                let is_good = certificate.has_name(self.certificates.domain())
                    && kept.directory == self.authority.directory();
                self.show(certificate);
                is_good
            }
            Err(err) => {
                log_failure(&err);
                false
            }
        }
    }

    fn open(&self, kept: &Kept) -> Result<Certificate, CertifyError> {
        let key = self.deps.sealer.open_bytes(CERTIFICATE, &kept.key)?;
        Ok(Certificate::read(kept.chain.as_bytes(), &key)?)
    }

    fn show(&self, certificate: Certificate) {
        let until = certificate.not_after();
        self.deps.metrics.certificate_ends(until);
        tracing::info!(
            event = "certificate.loaded", until = %until, "the certificate is shown"
        );
        self.certificates.show(certificate);
    }

    /// Returns when a certificate is to be asked for by itself.
    fn due(&self, is_good: bool) -> Timestamp {
        let now = self.deps.clock.now();
        let wanted = match self.certificates.shown() {
            Some(shown) if is_good => shown.renew_at(),
            _ => now,
        };
        self.ladder().next.map_or(wanted, |next| wanted.max(next))
    }

    /// Returns the failures so far; a change of the name begins anew, but for those of an hour.
    fn ladder(&self) -> Ladder {
        let trouble = self.deps.store.read(|snap| certificates::trouble(snap)).ok().flatten();
        trouble.map(|trouble| trouble.ladder).unwrap_or_default()
    }

    async fn certify(&self) -> Result<(), CertifyError> {
        let account = self.account().await?;
        let Issued { chain, key } = self.authority.issue(&account, &self.certificates).await?;
        let certificate = Certificate::read(chain.as_bytes(), key.as_bytes())?;
        let key = self.deps.sealer.seal_bytes(CERTIFICATE, key.as_bytes())?;
        let kept = Kept { directory: self.authority.directory().to_owned(), chain, key };
        self.deps.store.write(move |txn| certificates::put(txn, &kept)).await?;
        tracing::info!(
            event = "certificate.issued", domain = self.certificates.domain(),
            until = %certificate.not_after(), "the authority has given a certificate"
        );
        self.show(certificate);
        Ok(())
    }

    /// Returns the key of the account; one that cannot be opened any more is replaced.
    async fn account(&self) -> Result<Vec<u8>, CertifyError> {
        let directory = self.authority.directory().to_owned();
        let sealed = self.deps.store.read(|snap| certificates::account(snap, &directory))?;
        let opened = sealed.and_then(|it| self.deps.sealer.open_bytes(ACCOUNT, &it).ok());
        if let Some(key) = opened {
            return Ok(key);
        }
        let key = new_account_key();
        let sealed = self.deps.sealer.seal_bytes(ACCOUNT, &key)?;
        let keep =
            self.deps.store.write(move |txn| certificates::put_account(txn, &directory, &sealed));
        keep.await?;
        Ok(key)
    }

    /// Writes a failure down and tells the operators of it, once a day.
    async fn take_failure(&self, err: &CertifyError) {
        let domain = self.certificates.domain().to_owned();
        let failure = match err {
            CertifyError::Refused(refusal) => refusal.failure,
            CertifyError::Unusable(_) | CertifyError::Seal(_) | CertifyError::Store(_) => {
                Failure::Other
            }
        };
        let mut words = err.to_string();
        if let Some(advice) = preflight(&domain, self.authority.port()).await {
            words = format!("{words} ({advice})");
        }
        let mut ladder = self.ladder();
        ladder.fail(failure, self.deps.clock.now());
        let next = ladder.next.map(|next| next.to_string()).unwrap_or_default();
        tracing::warn!(
            event = "certificate.not_issued",
            domain,
            error = words,
            next,
            "there is no new certificate; it is tried again"
        );
        let trouble = Trouble { ladder, domain, words };
        let keep = self.deps.store.write(move |txn| certificates::put_trouble(txn, &trouble));
        let kept = keep.await;
        let told = tell_once_a_day(&self.deps, "certificate", &Notice::CertificateTrouble).await;
        if let Err(err) = kept.and(told) {
            log_failure(&err.into());
            // Nothing is remembered of this failure, so it must not be followed by another at once.
            self.deps.clock.sleep(jiff::SignedDuration::from_mins(1)).await;
        }
    }

    fn raise_alarm(&self) {
        let now = self.deps.clock.now();
        if let Some(shown) = self.certificates.shown().filter(|shown| shown.late_at() <= now) {
            tracing::error!(
                event = "certificate.late", until = %shown.not_after(),
                "the certificate should have been renewed long ago"
            );
        }
    }
}

fn log_failure(err: &CertifyError) {
    let error = err as &dyn std::error::Error;
    tracing::error!(event = "certificate.failed", error, "the certificate cannot be kept");
}
