//! What is counted of one bot.

use std::time::Duration;

use super::Metrics;
use super::family::Label;

/// Whose bot it is; all clients' bots are counted as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BotRole {
    /// The operators' bot.
    Master,
    /// The bot that sells.
    Sales,
    /// A client's bot.
    Client,
}

impl BotRole {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Master, Self::Sales, Self::Client];

    /// Names the role in labels.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Sales => "sales",
            Self::Client => "client",
        }
    }
}

/// How an attempt to handle an update may end.
pub const UPDATE_RESULTS: [&str; 3] = ["done", "tried_again", "given_up"];

/// What became of updates over some time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Handled {
    /// How many attempts ended so, for each of [`UPDATE_RESULTS`].
    pub results: [u64; UPDATE_RESULTS.len()],
    /// How many took so long, by the buckets of their histogram.
    pub seconds: Vec<u64>,
    /// How many seconds they took together.
    pub sum: f64,
}

/// Writes a method as Telegram's documentation does, wherever its name came from.
fn as_called(method: &'static str) -> Label {
    match method.as_bytes().first() {
        Some(first) if first.is_ascii_uppercase() => {
            let mut name = method.to_owned();
            name[..1].make_ascii_lowercase();
            name.into()
        }
        _ => method.into(),
    }
}

/// Counts for one bot, or for all bots of clients; cheap to clone.
#[derive(Clone, Debug)]
pub struct BotMeter {
    metrics: Metrics,
    role: BotRole,
}

/// How the answer to a request is counted.
pub trait Telling {
    /// Names what came: `ok`, or what kind of error.
    fn result(&self) -> &'static str;

    /// Returns how long Telegram wants to be left alone, if it said so.
    fn retry_after(&self) -> Option<Duration>;
}

impl BotMeter {
    /// Counts in `metrics` for a bot of this role.
    pub const fn new(metrics: Metrics, role: BotRole) -> Self {
        Self { metrics, role }
    }

    /// Returns where it is counted.
    pub const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Counts a request to Telegram.
    pub fn asked(&self, method: &'static str, answer: &impl Telling) {
        let bot = self.role.name();
        let requests = &self.metrics.telegram_requests;
        requests.of([bot.into(), as_called(method), answer.result().into()]).add(1);
        if let Some(wait) = answer.retry_after() {
            self.told_to_wait(wait);
        }
    }

    /// Counts that Telegram wants to be left alone for so long.
    pub fn told_to_wait(&self, wait: Duration) {
        self.metrics.telegram_waits.of([self.role.name().into()]).observe_time(wait);
    }

    /// Counts an attempt to handle an update.
    pub fn handled(&self, result: &'static str, took: Duration) {
        let bot = self.role.name();
        self.metrics.updates.of([bot.into(), result.into()]).add(1);
        self.metrics.update_seconds.of([bot.into()]).observe_time(took);
    }

    /// Returns what became of the bot's updates so far, and begins anew.
    pub fn take(&self) -> Handled {
        let bot = self.role.name();
        let (seconds, sum) = self.metrics.update_seconds.of([bot.into()]).take();
        let results = UPDATE_RESULTS
            .map(|result| self.metrics.updates.of([bot.into(), result.into()]).take());
        Handled { results, seconds, sum }
    }

    /// Adds what became of updates elsewhere.
    pub fn absorb(&self, handled: &Handled) {
        let bot = self.role.name();
        for (result, count) in UPDATE_RESULTS.into_iter().zip(handled.results) {
            self.metrics.updates.of([bot.into(), result.into()]).add(count);
        }
        self.metrics.update_seconds.of([bot.into()]).absorb(&handled.seconds, handled.sum);
    }
}
