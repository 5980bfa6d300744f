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

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::external::certificates::Certificate;
    use crate::store::queue;
    use crate::testing::Host;

    fn certificate(not_after: (i32, u8)) -> Certificate {
        let mut params = rcgen::CertificateParams::new(vec!["bots.example.ru".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(not_after.0, not_after.1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Certificate::read(pem.as_bytes(), key.serialize_pem().as_bytes()).unwrap()
    }

    /// Looks for a moment at a host with this certificate, as after each of two starts; returns how
    /// many notices were queued.
    async fn notices(not_after: (i32, u8)) -> usize {
        let host = Host::new("http://127.0.0.1:1", Path::new("/bin/false"), Duration::ZERO);
        let certificates = Certificates::of("bots.example.ru");
        certificates.show(certificate(not_after));
        for _ in 0..2 {
            let (stop, again) = (CancellationToken::new(), certificates.clone());
            let looks = tokio::spawn(watch_lateness(host.deps.clone(), again, stop.clone()));
            tokio::time::sleep(Duration::from_millis(100)).await;
            stop.cancel();
            looks.await.unwrap();
        }
        let now = host.deps.clock.now();
        let jobs = host.deps.store.read(|snap| queue::list(snap, None, 99, now)).unwrap();
        jobs.iter().filter(|job| job.kind == "notify").count()
    }

    #[tokio::test]
    async fn a_late_certificate_is_told_once_a_day_and_a_good_one_never() {
        assert_eq!(notices((2020, 6)).await, 1);
        assert_eq!(notices((2090, 1)).await, 0);
    }
}
