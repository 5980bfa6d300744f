//! Takes settings out of what was written, one key at a time, and remembers what went wrong.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use secrecy::SecretString;
use serde_json::Value as Json;

use super::nearest::{Advice, advise};
use super::problem::{Problem, Problems};
use super::raw::{Node, Origin, Raw, Values};
use super::setting::Setting;
use super::sources::{Sources, Staged, credentials, variable};

/// One key, the value in force and where that was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    /// The full name, such as `server.domain`.
    pub key: String,
    /// The value; a secret is masked.
    pub value: Json,
    /// Where it was written, for people to read.
    pub origin: String,
}

/// Takes settings out of what was written. What is left at the end is a mistake.
pub(super) struct Reader {
    pub(super) values: Values,
    pub(super) credentials: Option<PathBuf>,
    /// Credentials that are still to be written.
    pub(super) staged: BTreeMap<String, SecretString>,
    pub(super) problems: Problems,
    /// The main file.
    main: Option<PathBuf>,
    /// Whether a file's form is broken, so that a missing key is no news.
    broken: bool,
    /// The keys asked for, and where each was written.
    known: BTreeMap<String, Option<Origin>>,
    effective: Vec<Effective>,
    /// The keys of secrets.
    pub(super) secrets: Vec<String>,
    /// The variables that begin as ours do and are no settings.
    strangers: Vec<String>,
}

impl Reader {
    /// Reads `sources` as they are written, with what is staged in its place.
    pub(super) fn new(sources: &Sources, staged: &Staged) -> Self {
        let mut problems = Problems::default();
        let values = sources.read(staged, &mut problems);
        let broken = !problems.is_empty();
        let (known, effective) = (BTreeMap::new(), Vec::new());
        Self {
            values,
            credentials: sources.credentials.clone(),
            staged: staged.credentials.clone(),
            problems,
            main: sources.file.clone(),
            broken,
            known,
            effective,
            secrets: Vec::new(),
            strangers: sources.strangers(),
        }
    }

    /// Takes `key`; it is `default` if it is not written, or wrong.
    pub(super) fn value<T: Setting>(&mut self, key: &str, default: T) -> T {
        self.value_with(key, default, T::read)
    }

    /// Takes `key` and reads it with `read`; it is `default` if it is not written, or wrong.
    pub(super) fn value_with<T: Setting>(
        &mut self,
        key: &str,
        default: T,
        read: impl Fn(&Raw) -> Result<T, String>,
    ) -> T {
        self.parsed(key, read).unwrap_or_else(|| {
            self.found(key, default.show(), &Origin::Default);
            default
        })
    }

    /// Takes `key`, which may be left out or blank.
    pub(super) fn optional<T: Setting>(&mut self, key: &str) -> Option<T> {
        self.optional_with(key, T::read)
    }

    /// Takes `key`, which may be left out or blank, and reads it with `read`.
    pub(super) fn optional_with<T: Setting>(
        &mut self,
        key: &str,
        read: impl Fn(&Raw) -> Result<T, String>,
    ) -> Option<T> {
        if self.values.get(key).is_some_and(|node| node.raw.is_blank()) {
            self.take(key);
            self.absent(key);
            return None;
        }
        let value = self.parsed(key, read);
        if value.is_none() {
            self.absent(key);
        }
        value
    }

    /// Takes `key`, which must be there, in a table that begins at `table`.
    pub(super) fn required<T: Setting>(&mut self, key: &str, table: &Origin) -> Option<T> {
        let value = self.parsed(key, T::read);
        if value.is_none() {
            self.known.entry(key.to_owned()).or_default().get_or_insert_with(|| table.clone());
            self.complain(key, "missing");
        }
        value
    }

    /// Takes a whole number from `range`.
    pub(super) fn number<T>(&mut self, key: &str, default: T, range: RangeInclusive<T>) -> T
    where
        T: Setting + PartialOrd + std::fmt::Display,
    {
        let expected = format!("expected a whole number from {} to {}", range.start(), range.end());
        let within = |raw: &Raw| {
            T::read(raw).ok().filter(|number| range.contains(number)).ok_or(expected.clone())
        };
        self.value_with(key, default, within)
    }

    /// Takes `key` if it is written; a wrong value is a problem and nothing.
    fn parsed<T: Setting>(
        &mut self,
        key: &str,
        read: impl Fn(&Raw) -> Result<T, String>,
    ) -> Option<T> {
        let node = self.take(key)?;
        match read(&node.raw) {
            Ok(value) => {
                self.found(key, value.show(), &node.origin);
                Some(value)
            }
            Err(wrong) => {
                let shown = node.raw.shown();
                self.problems.push(Problem::with_value(key, node.origin, &shown, &wrong));
                None
            }
        }
    }

    /// Takes what was written at `key`, and remembers that there is such a key.
    pub(super) fn take(&mut self, key: &str) -> Option<Node> {
        let node = self.values.remove(key);
        self.known.insert(key.to_owned(), node.as_ref().map(|node| node.origin.clone()));
        node
    }

    /// Remembers that `key` was written at `origin`, in whatever way.
    pub(super) fn written_at(&mut self, key: &str, origin: &Origin) {
        self.known.insert(key.to_owned(), Some(origin.clone()));
    }

    /// Remembers the value in force; the first one told for a key counts.
    pub(super) fn found(&mut self, key: &str, value: Json, origin: &impl ToString) {
        if self.effective.iter().all(|effective| effective.key != key) {
            let (key, origin) = (key.to_owned(), origin.to_string());
            self.effective.push(Effective { key, value, origin });
        }
    }

