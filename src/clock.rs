//! Time as the program sees it: the system's, or one that a test or the demo moves.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// How often a clock that follows a file looks at it, in real time.
const FILE_POLL: Duration = Duration::from_millis(20);

/// What a moved clock shows.
#[derive(Clone, Copy, Debug)]
enum Reading {
    /// Runs with the system's clock, this far ahead of it.
    Shifted(SignedDuration),
    /// Stands still.
    Stopped(Timestamp),
}

/// Tells the time; cheap to clone.
///
/// Everything that asks for the time or waits for an instant does so here, so that a test sets
/// the hour and the demo skips a day without sleeping.
#[derive(Clone, Debug)]
pub struct Clock {
    reading: Option<watch::Receiver<Reading>>,
}

/// Moves the [`Clock`]s that were made with it. They keep their last reading when it is dropped.
#[derive(Clone, Debug)]
pub struct ClockHand(watch::Sender<Reading>);

impl Clock {
    /// Returns the system's clock.
    pub const fn system() -> Self {
        Self { reading: None }
    }

    /// Returns a clock that stands at `start` until its hand moves it.
    pub fn stopped(start: Timestamp) -> (Self, ClockHand) {
        Self::with(Reading::Stopped(start))
    }

    /// Returns a clock that runs with the system's and can be put ahead of it.
    pub fn shifted() -> (Self, ClockHand) {
        Self::with(Reading::Shifted(SignedDuration::ZERO))
    }

    /// Returns a running clock that is ahead of the system's by the number of milliseconds in
    /// the file `path`, now and whenever the file changes.
    ///
    /// A file that cannot be read or parsed leaves the clock as it is. Must be called within a
    /// tokio runtime; the following ends with the last clone of the clock.
    pub fn following(path: PathBuf) -> Self {
        let (clock, hand) = Self::shifted();
        hand.follow_once(&path);
        tokio::spawn(async move {
            while !hand.0.is_closed() {
                tokio::time::sleep(FILE_POLL).await;
                hand.follow_once(&path);
            }
        });
        clock
    }

    fn with(reading: Reading) -> (Self, ClockHand) {
        let (sender, receiver) = watch::channel(reading);
        (Self { reading: Some(receiver) }, ClockHand(sender))
    }

    /// Returns the present instant.
    pub fn now(&self) -> Timestamp {
        match self.reading.as_ref().map(|reading| *reading.borrow()) {
            None => system_now(),
            Some(Reading::Shifted(by)) => system_now() + by,
            Some(Reading::Stopped(at)) => at,
        }
    }

    /// Waits until the clock shows `at` or later, whether by itself or because it was moved.
    pub async fn sleep_until(&self, at: Timestamp) {
        let Some(mut reading) = self.reading.clone() else {
            return tokio::time::sleep(until(system_now(), at)).await;
        };
        loop {
            reading.mark_unchanged();
            let now = self.now();
            if now >= at {
                return;
            }
            let stopped = matches!(*reading.borrow(), Reading::Stopped(_));
            let moved = async {
                if reading.changed().await.is_err() {
                    std::future::pending::<()>().await; // No hand is left: it just runs, or stands.
                }
            };
            if stopped {
                moved.await;
            } else {
                tokio::select! {
                    () = moved => {}
                    () = tokio::time::sleep(until(now, at)) => {}
                }
            }
        }
    }

    /// Waits for `length` on this clock.
    pub async fn sleep(&self, length: SignedDuration) {
        self.sleep_until(self.now() + length).await;
    }
}

impl ClockHand {
    /// Moves the clock forward (or back) by `by`.
    pub fn advance(&self, by: SignedDuration) {
        self.0.send_modify(|reading| {
            *reading = match *reading {
                Reading::Shifted(ahead) => Reading::Shifted(ahead + by),
                Reading::Stopped(at) => Reading::Stopped(at + by),
            }
        });
    }

    /// Makes the clock show `at`; a running clock runs on from there.
    pub fn set(&self, at: Timestamp) {
        self.0.send_modify(|reading| {
            *reading = match *reading {
                Reading::Shifted(_) => Reading::Shifted(at.duration_since(system_now())),
                Reading::Stopped(_) => Reading::Stopped(at),
            }
        });
    }

    /// Returns how far a running clock is ahead of the system's; zero for a stopped one.
    pub fn ahead(&self) -> SignedDuration {
        match *self.0.borrow() {
            Reading::Shifted(by) => by,
            Reading::Stopped(_) => SignedDuration::ZERO,
        }
    }

    fn follow_once(&self, path: &std::path::Path) {
        let read = std::fs::read_to_string(path).ok();
        let Some(ahead_ms) = read.and_then(|text| text.trim().parse::<i64>().ok()) else { return };
        let ahead = SignedDuration::from_millis(ahead_ms);
        self.0.send_if_modified(|reading| match reading {
            Reading::Shifted(by) if *by != ahead => {
                *by = ahead;
                true
            }
            Reading::Shifted(_) | Reading::Stopped(_) => false,
        });
    }
}

fn until(now: Timestamp, at: Timestamp) -> Duration {
    at.duration_since(now).try_into().unwrap_or(Duration::ZERO)
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that all others ask")]
fn system_now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stopped_clock_wakes_a_sleeper_when_it_is_moved() {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let (clock, hand) = Clock::stopped(start);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(SignedDuration::from_hours(24)).await }
        });
        tokio::task::yield_now().await;
        hand.advance(SignedDuration::from_hours(23));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        hand.advance(SignedDuration::from_hours(1));
        sleeper.await.unwrap();
        assert_eq!(clock.now(), start + SignedDuration::from_hours(24));
    }

    #[tokio::test]
    async fn a_clock_follows_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("clock");
        let clock = Clock::following(path.clone());
        let before = clock.now();
        std::fs::write(&path, "3600000\n").unwrap();
        clock.sleep_until(before + SignedDuration::from_mins(59)).await;
        assert!(clock.now() >= before + SignedDuration::from_mins(59));
    }
}
