//! What clients' processes report of themselves. Kept in memory: they report again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::domain::ids::ClientId;
use crate::metrics::Handled;

/// When each client last reported that it is healthy; cheap to clone.
#[derive(Clone, Debug)]
pub struct Health {
    reports: watch::Sender<HashMap<ClientId, Report>>,
    patience: Duration,
    unseen: Arc<AtomicBool>,
}

/// What a client's process has said last, and in sum since this program has started.
#[derive(Clone, Copy, Debug)]
struct Report {
    at: Instant,
    /// How many visits are booked and still to come.
    bookings: Option<u64>,
    work: Work,
}

/// What a client's bot has done since this program has started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// When the last update was handled, to a report's exactness.
    pub last_update: Option<Timestamp>,
    /// How many updates were handled.
    pub handled: u64,
    /// How many attempts have failed and were made again.
    pub tried_again: u64,
    /// How many updates were given up.
    pub given_up: u64,
}

impl Work {
    fn add(&mut self, handled: &Handled, now: Timestamp) {
        let [done, tried_again, given_up] = handled.results;
        self.handled = self.handled.saturating_add(done);
        self.tried_again = self.tried_again.saturating_add(tried_again);
        self.given_up = self.given_up.saturating_add(given_up);
        if done > 0 {
            self.last_update = Some(now);
        }
    }
}

impl Health {
    /// How often a healthy client reports.
    pub const EVERY: Duration = Duration::from_secs(20);

    /// Knows of nobody yet; `patience` is how long a start may take.
    pub fn new(patience: Duration) -> Self {
        Self { reports: watch::Sender::default(), patience, unseen: Arc::default() }
    }

    /// Notes that the client is healthy at this moment.
    pub fn report(&self, client: ClientId) {
        self.report_with(client, None, &Handled::default(), Timestamp::UNIX_EPOCH);
    }

    /// As [`Health::report`], with how many visits are booked and still to come, and what became of
    /// the client's updates since the report before.
    pub fn report_with(
        &self,
        client: ClientId,
        bookings: Option<u64>,
        handled: &Handled,
        now: Timestamp,
    ) {
        self.reports.send_modify(|reports| {
            let mut work = reports.get(&client).map(|report| report.work).unwrap_or_default();
            work.add(handled, now);
            reports.insert(client, Report { at: Instant::now(), bookings, work });
        });
    }

    /// Returns what the client's bot has done since this program has started, or since it was stopped.
    pub fn work(&self, client: ClientId) -> Work {
        self.reports.borrow().get(&client).map(|report| report.work).unwrap_or_default()
    }

    /// Returns how many visits were booked with the client and still to come when it last said so.
    pub fn bookings_ahead(&self, client: ClientId) -> Option<u64> {
        self.reports.borrow().get(&client).and_then(|report| report.bookings)
    }

    /// Forgets a client that was stopped.
    pub fn forget(&self, client: ClientId) {
        self.reports.send_modify(|reports| {
            reports.remove(&client);
        });
    }

    /// Tells whether the client has reported of late: two reports may be missed.
    pub fn is_healthy(&self, client: ClientId) -> bool {
        let reports = self.reports.borrow();
        reports.get(&client).is_some_and(|report| report.at.elapsed() < Self::EVERY * 3)
    }

    /// Returns how long ago the client has last reported.
    pub fn last_report(&self, client: ClientId) -> Option<Duration> {
        self.reports.borrow().get(&client).map(|report| report.at.elapsed())
    }

    /// Notes whether it could be seen what runs, and returns whether it could at the last look.
    pub fn note_seen(&self, seen: bool) -> bool {
        !self.unseen.swap(!seen, Ordering::Relaxed)
    }

    /// Tells whether it could be seen at the last look what runs.
    pub fn is_seen(&self) -> bool {
        !self.unseen.load(Ordering::Relaxed)
    }

    /// Returns how long a start may take.
    pub const fn patience(&self) -> Duration {
        self.patience
    }

    /// Waits until the client reports, or has reported at `since` or later; `false` if it does not
    /// within the patience.
    pub async fn wait(&self, client: ClientId, since: Instant) -> bool {
        let mut reports = self.reports.subscribe();
        let reported = |reports: &HashMap<ClientId, Report>| {
            reports.get(&client).is_some_and(|report| report.at >= since)
        };
        let heard = timeout(self.patience, reports.wait_for(reported)).await;
        matches!(heard, Ok(Ok(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_report_of_the_process_before_does_not_count() {
        let (health, client) = (Health::new(Duration::from_mins(1)), ClientId::from_bits(1));
        health.report(client);
        assert!(health.is_healthy(client));
        tokio::time::advance(Duration::from_secs(1)).await;
        let started = Instant::now();
        let waiting = tokio::spawn({
            let health = health.clone();
            async move { health.wait(client, started).await }
        });
        tokio::time::sleep(Duration::from_secs(30)).await;
        assert!(!waiting.is_finished());
        health.report(ClientId::from_bits(2));
        health.report(client);
        assert!(waiting.await.unwrap());
        assert!(health.wait(client, started).await);
    }

    #[tokio::test]
    async fn what_a_bot_has_done_is_added_up() {
        let (health, client) = (Health::new(Duration::from_mins(1)), ClientId::from_bits(1));
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        let say = |results, minute| {
            let handled = Handled { results, ..Handled::default() };
            health.report_with(client, Some(1), &handled, at(minute));
        };
        assert_eq!(health.work(client), Work::default());
        say([3, 1, 0], 1);
        say([0, 0, 1], 2);
        let work = Work { last_update: Some(at(1)), handled: 3, tried_again: 1, given_up: 1 };
        assert_eq!(health.work(client), work);
        assert_eq!(health.work(ClientId::from_bits(2)), Work::default());
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_not_health() {
        let (health, client) = (Health::new(Duration::from_mins(1)), ClientId::from_bits(1));
        assert!(!health.wait(client, Instant::now()).await);
        health.report(client);
        tokio::time::advance(Health::EVERY * 3).await;
        assert!(!health.is_healthy(client));
        health.report(client);
        health.forget(client);
        assert!(!health.is_healthy(client));
    }
}
