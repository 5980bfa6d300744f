//! What is counted while the program runs, and how it is written for Prometheus.
//!
//! One typed value in `Deps` holds all of it; nothing is global. Every label has a small closed set
//! of values: never an id, a path as it was called, or anything else that a caller chooses.
//! `docs/metrics.md` tells what each one means, and a test holds the two equal.

mod bot;
mod family;
mod process;
mod text;

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

pub use self::bot::{BotMeter, BotRole, Handled, Telling, UPDATE_RESULTS};
pub use self::family::{Counter, Family, Gauge, Held, Histogram};
pub use self::process::write_process;
pub use self::text::Page;

/// Seconds of things that people wait for: answers, commits, updates.
pub const QUICK: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// Seconds of things that nobody stares at: deploys, jobs, money on its way.
pub const SLOW: &[f64] =
    &[0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0];
/// How many writes share a commit.
pub const BATCH: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];
/// Seconds that Telegram tells a bot to wait.
const WAITS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0];

/// All counts of this process; cheap to clone, and clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Families>);

impl Deref for Metrics {
    type Target = Families;

    fn deref(&self) -> &Families {
        &self.0
    }
}

/// The families of counts.
#[derive(Debug)]
pub struct Families {
    http_requests: Family<3, Counter>,
    http_seconds: Family<2, Histogram>,
    job_results: Family<2, Counter>,
    job_seconds: Family<1, Histogram>,
    deploys: Family<1, Counter>,
    deploy_seconds: Family<1, Histogram>,
    payments: Family<1, Counter>,
    settle_delay: Family<0, Histogram>,
    telegram_requests: Family<3, Counter>,
    telegram_waits: Family<1, Histogram>,
    updates: Family<2, Counter>,
    update_seconds: Family<1, Histogram>,
    gateway_connections: Gauge,
    public_connections: Gauge,
    /// In seconds since 1970; 0 if there is none.
    certificate_ends: AtomicI64,
}

/// How a payment's facts may be taken in.
const PAYMENT_RESULTS: [&str; 6] =
    ["settled", "attention", "closed", "refunded", "foreign", "unchanged"];
/// How a deploy may end.
const DEPLOY_RESULTS: [&str; 2] = ["succeeded", "failed"];

impl Default for Families {
    #[expect(clippy::too_many_lines, reason = "a list is read in one go")]
    fn default() -> Self {
        let (quick, slow) = (|| Histogram::new(QUICK), || Histogram::new(SLOW));
        Self {
            http_requests: Family::new(
                ("slotbox_http_requests_total", "HTTP requests that were answered."),
                ["route", "method", "status"],
                Counter::default,
            ),
            http_seconds: Family::new(
                ("slotbox_http_request_duration_seconds", "Time to answer an HTTP request."),
                ["route", "method"],
                quick,
            ),
            job_results: Family::new(
                ("slotbox_job_results_total", "Attempts at jobs, by how they ended."),
                ["kind", "result"],
                Counter::default,
            ),
            job_seconds: Family::new(
                ("slotbox_job_duration_seconds", "Time of one attempt at a job."),
                ["kind"],
                slow,
            ),
            deploys: Family::new(
                ("slotbox_deploys_total", "Attempts to bring a client's bot up."),
                ["result"],
                Counter::default,
            )
            .known(DEPLOY_RESULTS.map(|result| [result])),
            deploy_seconds: Family::new(
                ("slotbox_deploy_duration_seconds", "Time of one attempt to bring a bot up."),
                ["result"],
                slow,
            ),
            payments: Family::new(
                ("slotbox_payments_total", "Looks at payments, by what came of them."),
                ["result"],
                Counter::default,
            )
            .known(PAYMENT_RESULTS.map(|result| [result])),
            settle_delay: Family::new(
                (
                    "slotbox_settle_delay_seconds",
                    "Time from a kept notification to the time that it granted.",
                ),
                [],
                slow,
            )
            .known([[]]),
            telegram_requests: Family::new(
                ("slotbox_telegram_requests_total", "Requests to Telegram."),
                ["bot", "method", "result"],
                Counter::default,
            ),
            telegram_waits: Family::new(
                (
                    "slotbox_telegram_retry_after_seconds",
                    "How long Telegram told a bot to wait, each time it did.",
                ),
                ["bot"],
                || Histogram::new(WAITS),
            )
            .known(BotRole::ALL.map(|bot| [bot.name()])),
            updates: Family::new(
                ("slotbox_updates_total", "Attempts to handle updates, by how they ended."),
                ["bot", "result"],
                Counter::default,
            )
            .known(
                BotRole::ALL
                    .iter()
                    .flat_map(|bot| UPDATE_RESULTS.map(|result| [bot.name(), result])),
            ),
            update_seconds: Family::new(
                ("slotbox_update_duration_seconds", "Time of one attempt to handle an update."),
                ["bot"],
                quick,
            )
            .known(BotRole::ALL.map(|bot| [bot.name()])),
            gateway_connections: Gauge::default(),
            public_connections: Gauge::default(),
            certificate_ends: AtomicI64::new(0),
        }
    }
}

