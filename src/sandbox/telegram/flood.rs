//! How fast a bot may send.

use std::time::Duration;

use tokio::time::Instant;

/// So many at once, then so many a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// How many pass each second in the long run.
    pub per_second: f64,
    /// How many pass at once after a rest.
    pub burst: u32,
}

/// How fast bots may send; `None` is no limit.
///
/// The limits run in real time, whatever the clock shows: they are about requests, not dates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FloodLimits {
    /// For messages to one chat.
    pub per_chat: Option<Rate>,
    /// For messages and edits of one bot.
    pub per_bot: Option<Rate>,
}

impl FloodLimits {
    /// No limits.
    pub const OFF: Self = Self { per_chat: None, per_bot: None };
}

impl Default for FloodLimits {
    /// Telegram's published limits, with the short bursts that it lets pass.
    fn default() -> Self {
        Self {
            per_chat: Some(Rate { per_second: 1.0, burst: 20 }),
            per_bot: Some(Rate { per_second: 30.0, burst: 60 }),
        }
    }
}

/// How much of a burst has been used, as of an instant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bucket {
    used: f64,
    at: Option<Instant>,
}

impl Bucket {
    /// Returns how long to wait before another may pass; zero if it may now.
    pub(super) fn wait(&mut self, rate: Rate, now: Instant) -> Duration {
        if let Some(at) = self.at {
            let drained = now.duration_since(at).as_secs_f64() * rate.per_second;
            self.used = (self.used - drained).max(0.0);
        }
        self.at = Some(now);
        let over = self.used + 1.0 - f64::from(rate.burst);
        if over <= 0.0 {
            return Duration::ZERO;
        }
        Duration::try_from_secs_f64(over / rate.per_second).unwrap_or(Duration::MAX)
    }

    /// Counts one that passed.
    pub(super) fn take(&mut self) {
        self.used += 1.0;
    }
}

/// Returns a wait in the whole seconds that Telegram tells.
pub(super) fn retry_after_s(wait: Duration) -> u32 {
    let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    u32::try_from(whole).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_the_next_waits() {
        let rate = Rate { per_second: 2.0, burst: 3 };
        let start = Instant::now();
        let mut bucket = Bucket::default();
        for _ in 0..3 {
            assert_eq!(bucket.wait(rate, start), Duration::ZERO);
            bucket.take();
        }
        assert_eq!(bucket.wait(rate, start), Duration::from_millis(500));
        assert_eq!(retry_after_s(Duration::from_millis(500)), 1);
        assert_eq!(retry_after_s(Duration::from_millis(1500)), 2);
        assert_eq!(bucket.wait(rate, start + Duration::from_millis(500)), Duration::ZERO);
    }
}
