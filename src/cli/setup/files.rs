//! What setup writes: each file whole or not at all, and only if it changes.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::Path;

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};

use super::gather::Secrets;
use super::place::Place;
use crate::random;

/// How the file of settings begins.
pub(super) const HEADING: &str = "\
# Written by \"slotbox setup\", which keeps what stands here and changes what it is asked to.
# Your own settings belong into slotbox.toml or another file of conf.d; comments here are lost.
";

/// The group of `serve` and of the deployer, which both read the settings.
const GROUP: &str = "slotbox";
const SETTINGS_MODE: u32 = 0o640;
const SECRET_MODE: u32 = 0o600;
const SECRETS_DIR_MODE: u32 = 0o700;

/// Returns a key to the API that nobody can guess.
pub(super) fn new_token() -> anyhow::Result<SecretString> {
    let bytes: [u8; 32] = random::bytes()?;
    let hex = bytes.map(|byte| format!("{byte:02x}"));
    Ok(hex.concat().into())
}

/// Writes the settings and the secrets, and tells what has changed.
///
/// Secrets come first: settings that need one must not lie there without it.
///
/// # Errors
///
/// Returns what cannot be written; what was written before it stays, and a second run finishes.
pub(super) fn write(place: &Place, text: &str, secrets: &Secrets) -> anyhow::Result<String> {
    let mut told = String::new();
    make_dir(&place.credentials, SECRETS_DIR_MODE)?;
    for (key, secret) in secrets {
        let path = place.credentials.join(key);
        let text = format!("{}\n", secret.expose_secret());
        tell(&mut told, &path, put(&path, &text, SECRET_MODE, None)?);
    }
    if let Some(dir) = place.file.parent() {
        make_dir(dir, 0o755)?;
    }
    let changed = put(&place.file, text, SETTINGS_MODE, group().filter(|_| place.is_usual()))?;
    tell(&mut told, &place.file, changed);
    Ok(told)
}

fn tell(told: &mut String, path: &Path, change: Change) {
    let what = match change {
        Change::Written => "wrote",
        Change::None => "unchanged",
    };
    told.push_str(&format!("{what:<10} {}\n", path.display()));
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Written,
    None,
}

fn put(path: &Path, text: &str, mode: u32, group: Option<u32>) -> anyhow::Result<Change> {
    let there = fs::symlink_metadata(path).ok().is_some_and(|it| {
        let owned = group.is_none_or(|group| it.gid() == group);
        it.is_file() && it.permissions().mode() & 0o777 == mode && owned
    });
    if there && fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(Change::None);
    }
    replace(path, text, mode, group).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Change::Written)
}

fn replace(path: &Path, text: &str, mode: u32, group: Option<u32>) -> io::Result<()> {
    // Readers of both directories pass over names that they do not know.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = path.with_file_name(format!(".{name}.new"));
    fs::remove_file(&new).or_else(|err| match err.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(err),
    })?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    chown(&new, None, group)?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    path.parent().map_or(Ok(()), |dir| fs::File::open(dir)?.sync_all())
}

fn make_dir(path: &Path, mode: u32) -> anyhow::Result<()> {
    let there = DirBuilder::new().recursive(true).mode(mode).create(path);
    there.with_context(|| format!("cannot make the directory {}", path.display()))?;
    if mode == SECRETS_DIR_MODE {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .with_context(|| format!("cannot keep {} private", path.display()))?;
    }
    Ok(())
}

/// Returns the number of the services' group.
fn group() -> Option<u32> {
    let groups = fs::read_to_string("/etc/group").ok()?;
    groups.lines().find_map(|line| {
        let mut parts = line.split(':');
        (parts.next()? == GROUP).then(|| parts.nth(1)?.parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_only_if_it_changes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("api.token");
        fs::write(dir.path().join(".api.token.new"), "left by a crash").unwrap();
        assert_eq!(put(&path, "one", 0o600, None).unwrap(), Change::Written);
        assert_eq!(put(&path, "one", 0o600, None).unwrap(), Change::None);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(put(&path, "one", 0o600, None).unwrap(), Change::Written);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(put(&path, "two", 0o600, None).unwrap(), Change::Written);
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left over");
    }
}
