//! What setup is told: what stands, then the file of answers, then the options, then a person.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, bail};
use secrecy::SecretString;

use super::Setup;
use super::place::Place;
use super::question;
use crate::cli::ask;
use crate::config::{Answers, SECRETS};
use crate::external::engines::FoundEngine;

/// The largest file of answers or settings.
const LONGEST: u64 = 1 << 20;

/// Secrets that are to be written, by the settings' names.
pub(super) type Secrets = BTreeMap<String, SecretString>;

/// What setup was told.
pub(super) struct Gathered {
    pub(super) answers: Answers,
    /// What other files of settings say; it stays theirs.
    pub(super) standing: Answers,
    pub(super) secrets: Secrets,
}

/// Gathers what stands and what is said over it.
pub(super) fn gather(
    setup: &Setup,
    place: &Place,
    engines: &[FoundEngine],
) -> anyhow::Result<Gathered> {
    let known = place.file.exists();
    let answers = if known { read(&place.file)? } else { Answers::default() };
    let standing = standing(place)?;
    let mut gathered = Gathered { answers, standing, secrets: Secrets::new() };
    if let Some(file) = &setup.answers {
        gathered.take_file(file)?;
    }
    let given = gathered.take_options(setup)?;
    let silent = setup.yes || setup.answers.is_some() || (known && given);
    if !silent && io::stdin().is_terminal() {
        question::ask_all(&mut gathered, setup, place, engines)?;
    } else if !known && !given && setup.answers.is_none() && !setup.yes {
        bail!(
            "nobody can be asked here: give --answers FILE, or options; see slotbox setup --help"
        );
    }
    if gathered.text("runtime.kind").is_none() {
        gathered.answers.set("runtime.kind", usual_runtime(engines));
    }
    Ok(gathered)
}

/// Returns what clients' bots run in, if nobody says.
pub(super) fn usual_runtime(engines: &[FoundEngine]) -> &'static str {
    if engines.iter().any(|engine| engine.name == "Docker") { "docker" } else { "process" }
}

/// Reads what stands in the main file and beside setup's own.
fn standing(place: &Place) -> anyhow::Result<Answers> {
    let beside = place.file.parent().and_then(|dir| fs::read_dir(dir).ok());
    let beside = beside.into_iter().flatten().flatten().map(|entry| entry.path());
    let mut beside: Vec<_> = beside
        .filter(|path| *path != place.file && path.extension().is_some_and(|end| end == "toml"))
        .collect();
    beside.sort();
    let main = place.sources.file.iter().filter(|main| main.exists()).cloned();
    let mut standing = Answers::default();
    for path in main.chain(beside) {
        standing.overlay(read(&path)?);
    }
    Ok(standing)
}

fn read(path: &Path) -> anyhow::Result<Answers> {
    let mut text = String::new();
    let read = File::open(path).and_then(|it| it.take(LONGEST).read_to_string(&mut text));
    read.with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Answers::parse(&text, path)?)
}

impl Gathered {
    /// Returns what is in force at `key`, as far as files say.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.answers.text(key).or_else(|| self.standing.text(key))
    }

    /// Tells whether a secret is there already.
    pub(super) fn has_secret(&self, key: &str, place: &Place) -> bool {
        let file = format!("{key}_file");
        place.credentials.join(key).exists()
            || self.text(key).is_some()
            || self.text(&file).is_some()
    }

    /// Takes the file of answers: secrets in it, or in files that it names, go to the credentials.
    fn take_file(&mut self, path: &Path) -> anyhow::Result<()> {
        let mut answers = read(path)?;
        for key in SECRETS {
            if let Some(secret) = answers.take(key) {
                must_be_private(path)?;
                self.secrets.insert(key.to_owned(), secret.trim().into());
            }
            if let Some(file) = answers.take(&format!("{key}_file")) {
                let secret = ask::secret(ask::Secret::File(Path::new(&file)), "", "")?;
                self.secrets.insert(key.to_owned(), secret);
            }
        }
        self.answers.overlay(answers);
        Ok(())
    }

    /// Takes the options, and tells whether there were any.
    fn take_options(&mut self, setup: &Setup) -> anyhow::Result<bool> {
        let mut given = false;
        let texts = [
            ("server.domain", &setup.domain),
            ("tls.mode", &setup.tls),
            ("tls.contact", &setup.contact),
            ("yookassa.shop_id", &setup.shop),
            ("server.support", &setup.support),
            ("runtime.kind", &setup.runtime),
            ("server.locale", &setup.locale),
            ("server.timezone", &setup.timezone),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                self.answers.set(key, text);
                given = true;
            }
        }
        let files = [
            ("telegram.master_token", &setup.master_token_file),
            ("telegram.sales_token", &setup.sales_token_file),
            ("telegram.proxy", &setup.proxy_file),
            ("yookassa.secret_key", &setup.shop_key_file),
        ];
        for (key, file) in files {
            if let Some(file) = file {
                let secret = ask::secret(ask::Secret::File(file), "", "")?;
                self.secrets.insert(key.to_owned(), secret);
                given = true;
            }
        }
        if !setup.operators.is_empty() {
            self.answers.set_numbers("telegram.operators", &setup.operators);
            given = true;
        }
        Ok(given || setup.operator_link)
    }
}

fn must_be_private(path: &Path) -> anyhow::Result<()> {
    let mode = fs::metadata(path).map_or(0o777, |file| file.permissions().mode());
    if mode & 0o077 != 0 {
        bail!(
            "{} holds a secret and can be read by others: chmod 600 {0}, or name the secret's own \
             file (KEY_file)",
            path.display()
        );
    }
    Ok(())
}
