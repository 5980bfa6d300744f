//! What setup writes: each file whole or not at all, and only if it changes.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};

use super::gather::Secrets;
use super::place::Place;
use crate::config::KeptSettings;
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
/// All lies on disk before the first takes its place, so that only a few renames, one after the
/// other, can be cut apart; the secrets go first.
///
/// # Errors
///
/// Returns what cannot be written; a second run finishes.
pub(super) fn write(place: &Place, text: &str, secrets: &Secrets) -> anyhow::Result<String> {
    make_dir(&place.credentials, SECRETS_DIR_MODE)?;
    if let Some(dir) = place.file.parent() {
        make_dir(dir, 0o755)?;
    }
    let mut files = Vec::new();
    for (key, secret) in secrets {
        let text = format!("{}\n", secret.expose_secret());
        files.push(Ready::of(place.credentials.join(key), &text, SECRET_MODE, None)?);
    }
    let group = group().filter(|_| place.is_usual());
    files.push(Ready::of(place.file.clone(), text, SETTINGS_MODE, group)?);
    let mut told = String::new();
    for file in &files {
        file.take_place().with_context(|| format!("cannot write {}", file.path.display()))?;
        let what = if file.new.is_some() { "wrote" } else { "unchanged" };
        told.push_str(&format!("{what:<10} {}\n", file.path.display()));
    }
    for dir in [Some(place.credentials.as_path()), place.file.parent()].into_iter().flatten() {
        let kept = fs::File::open(dir).and_then(|dir| dir.sync_all());
        kept.with_context(|| format!("cannot keep {}", dir.display()))?;
    }
    Ok(told)
}

/// What became of a file that a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Fate {
    /// It was written.
    Written,
    /// It is there, as the backup has it.
    Unchanged,
    /// Another one is there, and stays.
    Left,
}

/// Writes the settings of a backup, the secrets first, as [`write()`] does. A file that is there, sets
/// something and differs stays, unless it is to be replaced.
///
/// # Errors
///
/// Returns what cannot be written; a second run finishes.
pub(in crate::cli) fn put_back(
    place: &Place,
    kept: &KeptSettings,
    replace: bool,
) -> anyhow::Result<Vec<(PathBuf, Fate)>> {
    make_dir(&place.credentials, SECRETS_DIR_MODE)?;
    let more = place.file.parent().map_or_else(PathBuf::new, Path::to_owned);
    make_dir(&more, 0o755)?;
    let group = group().filter(|_| place.is_usual());
    let mut ready = Vec::new();
    for (key, secret) in kept.secrets() {
        let text = format!("{}\n", secret.expose_secret());
        ready.push((place.credentials.join(key), text, SECRET_MODE, None));
    }
    for (name, text) in kept.files() {
        ready.push((place.path(name), text.to_owned(), SETTINGS_MODE, group));
    }
    let mut fates = Vec::new();
    for (path, text, mode, group) in ready {
        let there = fs::read_to_string(&path);
        let fate = match there {
            Ok(there) if there == text => Fate::Unchanged,
            Ok(there) if mode == SETTINGS_MODE && says_nothing(&there) => Fate::Written,
            Err(err) if err.kind() == io::ErrorKind::NotFound => Fate::Written,
            _ if replace => Fate::Written,
            _ => Fate::Left,
        };
        if fate == Fate::Written {
            let file = Ready::of(path.clone(), &text, mode, group)?;
            file.take_place().with_context(|| format!("cannot write {}", path.display()))?;
        }
        fates.push((path, fate));
    }
    for dir in [&place.credentials, &more] {
        let kept = fs::File::open(dir).and_then(|dir| dir.sync_all());
        kept.with_context(|| format!("cannot keep {}", dir.display()))?;
    }
    Ok(fates)
}

/// Tells whether a file of settings sets nothing, as the package's own.
fn says_nothing(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#'))
}

/// A file that is as it should be, or whose new text lies ready beside it.
struct Ready {
    path: PathBuf,
    new: Option<PathBuf>,
}

impl Ready {
    fn of(path: PathBuf, text: &str, mode: u32, group: Option<u32>) -> anyhow::Result<Self> {
        let there = fs::symlink_metadata(&path).ok().is_some_and(|it| {
            let owned = group.is_none_or(|group| it.gid() == group);
            it.is_file() && it.permissions().mode() & 0o777 == mode && owned
        });
        if there && fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return Ok(Self { path, new: None });
        }
        // Readers of both directories pass over names that they do not know.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let new = path.with_file_name(format!(".{name}.new"));
        prepare(&new, text, mode, group)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path, new: Some(new) })
    }

    fn take_place(&self) -> io::Result<()> {
        self.new.as_ref().map_or(Ok(()), |new| fs::rename(new, &self.path))
    }
}

fn prepare(new: &Path, text: &str, mode: u32, group: Option<u32>) -> io::Result<()> {
    match fs::remove_file(new) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(new)?;
    file.write_all(text.as_bytes())?;
    chown(new, None, group)?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.sync_all()
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
        let put = |text| {
            let ready = Ready::of(path.clone(), text, 0o600, None).unwrap();
            ready.take_place().unwrap();
            ready.new.is_some()
        };
        assert_eq!([put("one"), put("one")], [true, false]);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(put("one"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(put("two"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left over");
    }
}
