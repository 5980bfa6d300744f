//! Certify: have a certificate for the public name, and a new one in time.

mod late;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::watch::tell_once_a_day;
use crate::deps::Deps;
use crate::domain::job::Notice;
use crate::domain::ladder::{Failure, HasStaging, Ladder, Stage};
use crate::external::acme::{
    Authority, Doubt, Issued, Refusal, Vantage, new_account_key, preflight,
};
use crate::external::certificates::{BadCertificate, Certificate, Certificates};
use crate::store::StoreError;
use crate::store::certificates::{self, Kept, Trouble};
use crate::store::secrets::SealError;

pub use self::late::watch_lateness;

/// Under which names the account's and the certificate's keys are sealed.
const ACCOUNT: &str = "acme account";
const CERTIFICATE: &str = "certificate";
/// The longest that a new certificate is kept even if it looks old. A clock that is wrong by weeks
/// must not order one after the other.
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(24);

/// Whoever gets the certificates.
pub struct Certifier {
    /// What it works with.
    pub deps: Deps,
    /// Where the certificate is shown.
    pub certificates: Certificates,
    /// Who gives it.
    pub authority: Authority,
    /// From where it looks whether the authority will find this host.
    pub vantage: Vantage,
    /// Wakes it, to get a new certificate now.
    pub again: Arc<Notify>,
}

