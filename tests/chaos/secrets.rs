//! No token and no key may lie in the clear: not in a database, not in a log.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::ensure;

/// Where in a secret the two bytes lie by which it is looked for; the first ones are often equal.
const MARK: usize = 8;

/// All that must never be seen; clones are the same.
#[derive(Clone, Default)]
pub struct Vault(Arc<Mutex<Vec<String>>>);

impl Vault {
    /// Takes a secret in. The part of a bot's token before the colon is its public number.
    pub fn add(&self, secret: &str) {
        let secret = secret.split_once(':').map_or(secret, |(_, rest)| rest);
        self.0.lock().unwrap().push(secret.to_owned());
    }

    /// Looks for every secret in every byte of every file of these places.
    pub fn check(&self, places: &[PathBuf]) -> anyhow::Result<()> {
        let secrets = self.0.lock().unwrap().clone();
        let mut found = Vec::new();
        for place in places {
            for file in files(place)? {
                let times = count(&fs::read(&file)?, &secrets);
                if times > 0 {
                    found.push(format!("{times} in {}", file.display()));
                }
            }
        }
        ensure!(found.is_empty(), "secrets in the clear: {found:#?}");
        Ok(())
    }
}

fn files(place: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !place.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let mut all = Vec::new();
    for entry in fs::read_dir(place)?.flatten() {
        let kind = entry.file_type()?;
        if kind.is_dir() || kind.is_file() {
            all.extend(files(&entry.path())?);
        }
    }
    Ok(all)
}

/// Counts the places where a secret lies.
fn count(bytes: &[u8], secrets: &[String]) -> usize {
    let mark = |text: &[u8]| usize::from(text[MARK]) << 8 | usize::from(text[MARK + 1]);
    let mut marked: Vec<Vec<&[u8]>> = vec![Vec::new(); 1 << 16];
    for secret in secrets {
        marked[mark(secret.as_bytes())].push(secret.as_bytes());
    }
    let begins = |at: &usize| {
        let rest = &bytes[*at..];
        marked[mark(rest)].iter().any(|secret| rest.starts_with(secret))
    };
    (0..bytes.len().saturating_sub(MARK + 1)).filter(begins).count()
}

#[test]
fn a_secret_is_found_wherever_it_lies() {
    let secrets = ["0123456789abcdef".to_owned(), "0123456789ABCDEF".to_owned()];
    assert_eq!(count(b"0123456789abcdef", &secrets), 1);
    assert_eq!(count(b"..0123456789abcdef..0123456789ABCDEF", &secrets), 2);
    assert_eq!(count(b"0123456789abcde", &secrets), 0);
    assert_eq!(count(b"", &secrets), 0);
}
