//! Logging: one record for each event, to the journal, as JSON lines or as text for people.
//!
//! A record holds the fields of its event and of all spans around it. What looks like a secret is
//! masked in every form.

use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use jiff::Timestamp;
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat, LogLevel};

mod journal;
mod json;
mod layer;
mod panics;
mod record;
mod text;

use journal::Journal;
pub use journal::message_id;
use layer::Records;
use record::Record;

/// What other people's code says about its work names URLs with tokens in them, so only their
/// warnings are kept, whatever the level.
const QUIET: [&str; 6] = ["hyper", "reqwest", "teloxide", "h2", "rustls", "mio"];

/// Why logging does not begin.
#[derive(Debug, thiserror::Error)]
#[error("logging has begun already")]
pub struct AlreadyBegun;

/// Begins to log for this process, in the name of `role`, and logs panics too.
///
/// The format `auto` is the journal if it reads this process's standard error, else text on a
/// terminal, else JSON lines. While a journal that was asked for cannot be reached, records go to
/// the standard error as JSON lines, with a warning at the start; each record tries the journal
/// again.
///
/// # Errors
///
/// Returns [`AlreadyBegun`] for the second call in one process.
pub fn init(log: &Log, role: &'static str) -> Result<(), AlreadyBegun> {
    init_heard(log, role, |_| {})
}

/// As [`init`], and has `hear` told of each warning and error.
///
/// # Errors
///
/// As [`init`].
pub fn init_heard(
    log: &Log,
    role: &'static str,
    hear: impl Fn(&Warning<'_>) + Send + Sync + 'static,
) -> Result<(), AlreadyBegun> {
    let (output, refused) = Output::choose(log.format);
    let emit = move |record: &Record<'_>| {
        output.write(record);
        if let Some(warning) = Warning::of(record) {
            hear(&warning);
        }
    };
    subscriber(log.level, role, emit).try_init().map_err(|_| AlreadyBegun)?;
    panics::log_them();
    if let Some(err) = refused {
        tracing::warn!(event = "log.journal_missing", error = %err, "the journal cannot be reached");
    }
    Ok(())
}

/// A warning or an error that was logged. What looks like a secret is masked.
#[derive(Clone, Copy, Debug)]
pub struct Warning<'a> {
    /// When it was logged, by the system's clock.
    pub time: Timestamp,
    /// Whether it is an error.
    pub is_error: bool,
    /// The event's id; empty where outside code spoke.
    pub event: &'a str,
    /// What was said.
    pub message: &'a str,
    /// The client that it is about.
    pub client: Option<&'a str>,
}

impl<'a> Warning<'a> {
    fn of(record: &'a Record<'_>) -> Option<Self> {
        let priority = record.priority();
        (priority <= 4).then(|| Self {
            time: record.time,
            is_error: priority <= 3,
            event: record.text("event").unwrap_or_default(),
            message: record.message(),
            client: record.text("client"),
        })
    }
}

/// Returns the subscriber that gives each record to `emit`.
fn subscriber(
    level: LogLevel,
    role: &'static str,
    emit: impl Fn(&Record<'_>) + Send + Sync + 'static,
) -> impl Subscriber + Send + Sync {
    let level = filter(level);
    let quiet = QUIET.map(|target| (target, level.min(LevelFilter::WARN)));
    let targets = Targets::new().with_default(level).with_targets(quiet);
    registry().with(targets).with(Records::new(role, emit))
}

const fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

/// Where records go.
enum Output {
    Journal(Journal),
    Json,
    Text { colours: bool },
}

impl Output {
    /// Chooses where records go; the error says why it is not the journal that was asked for.
    fn choose(format: LogFormat) -> (Self, Option<io::Error>) {
        let terminal = io::stderr().is_terminal();
        match format {
            LogFormat::Journald => match Journal::open() {
                Ok((journal, reached)) => (Self::Journal(journal), reached.err()),
                Err(err) => (Self::Json, Some(err)),
            },
            LogFormat::Auto if stderr_is_journal() => {
                (Journal::open().map_or(Self::Json, |(journal, _)| Self::Journal(journal)), None)
            }
            LogFormat::Auto if !terminal => (Self::Json, None),
            LogFormat::Auto | LogFormat::Text => (Self::Text { colours: terminal }, None),
            LogFormat::Json => (Self::Json, None),
        }
    }

    /// Writes a record. There is nobody to tell if even the standard error is closed.
    fn write(&self, record: &Record<'_>) {
        let line = match self {
            Self::Journal(journal) if journal.send(record).is_ok() => return,
            Self::Journal(_) | Self::Json => json::line(record),
            Self::Text { colours: false } => text::line(record, text::Style::Plain),
            Self::Text { colours: true } => text::line(record, text::Style::Coloured),
        };
        io::stderr().lock().write_all(line.as_bytes()).ok();
    }
}

/// Tells whether systemd connected the standard error to the journal; the variable alone is
/// inherited by children whose output goes elsewhere.
fn stderr_is_journal() -> bool {
    let Some(stream) = std::env::var_os("JOURNAL_STREAM") else { return false };
    let stat = io::stderr().as_fd().try_clone_to_owned();
    let stat = stat.and_then(|stderr| std::fs::File::from(stderr).metadata());
    stat.is_ok_and(|stat| *stream == *format!("{}:{}", stat.dev(), stat.ino()))
}

#[cfg(test)]
mod tests;