    /// Remembers that `key` is not set, or blank where it was written.
    pub(super) fn absent(&mut self, key: &str) {
        let written = self.known.get(key).cloned().flatten();
        self.found(key, "".into(), &written.unwrap_or(Origin::Default));
    }

    /// Tells that `key` is missing or does not go with another, unless something is known to be
    /// wrong with it.
    pub(super) fn complain(&mut self, key: &str, wrong: impl Into<String>) {
        if !self.is_wrong(key) && !self.broken {
            let origin = self.known.get(key).cloned().flatten();
            self.problems.push(Problem::with_key(key, origin, wrong));
        }
    }

    /// Tells whether something is known to be wrong with `key`.
    pub(super) fn is_wrong(&self, key: &str) -> bool {
        let file = format!("{key}_file");
        let about = |known: &str| known == key || known == file;
        self.problems.iter().any(|problem| problem.key().is_some_and(about))
    }

    /// Takes a list of tables apart, so that `key[1].name` and so on can be taken; returns where
    /// each begins if the list is written.
    pub(super) fn tables(&mut self, key: &str) -> Option<Vec<Origin>> {
        let node = self.take(key)?;
        let items = node.raw.list().unwrap_or_default();
        let is_table = |item: &Node| matches!(item.raw, Raw::Table(_));
        if !matches!(node.raw, Raw::List(_) | Raw::Written(_)) || !items.iter().all(is_table) {
            let wrong = format!("expected a list of tables, each under [[{key}]]");
            let shown = node.raw.shown();
            self.problems.push(Problem::with_value(key, node.origin, &shown, &wrong));
            return None;
        }
        Some((1..).zip(items).map(|(place, item)| self.table(key, place, item, &node)).collect())
    }

    /// Takes the table `key[place]` apart and returns where it begins.
    fn table(&mut self, key: &str, place: usize, item: Node, list: &Node) -> Origin {
        // A list from the environment has no lines.
        let origin = |origin| if origin == Origin::Default { list.origin.clone() } else { origin };
        if let Raw::Table(table) = item.raw {
            for (name, node) in table {
                let node = Node { origin: origin(node.origin), layer: list.layer, ..node };
                self.values.insert(format!("{key}[{place}].{name}"), node);
            }
        }
        origin(item.origin)
    }

    /// Returns the values in force.
    ///
    /// # Errors
    ///
    /// Returns all problems, among them each key that nobody has taken.
    pub(super) fn finish(mut self) -> Result<Vec<Effective>, Problems> {
        self.find_near_misses();
        for (key, node) in std::mem::take(&mut self.values) {
            let section = format!("{key}.");
            let is_section = self.known.keys().any(|known| known.starts_with(&section));
            match node.raw {
                Raw::Table(table) if table.is_empty() && is_section => {}
                _ if is_section => {
                    let wrong = format!("this is a section: write [{key}] and its keys below");
                    self.problems.push(Problem::with_key(&key, Some(node.origin), wrong));
                }
                _ => {
                    let wrong = self.unknown(&key, &node.origin);
                    self.problems.push(Problem::with_key(&key, Some(node.origin), wrong));
                }
            }
        }
        self.problems.sort(self.main.as_deref());
        if self.problems.is_empty() { Ok(self.effective) } else { Err(self.problems) }
    }

    /// Fails if something is wrong with `key`, and lets all else be.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with it.
    pub(super) fn only(self, key: &str) -> Result<(), Problems> {
        self.only_in(&[key])
    }

    /// As [`only`](Self::only), about all keys that begin in one of these ways.
    pub(super) fn only_in(self, beginnings: &[&str]) -> Result<(), Problems> {
        let problems = self.problems.only(beginnings);
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Tells of credentials, and of variables with one underscore where two belong, that are
    /// settings but for their spelling; any other name may be somebody else's.
    fn find_near_misses(&mut self) {
        let plain = |name: &str| name.replace(['_', '.'], "").to_ascii_lowercase();
        let spelt: BTreeMap<_, _> = self.known.keys().map(|key| (plain(key), key)).collect();
        for name in std::mem::take(&mut self.strangers) {
            let after = name.strip_prefix("SLOTBOX_").unwrap_or_default();
            if let Some(key) = spelt.get(&plain(after)) {
                let wrong = format!("this sets nothing: {key} is set by {}", variable(key));
                self.problems.push(Problem::with_source(Origin::Variable(name), wrong));
            }
        }
        for name in self.credentials.as_deref().map(credentials).unwrap_or_default() {
            let near = self.secrets.iter().find(|key| strsim::osa_distance(&name, key) <= 2);
            if let Some(key) = near.filter(|key| **key != name) {
                let wrong = format!("there is no such key; the nearest is {key}");
                self.problems.push(Problem::with_source(Origin::Credential(name), wrong));
            }
        }
    }

    /// Says that there is no `key`, and which known one was meant, or which there are.
    fn unknown(&self, key: &str, origin: &Origin) -> String {
        match (advise(key, self.known.keys().map(String::as_str)), origin) {
            (Advice::Nearest(near), Origin::Variable(_)) => {
                format!("there is no such key; the nearest is {near}, as {}", variable(near))
            }
            (Advice::Nearest(near), _) => format!("there is no such key; the nearest is {near}"),
            (Advice::Choices { section, names }, _) if section.is_empty() => {
                format!("there is no such key or section; there are {}", names.join(", "))
            }
            (Advice::Choices { section, names }, _) => {
                format!("there is no such key; {section} has {}", names.join(", "))
            }
        }
    }
}
