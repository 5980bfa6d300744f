//! What is wrong with the settings, told so that it can be mended.

use std::fmt;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::excerpt::{Excerpt, veil};
use super::raw::Origin;
use crate::domain::scrub::scrub;

/// All that is wrong with the settings, one line each.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct Problems(Vec<Problem>);

/// One thing that is wrong. It never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it was written; `None` if it is missing.
    origin: Option<Origin>,
    /// Which key it is; `None` if the text around it cannot be read.
    key: Option<String>,
    /// What was written, if it may be seen.
    value: Option<String>,
    /// What is wrong and what would be right.
    wrong: String,
    /// The line itself, where it cannot be read.
    excerpt: Option<Excerpt>,
}

impl Problem {
    /// Makes the problem that a file, a variable or a credential cannot be used.
    pub(super) fn with_source(origin: Origin, wrong: impl Into<String>) -> Self {
        let wrong = scrub(&wrong.into()).into();
        Self { origin: Some(origin), key: None, value: None, wrong, excerpt: None }
    }

    /// Makes the problem that `key` should be there and is not, or does not go with another.
    pub(super) fn with_key(key: &str, origin: Option<Origin>, wrong: impl Into<String>) -> Self {
        let (key, wrong) = (Some(veil(key)), scrub(&wrong.into()).into());
        Self { origin, key, value: None, wrong, excerpt: None }
    }

    /// Makes the problem that `key` cannot be `value`.
    pub(super) fn with_value(key: &str, origin: Origin, value: &str, wrong: &str) -> Self {
        // What is wrong may repeat the value, or a part of it.
        let (value, wrong) = (Some(veil(value)), veil(wrong));
        Self { value, ..Self::with_key(key, Some(origin), wrong) }
    }

    /// Shows the line as well.
    pub(super) fn with_excerpt(self, excerpt: Excerpt) -> Self {
        Self { excerpt: Some(excerpt), ..self }
    }

    /// Returns which key it is.
    pub(super) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Returns where it stands among others: the main file, the other files, the environment, and
    /// last what is missing.
    fn place(&self, main: Option<&Path>) -> (u8, &Path, usize) {
        let none = Path::new("");
        let file = |path| u8::from(Some(path) != main);
        match &self.origin {
            Some(Origin::Line(path, line)) => (file(path), path, *line),
            Some(Origin::File(path)) => (file(path), path, 0),
            Some(Origin::Variable(name)) => (2, Path::new(name), 0),
            Some(Origin::Credential(name)) => (3, Path::new(name), 0),
            Some(Origin::Default) | None => (4, none, 0),
        }
    }

    fn as_json(&self) -> Json {
        let (file, line) = match &self.origin {
            Some(Origin::Line(path, line)) => (Some(path.to_string_lossy()), Some(line)),
            Some(Origin::File(path)) => (Some(path.to_string_lossy()), None),
            Some(Origin::Variable(_) | Origin::Credential(_) | Origin::Default) | None => {
                (None, None)
            }
        };
        json!({
            "origin": self.origin.as_ref().map(ToString::to_string),
            "file": file,
            "line": line,
            "key": self.key,
            "value": self.value,
            "message": self.wrong,
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(f, "{origin}: ")?;
        }
        match (&self.key, &self.value) {
            (Some(key), Some(value)) => write!(f, "{key} = {value}: ")?,
            (Some(key), None) => write!(f, "{key}: ")?,
            (None, _) => {}
        }
        f.write_str(&self.wrong)?;
        self.excerpt.as_ref().map_or(Ok(()), |excerpt| excerpt.fmt(f))
    }
}

impl Problems {
    pub(super) fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Returns the problems: the main file's from its first line to its last, then the other
    /// files', the environment's, and what is missing.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// Tells what is wrong with `key`, a line each.
    pub fn about(&self, key: &str) -> Vec<String> {
        let about = self.0.iter().filter(|problem| problem.key() == Some(key));
        about.map(ToString::to_string).collect()
    }

    /// Puts the problems in the order in which a person mends them.
    pub(super) fn sort(&mut self, main: Option<&Path>) {
        self.0.sort_by(|a, b| a.place(main).cmp(&b.place(main)));
    }

    /// Returns those about a key that begins in one of these ways.
    pub(super) fn only(self, beginnings: &[&str]) -> Self {
        let is_about = |problem: &Problem| {
            problem.key().is_some_and(|key| beginnings.iter().any(|it| key.starts_with(it)))
        };
        Self(self.0.into_iter().filter(is_about).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Returns the problems for programs: where each is, what was written, and what is wrong with it.
pub fn problems_as_json(problems: &Problems) -> Json {
    let listed: Vec<_> = problems.iter().map(Problem::as_json).collect();
    json!({ "fine": problems.is_empty(), "problems": listed })
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}
