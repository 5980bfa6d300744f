//! The alarm of a certificate that should have been renewed long ago, whoever renews it.

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::actions::watch::tell_once_a_day;
use crate::deps::Deps;
use crate::domain::job::Notice;
use crate::external::certificates::Certificates;

/// How often the certificate is looked at.
const LOOK: SignedDuration = SignedDuration::from_mins(1);
/// How often it is told while it lasts.
const TELL_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// Raises an alarm each day on which less than half is left of what should be of the certificate
/// that is shown, until `stop`. It goes by the clock, and not by attempts to renew.
pub async fn watch_lateness(deps: Deps, certificates: Certificates, stop: CancellationToken) {
    let mut told_at: Option<Timestamp> = None;
    loop {
        let now = deps.clock.now();
        match certificates.shown().filter(|shown| shown.late_at() <= now) {
            None => told_at = None,
            Some(_) if told_at.is_some_and(|at| now < at + TELL_AGAIN) => {}
            Some(shown) => {
                told_at = Some(now);
                raise(&deps, shown.not_after()).await;
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = deps.clock.sleep(LOOK) => {}
        }
    }
}

async fn raise(deps: &Deps, until: Timestamp) {
    tracing::error!(
        event = "certificate.late", until = %until,
        "the certificate should have been renewed long ago"
    );
    let told = tell_once_a_day(deps, "certificate-late", &Notice::CertificateLate(until)).await;
    if let Err(err) = told {
        let error = &err as &dyn std::error::Error;
        tracing::error!(event = "certificate.failed", error, "the operators cannot be told");
    }
}
