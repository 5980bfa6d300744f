//! Settings as they were written, before anyone asks what they mean.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::scrub::scrub;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: it is the default.
    Default,
    /// In a file, on a line counted from 1.
    Line(Arc<Path>, usize),
    /// In a file as a whole.
    File(PathBuf),
    /// In an environment variable.
    Variable(String),
    /// In a systemd credential of this name.
    Credential(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Line(path, line) => write!(f, "{}:{line}", path.display()),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Credential(name) => write!(f, "credential {name}"),
        }
    }
}

/// A written value and where it stands.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) raw: Raw,
    pub(super) origin: Origin,
    /// Which layer of sources it comes from; a higher one goes before a lower one.
    pub(super) layer: usize,
}

/// A value as it was written. It may hold a secret, so it has no `Debug`.
#[derive(Clone)]
pub(super) enum Raw {
    /// A text in quotes.
    Text(String),
    /// A text from the environment, which means whatever its key does.
    Written(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    List(Vec<Node>),
    Table(BTreeMap<String, Node>),
    /// A date, or a number beyond all bounds.
    Other(String),
}

/// Settings by their full name, such as `server.domain`.
pub(super) type Values = BTreeMap<String, Node>;

/// The source of one piece of TOML.
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) layer: usize,
    pub(super) origin: &'a dyn Fn(usize) -> Origin,
}

impl Source<'_> {
    /// Puts what `table` holds into `values` under `prefix`, over what was there.
    pub(super) fn flatten(&self, table: DeTable<'_>, prefix: &str, values: &mut Values) {
        for (key, value) in table {
            let path = join(prefix, key.get_ref());
            match value {
                value if value.get_ref().as_table().is_some_and(|table| !table.is_empty()) => {
                    if let DeValue::Table(table) = value.into_inner() {
                        self.flatten(table, &path, values);
                    }
                }
                value => {
                    values.insert(path, self.node(key.span().start, value));
                }
            }
        }
    }

    /// Takes a value that is written at byte `at`.
    fn node(&self, at: usize, value: Spanned<DeValue<'_>>) -> Node {
        let origin = (self.origin)(self.line(at));
        Node { raw: self.raw(value.into_inner()), origin, layer: self.layer }
    }

    fn raw(&self, value: DeValue<'_>) -> Raw {
        match value {
            DeValue::String(text) => Raw::Text(text.into_owned()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| Raw::Other(number.to_string()), Raw::Integer),
            DeValue::Float(number) => {
                number.as_str().parse().map_or_else(|_| Raw::Other(number.to_string()), Raw::Float)
            }
            DeValue::Boolean(flag) => Raw::Boolean(flag),
            DeValue::Datetime(date) => Raw::Other(date.to_string()),
            DeValue::Array(items) => {
                let item = |item: Spanned<_>| self.node(item.span().start, item);
                Raw::List(items.into_iter().map(item).collect())
            }
            DeValue::Table(table) => {
                let mut inner = Values::new();
                self.flatten(table, "", &mut inner);
                Raw::Table(inner)
            }
        }
    }

    /// Returns the line, counted from 1, that holds the byte at `at`.
    pub(super) fn line(&self, at: usize) -> usize {
        self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
    }
}

/// Returns `prefix.key`; a key that is no plain word stands in quotes.
fn join(prefix: &str, key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let quoted = key.is_empty() || !key.chars().all(plain);
    let key = if quoted { format!("{key:?}") } else { key.to_owned() };
    if prefix.is_empty() { key } else { format!("{prefix}.{key}") }
}

impl Raw {
    /// Returns the value as text, if it may be one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Written(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the value as a whole number, if it may be one.
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Written(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Returns the items of a list; the environment writes it as TOML or with commas between.
    pub(super) fn list(&self) -> Option<Vec<Node>> {
        match self {
            Self::List(items) => Some(items.clone()),
            Self::Written(text) if text.trim_start().starts_with('[') => {
                let source = Source { text, layer: 0, origin: &|_| Origin::Default };
                match source.raw(DeValue::parse(text.trim()).ok()?.into_inner()) {
                    Self::List(items) => Some(items),
                    _ => None,
                }
            }
            Self::Written(text) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                let raw = |item: &str| Self::Written(item.to_owned());
                Some(
                    items
                        .map(|i| Node { raw: raw(i), origin: Origin::Default, layer: 0 })
                        .collect(),
                )
            }
            _ => None,
        }
    }

    /// Tells whether nothing is written: an empty text stands for a setting that is not set.
    pub(super) fn is_blank(&self) -> bool {
        self.text().is_some_and(|text| text.trim().is_empty())
    }

    /// Returns the value for people to see, cut if it is long.
    pub(super) fn shown(&self) -> String {
        const LONGEST: usize = 80;
        let text = match self {
            Self::Text(text) | Self::Written(text) => Json::from(text.as_str()).to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => format!("{number:?}"),
            Self::Boolean(flag) => flag.to_string(),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(|item| item.raw.shown()).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Table(_) => "{..}".to_owned(),
            Self::Other(text) => text.clone(),
        };
        // A secret that is cut no longer looks like one: mask first.
        let text = scrub(&text);
        if text.chars().count() > LONGEST {
            text.chars().take(LONGEST).chain("..".chars()).collect()
        } else {
            text.into_owned()
        }
    }
}
