//! Who can read what: settings, secrets, the sealing key, the data.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::finding::Finding;
use crate::config::{Config, SECRETS, Sources};

const CHECK: &str = "files";
const KEY: &str = "sealing.key";

/// Checks the files that the settings and the data lie in.
pub(super) fn check(sources: &Sources, config: Option<&Config>) -> Vec<Finding> {
    let mut wrong = Vec::new();
    if let Some(main) = &sources.file {
        settings(main, &mut wrong);
        for path in entries(&main.with_file_name("conf.d")) {
            settings(&path, &mut wrong);
        }
    }
    if let Some(dir) = &sources.credentials {
        private(dir, 0o077, "700", &mut wrong);
        for path in entries(dir) {
            private(&path, 0o077, "600", &mut wrong);
        }
    }
    let mut findings = Vec::new();
    findings.push(sealing_key(sources, config));
    if let Some(config) = config {
        let dir = &config.server.data_dir;
        match fs::metadata(dir) {
            Ok(_) => private(dir, 0o077, "700", &mut wrong),
            Err(err) if err.kind() == ErrorKind::NotFound => {}
            Err(err) => wrong.push(unseen(dir, &err)),
        }
    }
    if wrong.is_empty() {
        wrong.push(Finding::ok(CHECK, "settings, secrets and data are closed to others"));
    }
    // Root finds them if they are there.
    if sources.credentials.is_none() && !rustix::process::geteuid().is_root() {
        let why = "the credentials are not open to this user: sudo slotbox doctor";
        wrong.push(Finding::skipped(CHECK, why));
    }
    findings.extend(wrong);
    findings
}

/// A file of settings must not be changed by others, and not be read if a secret stands in it.
fn settings(path: &Path, wrong: &mut Vec<Finding>) {
    let Ok(file) = fs::metadata(path) else { return };
    let shown = path.display();
    if file.permissions().mode() & 0o022 != 0 {
        let seen = format!("{shown} can be changed by others than its owner ({})", mode(&file));
        wrong.push(Finding::fail(CHECK, seen, format!("chmod go-w {shown}")));
    } else if file.permissions().mode() & 0o004 != 0 && holds_secret(path) {
        let seen = format!("{shown} holds a secret and everybody can read it ({})", mode(&file));
        wrong.push(Finding::fail(CHECK, seen, format!("chmod o-r {shown}")));
    }
}

/// Tells whether one of the secrets is written in the file itself.
fn holds_secret(path: &Path) -> bool {
    let Ok(text) = fs::read_to_string(path) else { return false };
    crate::config::Answers::parse(&text, path)
        .is_ok_and(|answers| SECRETS.iter().any(|key| answers.text(key).is_some()))
}

fn private(path: &Path, closed: u32, right: &str, wrong: &mut Vec<Finding>) {
    match fs::metadata(path) {
        Ok(file) if file.permissions().mode() & closed != 0 => {
            let shown = path.display();
            let seen = format!("{shown} is open to others ({})", mode(&file));
            wrong.push(Finding::fail(CHECK, seen, format!("chmod {right} {shown}")));
        }
        Ok(_) => {}
        Err(err) => wrong.push(unseen(path, &err)),
    }
}

fn unseen(path: &Path, err: &std::io::Error) -> Finding {
    if err.kind() == ErrorKind::PermissionDenied {
        return Finding::skipped(CHECK, format!("{} is not open to this user", path.display()));
    }
    Finding::warn(
        CHECK,
        format!("{}: {err}", path.display()),
        "run it as root: sudo slotbox doctor",
    )
}

fn mode(file: &Metadata) -> String {
    format!("mode {:03o}, user {}", file.permissions().mode() & 0o777, file.uid())
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// Without the key, the bots' tokens in the database cannot be opened.
fn sealing_key(sources: &Sources, config: Option<&Config>) -> Finding {
    const CHECK: &str = "sealing-key";
    let beside = sources.file.as_ref().map(|main| main.with_file_name(KEY));
    let found = sources.credential(KEY).or(beside.clone().filter(|path| path.exists()));
    if let Some(path) = found {
        return match fs::metadata(&path) {
            Ok(file) if file.permissions().mode() & 0o077 != 0 => {
                let shown = path.display();
                let seen = format!("{shown} can be read by others ({})", mode(&file));
                Finding::fail(CHECK, seen, format!("chmod 600 {shown}"))
            }
            Ok(file) if file.len() != 32 => {
                let seen = format!("{} has {} bytes instead of 32", path.display(), file.len());
                Finding::fail(CHECK, seen, "put it back from where you keep it")
            }
            Ok(_) => Finding::ok(CHECK, format!("{}; keep a copy elsewhere", path.display())),
            Err(err) => Finding::skipped(CHECK, format!("{}: {err}", path.display())),
        };
    }
    let Some(config) = config else {
        return Finding::skipped(CHECK, "the settings do not tell where the data lies");
    };
    match fs::metadata(config.server.data_dir.join("slotbox.redb")) {
        Ok(_) => Finding::fail(
            CHECK,
            "there is a database and no sealing key: bots' tokens in it cannot be opened",
            "put sealing.key back from where you keep it, to /etc/slotbox/credentials/",
        ),
        Err(err) if err.kind() == ErrorKind::PermissionDenied => {
            Finding::skipped(CHECK, "it is not open to this user")
        }
        Err(_) => Finding::ok(CHECK, "none yet, and nothing sealed; the first start makes it"),
    }
}
