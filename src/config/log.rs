//! `[log]`: what is logged and how it looks.

use super::reader::Reader;
use super::setting::choice;

/// What is logged and how it looks.
#[derive(Clone, Debug)]
pub struct Log {
    /// How records look.
    pub format: LogFormat,
    /// The least important records that are kept.
    pub level: LogLevel,
}

/// How records look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// The journal if it listens, else text on a terminal, else JSON.
    Auto,
    /// The journal's own protocol.
    Journald,
    /// One JSON object a line.
    Json,
    /// Lines for people.
    Text,
}

/// How important a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Something needs attention before it fails.
    Warn,
    /// What an operator wants to follow.
    Info,
    /// What a developer wants to follow.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// Names the level, as the settings do.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    /// Returns the level of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

choice!(LogFormat { "auto" => Auto, "journald" => Journald, "json" => Json, "text" => Text });
choice!(LogLevel {
    "error" => Error,
    "warn" => Warn,
    "info" => Info,
    "debug" => Debug,
    "trace" => Trace,
});

impl Log {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            format: reader.value("log.format", LogFormat::Auto),
            level: reader.value("log.level", LogLevel::Info),
        }
    }
}
