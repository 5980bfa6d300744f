//! What is wrong with the settings, told so that it can be mended.

use std::fmt;

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
}

impl Problem {
    /// Makes the problem that a file, a variable or a credential cannot be used.
    pub(super) fn with_source(origin: Origin, wrong: impl Into<String>) -> Self {
        Self { origin: Some(origin), key: None, value: None, wrong: scrub(&wrong.into()).into() }
    }

    /// Makes the problem that `key` should be there and is not, or does not go with another.
    pub(super) fn with_key(key: &str, origin: Option<Origin>, wrong: impl Into<String>) -> Self {
        let (key, wrong) = (Some(scrub(key).into()), scrub(&wrong.into()).into());
        Self { origin, key, value: None, wrong }
    }

    /// Makes the problem that `key` cannot be `value`.
    pub(super) fn with_value(key: &str, origin: Origin, value: &str, wrong: String) -> Self {
        let value = Some(scrub(value).into());
        Self { value, ..Self::with_key(key, Some(origin), wrong) }
    }

    /// Returns which key it is.
    pub(super) fn key(&self) -> Option<&str> {
        self.key.as_deref()
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
        f.write_str(&self.wrong)
    }
}

impl Problems {
    pub(super) fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Returns the problems, the files' first.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// Returns those that are about `key`.
    pub(super) fn only(self, key: &str) -> Self {
        Self(self.0.into_iter().filter(|problem| problem.key() == Some(key)).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
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