impl Families {
    /// Counts a request that was answered. The route is the pattern that matched, or one word for
    /// all that matched none.
    pub fn http_answered(&self, route: String, method: &'static str, status: u16, took: Duration) {
        let status = Cow::Owned(status.to_string());
        self.http_seconds.of([Cow::Owned(route.clone()), method.into()]).observe_time(took);
        self.http_requests.of([Cow::Owned(route), method.into(), status]).add(1);
    }

    /// Counts a deploy that succeeded or failed.
    pub fn deployed(&self, succeeded: bool, took: Duration) {
        let result = DEPLOY_RESULTS[usize::from(!succeeded)];
        self.deploys.of([result.into()]).add(1);
        self.deploy_seconds.of([result.into()]).observe_time(took);
    }

    /// Counts a look at a payment.
    pub fn payment(&self, result: &'static str) {
        self.payments.of([result.into()]).add(1);
    }

    /// Notes how long a payment waited from its notification to the time that it granted.
    pub fn settled_after(&self, delay: Duration) {
        self.settle_delay.of([]).observe_time(delay);
    }

    /// Returns the number of open connections of clients' bots.
    pub const fn gateway_connections(&self) -> &Gauge {
        &self.gateway_connections
    }

    /// Returns the number of open connections from outside.
    pub const fn public_connections(&self) -> &Gauge {
        &self.public_connections
    }

    /// Notes when the certificate ends that is shown from now on.
    pub fn certificate_ends(&self, at: Timestamp) {
        self.certificate_ends.store(at.as_second(), Ordering::Relaxed);
    }

    /// Writes all of it.
    pub fn write(&self, page: &mut Page) {
        self.http_requests.write(page);
        self.http_seconds.write(page);
        self.job_results.write(page);
        self.job_seconds.write(page);
        self.deploys.write(page);
        self.deploy_seconds.write(page);
        self.payments.write(page);
        self.settle_delay.write(page);
        self.telegram_requests.write(page);
        self.telegram_waits.write(page);
        self.updates.write(page);
        self.update_seconds.write(page);
        let help = "Open connections of clients' bots to their gateways.";
        page.gauge(
            ("slotbox_gateway_connections", help),
            [],
            [([], self.gateway_connections.get())],
        );
        let help = "Open connections of the public listeners.";
        page.gauge(("slotbox_public_connections", help), [], [([], self.public_connections.get())]);
        let help = "When the certificate ends, in seconds since 1970; 0 if there is none.";
        page.gauge(
            ("slotbox_certificate_expiry_timestamp_seconds", help),
            [],
            [([], self.certificate_ends.load(Ordering::Relaxed))],
        );
    }
}

impl Metrics {
    /// Begins to time an attempt at a job.
    pub fn begin_job(&self, kind: &'static str) -> JobTimer {
        JobTimer { metrics: self.clone(), kind, began: Instant::now(), result: "cut_off" }
    }
}

/// One attempt at a job; one that is dropped without an end was cut off, by a panic, by its time
/// limit or by the stop.
#[derive(Debug)]
pub struct JobTimer {
    metrics: Metrics,
    kind: &'static str,
    began: Instant,
    result: &'static str,
}

impl JobTimer {
    /// Notes how the attempt ended.
    pub fn end(mut self, result: &'static str) {
        self.result = result;
    }
}

impl Drop for JobTimer {
    fn drop(&mut self) {
        let families = &self.metrics.0;
        families.job_results.of([self.kind.into(), self.result.into()]).add(1);
        families.job_seconds.of([self.kind.into()]).observe_time(self.began.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_attempt_that_never_ends_was_cut_off() {
        let metrics = Metrics::default();
        metrics.begin_job("deploy_client").end("done");
        let attempt = metrics.begin_job("deploy_client");
        tokio::time::advance(Duration::from_secs(2)).await;
        drop(attempt);
        let mut page = Page::default();
        metrics.write(&mut page);
        let text = page.into_text();
        for line in [
            r#"slotbox_job_results_total{kind="deploy_client",result="cut_off"} 1"#,
            r#"slotbox_job_results_total{kind="deploy_client",result="done"} 1"#,
            r#"slotbox_job_duration_seconds_bucket{kind="deploy_client",le="1"} 1"#,
            r#"slotbox_job_duration_seconds_bucket{kind="deploy_client",le="2.5"} 2"#,
            r#"slotbox_job_duration_seconds_sum{kind="deploy_client"} 2"#,
        ] {
            assert!(text.lines().any(|it| it == line), "no {line} in\n{text}");
        }
    }
}
