//! Secrets: written in place, in a file of their own, or handed over by systemd.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::problem::Problem;
use super::raw::{Node, Origin, Raw};
use super::reader::Reader;
use super::setting::Setting;
use super::sources::{CREDENTIAL_LAYER, credential, read_text, variable};
use crate::domain::scrub::MASK;

/// A secret's text and where it was found.
struct Found {
    text: String,
    origin: Origin,
    /// Where it was found, in full.
    told: String,
    layer: usize,
}

impl Reader {
    /// Takes a secret, which may be given in one of three ways; `read` says what is wrong with
    /// it and never repeats it.
    pub(super) fn secret<T>(
        &mut self,
        key: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.secrets.push(key.to_owned());
        let Some(found) = self.find_secret(key) else {
            self.absent(key);
            return None;
        };
        self.written_at(key, &found.origin);
        match read(&found.text) {
            Ok(value) => {
                self.found(key, MASK.into(), &found.told);
                Some(value)
            }
            Err(wrong) => {
                self.problems.push(Problem::with_value(key, found.origin, MASK, &wrong));
                None
            }
        }
    }

    /// Says that the secret `key` is missing, and how it can be given.
    pub(super) fn complain_of_no_secret(&mut self, key: &str, needed: &str) {
        let wrong = format!(
            "missing: {needed}; give it as {key} (or {} in the environment), as a file's path in \
             {key}_file, or as a systemd credential named {key}",
            variable(key)
        );
        self.complain(key, wrong);
    }

    /// Returns the secret from the highest layer that has it.
    fn find_secret(&mut self, key: &str) -> Option<Found> {
        let written = self.take(key).and_then(|node| self.written(key, node));
        let named = self.take(&format!("{key}_file")).and_then(|node| self.named(key, node));
        let handed = self.handed(key);
        let mut ways: Vec<_> = [written, named, handed].into_iter().flatten().collect();
        ways.sort_by_key(|way| way.layer);
        let best = ways.pop()?;
        if ways.last().is_some_and(|other| other.layer == best.layer) {
            let wrong = format!("given twice; keep either {key} or {key}_file");
            self.problems.push(Problem::with_key(key, Some(best.origin.clone()), wrong));
        }
        Some(best)
    }

    /// Returns the text of the secret from the highest layer, unless it is written in a file of settings
    /// itself.
    pub(super) fn secret_apart(&mut self, key: &str) -> Option<String> {
        let in_file = |node: &Node| matches!(node.origin, Origin::Line(..) | Origin::File(_));
        let written = self.take(key).filter(|node| !in_file(node));
        let written = written.and_then(|node| self.written(key, node));
        let named = self.take(&format!("{key}_file")).and_then(|node| self.named(key, node));
        let handed = self.handed(key);
        let ways = [written, named, handed].into_iter().flatten();
        ways.max_by_key(|way| way.layer).map(|way| way.text)
    }

    fn written(&mut self, key: &str, node: Node) -> Option<Found> {
        match node.raw {
            Raw::Text(text) | Raw::Written(text) => {
                let told = node.origin.to_string();
                filled(Found { text, origin: node.origin, told, layer: node.layer })
            }
            _ => {
                let wrong = "expected a text in quotes".to_owned();
                self.problems.push(Problem::with_value(key, node.origin, MASK, &wrong));
                None
            }
        }
    }

    /// Reads the file that `key_file` names.
    fn named(&mut self, key: &str, node: Node) -> Option<Found> {
        if node.raw.is_blank() {
            return None;
        }
        let path = match PathBuf::read(&node.raw) {
            Ok(path) => path,
            Err(wrong) => {
                // What stands here may be the secret itself.
                let key = format!("{key}_file");
                self.problems.push(Problem::with_value(&key, node.origin, MASK, &wrong));
                return None;
            }
        };
        let told = format!("{}, in {}", node.origin, path.display());
        let found = Found { text: String::new(), origin: node.origin, told, layer: node.layer };
        self.filled_from(&path, &format!("{key}_file"), found)
    }

    /// Reads the credential that systemd hands over.
    fn handed(&mut self, key: &str) -> Option<Found> {
        if let Some(staged) = self.staged.get(key) {
            let origin = Origin::Credential(key.to_owned());
            let (told, text) = (origin.to_string(), staged.expose_secret().to_owned());
            return filled(Found { text, origin, told, layer: CREDENTIAL_LAYER });
        }
        let path = credential(self.credentials.as_ref()?, key);
        if !path.exists() {
            return None;
        }
        let origin = Origin::Credential(key.to_owned());
        let told = origin.to_string();
        let found = Found { text: String::new(), origin, told, layer: CREDENTIAL_LAYER };
        self.filled_from(&path, key, found)
    }

    fn filled_from(&mut self, path: &Path, key: &str, found: Found) -> Option<Found> {
        match read_text(path) {
            Ok(text) if text.trim().is_empty() => {
                let wrong = format!("{} is empty", path.display());
                self.problems.push(Problem::with_key(key, Some(found.origin), wrong));
                None
            }
            Ok(text) => Some(Found { text: text.trim().to_owned(), ..found }),
            Err(err) => {
                let wrong = format!("{} cannot be read: {err}", path.display());
                self.problems.push(Problem::with_key(key, Some(found.origin), wrong));
                None
            }
        }
    }
}

/// Returns what is found unless it is blank.
fn filled(found: Found) -> Option<Found> {
    let text = found.text.trim().to_owned();
    (!text.is_empty()).then_some(Found { text, ..found })
}

/// Reads any secret of visible ASCII.
pub(super) fn visible(text: &str) -> Result<SecretString, String> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.into())
    } else {
        Err("expected letters, digits and signs of ASCII without spaces".to_owned())
    }
}

/// Pieces of what guides and sample files put in a token's place, without signs between words.
const PLACEHOLDERS: [&str; 12] = [
    "changeme",
    "changethis",
    "pleasechange",
    "replace",
    "placeholder",
    "insert",
    "goeshere",
    "yourtoken",
    "yourapi",
    "yourmaster",
    "yourown",
    "yoursecret",
];

/// Tells whether this stands in a guide where a token should.
pub(super) fn is_placeholder(text: &str) -> bool {
    let letters = text.bytes().filter(u8::is_ascii_alphanumeric);
    let plain: String = letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    PLACEHOLDERS.iter().any(|piece| plain.contains(piece))
}

/// Tells whether a text is made of so few letters that nobody can have drawn them by lot.
pub(super) fn is_monotonous(text: &str) -> bool {
    const FEWEST: usize = 8;
    text.bytes().collect::<std::collections::BTreeSet<_>>().len() < FEWEST
}
