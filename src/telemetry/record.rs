//! One record of the log and how its fields are gathered.

use std::error::Error;
use std::fmt;

use jiff::Timestamp;
use serde_json::Value as Json;
use tracing::field::{Field, Visit};
use tracing::{Level, Metadata};

use crate::domain::scrub::scrub;

/// The fields that tell one story, and so have a name of their own in the journal.
const STORY: [&str; 6] = ["event", "client", "order", "payment", "job", "request"];

/// One record: an event and what it inherits from the spans around it.
pub(super) struct Record<'a> {
    pub(super) time: Timestamp,
    pub(super) role: &'static str,
    pub(super) metadata: &'a Metadata<'static>,
    pub(super) fields: Fields,
}

/// Named values without secrets. A name that comes again replaces the value before.
#[derive(Clone, Default)]
pub(super) struct Fields {
    values: Vec<(&'static str, Json)>,
}

impl Record<'_> {
    /// Returns the text for people.
    pub(super) fn message(&self) -> &str {
        self.fields.text("message").unwrap_or_default()
    }

    /// Returns a field that is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.fields.text(name)
    }

    /// Returns the module that speaks; records of the `log` crate bring its name as a field.
    pub(super) fn target(&self) -> &str {
        self.fields.text("log.target").unwrap_or(self.metadata.target())
    }

    /// Returns the priority as syslog counts it.
    pub(super) fn priority(&self) -> u8 {
        match *self.metadata.level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            Level::DEBUG | Level::TRACE => 7,
        }
    }

    /// Returns the fields that tell the story, in their fixed order.
    pub(super) fn story(&self) -> impl Iterator<Item = (&'static str, &Json)> {
        STORY.iter().filter_map(|name| Some((*name, self.fields.get(name)?)))
    }

    /// Returns all fields but the message and the story.
    pub(super) fn others(&self) -> impl Iterator<Item = (&'static str, &Json)> {
        let told =
            |name: &str| name == "message" || name.starts_with("log.") || STORY.contains(&name);
        self.fields.iter().filter(move |(name, _)| !told(name))
    }
}

impl Fields {
    fn get(&self, name: &str) -> Option<&Json> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    fn iter(&self) -> impl Iterator<Item = (&'static str, &Json)> {
        self.values.iter().map(|(name, value)| (*name, value))
    }

    fn put(&mut self, name: &'static str, value: Json) {
        match self.values.iter_mut().find(|(known, _)| *known == name) {
            Some((_, before)) => *before = value,
            None => self.values.push((name, value)),
        }
    }

    /// Puts the fields of an inner span over these.
    pub(super) fn extend(&mut self, inner: &Self) {
        for (name, value) in inner.iter() {
            self.put(name, value.clone());
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), scrub(value).into());
    }

    /// Tells the error and all its causes, since the last one is what can be mended.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(err) = cause {
            text += &format!(": {err}");
            cause = err.source();
        }
        self.record_str(field, &text);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}