/// Why there is no new certificate.
#[derive(Debug, thiserror::Error)]
enum CertifyError {
    #[error("the authority was not asked, because it would look in vain")]
    HeldBack,
    #[error("{}{_0}", rehearsed(*_1))]
    Refused(#[source] Refusal, Stage),
    #[error("the authority gave what is no certificate of ours: {0}")]
    Unusable(#[from] BadCertificate),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An attempt that failed, and what could be seen from here before it.
struct Failed {
    why: CertifyError,
    doubt: Option<Doubt>,
}

impl Certifier {
    /// Shows the certificate that is kept, and gets new ones in time, until `stop`.
    ///
    /// A failure is followed by a rest that grows and survives a restart. An authority that is not
    /// there keeps nothing from running.
    pub async fn run(self, stop: CancellationToken) {
        // Whether there is nothing to ask for before it is to be renewed.
        let mut is_good = self.show_kept();
        loop {
            let due = self.due(is_good);
            let by_hand = tokio::select! {
                () = stop.cancelled() => return,
                () = self.again.notified() => true,
                () = self.deps.clock.sleep_until(due) => false,
            };
            if by_hand && let Some(free) = self.record().ladder.free_at() {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = self.deps.clock.sleep_until(free) => {}
                }
            }
            let attempted = tokio::select! {
                () = stop.cancelled() => return,
                attempted = Box::pin(self.attempt()) => attempted,
            };
            is_good = matches!(attempted, Ok(Stage::Real));
            if let Err(failed) = attempted {
                self.take_failure(failed).await;
            }
        }
    }

    /// Shows what is kept, and tells whether it is for this name and of this authority.
    fn show_kept(&self) -> bool {
        let domain = self.certificates.domain();
        let kept = match self.deps.store.read(|snap| certificates::get(snap, domain)) {
            Ok(Some(kept)) => kept,
            Ok(None) => return false,
            Err(err) => {
                log_failure(&err.into());
                return false;
            }
        };
        match self.open(&kept) {
            Ok(certificate) => {
                let is_good =
                    certificate.has_name(domain) && kept.directory == self.authority.directory();
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
        let ladder = self.record().ladder;
        let (now, next) = (self.deps.clock.now(), ladder.not_before());
        match self.certificates.shown() {
            Some(shown) if is_good => next.map_or(shown.renew_at(), |it| it.max(shown.renew_at())),
            // The rest after a success is for what that success gave.
            _ if ladder.failures == 0 => ladder.free_at().unwrap_or(now),
            _ => next.unwrap_or(now),
        }
    }

    /// Returns what is remembered of attempts; a change of the name begins anew, but for what has
    /// failed within the hour.
    fn record(&self) -> Trouble {
        let domain = self.certificates.domain().to_owned();
        let kept = self.deps.store.read(|snap| certificates::record(snap)).ok().flatten();
        match kept {
            Some(kept) if kept.domain == domain => kept,
            Some(Trouble { mut ladder, .. }) => {
                ladder.begin_anew();
                Trouble { ladder, domain, words: String::new() }
            }
            None => Trouble { ladder: Ladder::default(), domain, words: String::new() },
        }
    }

    async fn remember(&self, record: Trouble) -> Result<(), StoreError> {
        self.deps.store.write(move |txn| certificates::put_record(txn, &record)).await
    }

    /// Makes one attempt and returns at which directory it went well.
    async fn attempt(&self) -> Result<Stage, Failed> {
        let doubt = preflight(&self.certificates, self.authority.way(), &self.vantage).await.err();
        let ordered = match &doubt {
            Some(Doubt::Vain(_)) if self.record().ladder.holds_back() => {
                Err(CertifyError::HeldBack)
            }
            Some(doubt) => {
                tracing::info!(
                    event = "certificate.unproven", doubt = %doubt,
                    "it cannot be told from here whether the authority will find this host"
                );
                self.order().await
            }
            None => self.order().await,
        };
        ordered.map_err(|why| Failed { why, doubt })
    }

    async fn order(&self) -> Result<Stage, CertifyError> {
        let stage = match self.authority.has_staging() {
            HasStaging::Yes => self.record().ladder.stage,
            HasStaging::No => Stage::Real, // It may have had one before a restart.
        };
        let account = self.account(stage).await?;
        let order = self.authority.issue(stage, &account, &self.certificates, || self.begin_look());
        let issued = order.await.map_err(|refusal| CertifyError::Refused(refusal, stage))?;
        match stage {
            Stage::Real => self.take(issued).await?,
            Stage::Rehearsal => {
                let mut record = self.record();
                record.ladder.rehearsed();
                self.remember(record).await?;
                tracing::info!(
                    event = "certificate.rehearsed",
                    domain = self.certificates.domain(),
                    "the staging directory gave a certificate; now the real one is asked"
                );
            }
        }
        Ok(stage)
    }

    async fn begin_look(&self) -> Result<(), Refusal> {
        let mut record = self.record();
        record.ladder.begin(self.deps.clock.now());
        self.remember(record).await.map_err(|err| Refusal::other(&err.to_string()))
    }

    /// Keeps what the authority has given, and shows it.
    async fn take(&self, issued: Issued) -> Result<(), CertifyError> {
        let Issued { chain, key } = issued;
        let certificate = Certificate::read(chain.as_bytes(), key.as_bytes())?;
        let key = self.deps.sealer.seal_bytes(CERTIFICATE, key.as_bytes())?;
        let kept = Kept { directory: self.authority.directory().to_owned(), chain, key };
        let mut record = self.record();
        let rest = certificate.third().min(LONGEST_REST);
        record.ladder.succeed(self.deps.clock.now() + rest);
        record.words.clear();
        let write = self.deps.store.write(move |txn| {
            certificates::put(txn, &record.domain, &kept)?;
            certificates::put_record(txn, &record)
        });
        write.await?;
        tracing::info!(
            event = "certificate.issued", domain = self.certificates.domain(),
            until = %certificate.not_after(), "the authority has given a certificate"
        );
        self.show(certificate);
        Ok(())
    }

    /// Returns the key of the account; one that cannot be opened any more is replaced.
    async fn account(&self, stage: Stage) -> Result<Vec<u8>, CertifyError> {
        let directory = self.authority.directory_at(stage).to_owned();
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
    async fn take_failure(&self, Failed { why, doubt }: Failed) {
        let failure = match &why {
            CertifyError::HeldBack => Failure::HeldBack,
            CertifyError::Refused(refusal, _) => refusal.failure,
            CertifyError::Unusable(_) | CertifyError::Seal(_) | CertifyError::Store(_) => {
                Failure::Other
            }
        };
        let mut record = self.record();
        record.words = doubt.map_or_else(|| why.to_string(), |doubt| format!("{why} ({doubt})"));
        record.ladder.fail(failure, self.deps.clock.now(), self.authority.has_staging());
        let next = record.ladder.not_before().map(|next| next.to_string()).unwrap_or_default();
        tracing::warn!(
            event = "certificate.not_issued",
            domain = record.domain,
            error = record.words,
            next,
            "there is no new certificate; it is tried again"
        );
        let kept = self.remember(record).await;
        let told = tell_once_a_day(&self.deps, "certificate", &Notice::CertificateTrouble).await;
        if let Err(err) = kept.and(told) {
            log_failure(&err.into());
            // Nothing is remembered of this failure, so it must not be followed by another at once.
            self.deps.clock.sleep(SignedDuration::from_mins(1)).await;
        }
    }
}

const fn rehearsed(stage: Stage) -> &'static str {
    match stage {
        Stage::Real => "",
        Stage::Rehearsal => "rehearsed at the staging directory: ",
    }
}

fn log_failure(err: &CertifyError) {
    let error = err as &dyn std::error::Error;
    tracing::error!(event = "certificate.failed", error, "the certificate cannot be kept");
}
