//! What was taken out comes to its place.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, chown};
use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::Timestamp;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::key_of::{Instead, KeyFate, KeyPlan};
use super::{ARCHIVE, CLIENTS, DATABASE, STAGING, Sound, client};
use crate::app::key;
use crate::config::Sources;

/// What the data directory holds that stays where it is.
const STAYS: [&str; 3] = ["backups", "lost+found", STAGING];
/// What the names of directories begin with that hold what was moved aside.
const ASIDE: &str = "replaced-";
/// Where clients' databases wait for their bots, in the data directory.
const SEEDS: &str = "seeds";
/// The user of the package's services.
const USER: &str = "slotbox";

/// What was put in place.
pub(super) struct Placed {
    pub(super) sound: Sound,
    pub(super) key: KeyFate,
    pub(super) aside: Option<PathBuf>,
}

/// Whose the files shall be; nobody's in particular unless root is at work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner(Option<(u32, u32)>);

impl Owner {
    /// Finds who the data directory belongs to, or is to.
    pub(super) fn of(data_dir: &Path) -> anyhow::Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self(None));
        }
        match fs::metadata(data_dir) {
            Ok(found) => Ok(Self(Some((found.uid(), found.gid())))),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(Self(user(USER))),
            Err(err) => Err(err).context(format!("cannot look at {}", data_dir.display())),
        }
    }

    fn take_only(self, path: &Path) -> io::Result<()> {
        match self {
            Self(Some((user, group))) => chown(path, Some(user), Some(group)),
            Self(None) => Ok(()),
        }
    }

    /// Gives a directory away with all that is in it.
    fn take(self, path: &Path) -> io::Result<()> {
        self.take_only(path)?;
        if path.symlink_metadata()?.is_dir() {
            for entry in fs::read_dir(path)? {
                self.take(&entry?.path())?;
            }
        }
        Ok(())
    }
}

/// Puts in place what was found sound; the database comes last.
pub(super) fn put(
    sound: Sound,
    data_dir: &Path,
    sources: &Sources,
    owner: Owner,
    now: Timestamp,
) -> anyhow::Result<Placed> {
    let shown = data_dir.display();
    let ready = sort(&sound.staging).and_then(|()| owner.take(&sound.staging));
    ready.context("cannot prepare what was taken out")?;
    let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let aside = move_aside(data_dir, &stamp, owner);
    let aside = aside.with_context(|| format!("cannot put aside what is in {shown}"))?;
    let put = || -> io::Result<()> {
        for name in [SEEDS, ARCHIVE] {
            let from = sound.staging.join(name);
            if from.exists() {
                fs::rename(from, data_dir.join(name))?;
            }
        }
        File::open(data_dir)?.sync_all()
    };
    put().with_context(|| format!("cannot put the clients' data into {shown}"))?;
    let key = put_key(&sound.key, sources, owner, &stamp)?;
    let (from, to) = (sound.staging.join("files").join(DATABASE), data_dir.join(DATABASE));
    // A serve that was started meanwhile has made one: it is not written over.
    let renamed = renameat_with(CWD, &from, CWD, &to, RenameFlags::NOREPLACE);
    renamed.map_err(io::Error::from).and_then(|()| File::open(data_dir)?.sync_all()).with_context(
        || format!("cannot put the database to {}; was slotbox serve started?", to.display()),
    )?;
    owner.take_only(data_dir).with_context(|| format!("cannot give {shown} to its user"))?;
    Ok(Placed { sound, key, aside })
}

/// Lays out what was taken out as the data directory has it.
fn sort(staging: &Path) -> io::Result<()> {
    let files = staging.join("files");
    for (folder, to) in [(CLIENTS, SEEDS), (ARCHIVE, ARCHIVE)] {
        let entries = match fs::read_dir(files.join(folder)) {
            Ok(entries) => entries,
            Err(err) if err.kind() == io::ErrorKind::NotFound => continue,
            Err(err) => return Err(err),
        };
        let to = staging.join(to);
        make(&to)?;
        for entry in entries {
            let entry = entry?;
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            let Some(id) = client(&name, folder) else { continue };
            let place = if folder == ARCHIVE {
                make(&to.join(id.to_string()))?;
                to.join(id.to_string()).join("token")
            } else {
                to.join(format!("{id}.redb"))
            };
            fs::rename(entry.path(), &place)?;
            place.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())?;
        }
        File::open(&to)?.sync_all()?;
    }
    File::open(staging)?.sync_all()
}

fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Moves what is in the data directory into a new directory beside it; the database goes first, so
/// that what is there without one is known for what it is.
fn move_aside(data_dir: &Path, stamp: &str, owner: Owner) -> io::Result<Option<PathBuf>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(data_dir)? {
        let name = entry?.file_name();
        let shown = name.to_string_lossy();
        if !STAYS.contains(&&*shown) && !shown.starts_with(ASIDE) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return Ok(None);
    }
    names.sort_by_key(|name| name != DATABASE);
    let aside = data_dir.join(format!("{ASIDE}{stamp}"));
    DirBuilder::new().mode(0o700).create(&aside)?;
    owner.take_only(&aside)?;
    for name in names {
        fs::rename(data_dir.join(&name), aside.join(&name))?;
    }
    File::open(&aside)?.sync_all()?;
    File::open(data_dir)?.sync_all()?;
    Ok(Some(aside))
}

fn put_key(
    plan: &KeyPlan,
    sources: &Sources,
    owner: Owner,
    stamp: &str,
) -> anyhow::Result<KeyFate> {
    let KeyPlan::Write { key, place, instead } = plan else {
        return Ok(if *plan == KeyPlan::None { KeyFate::NotNeeded } else { KeyFate::Kept });
    };
    let failed = || format!("cannot put the sealing key to {}", place.display());
    let aside = place.with_file_name(format!("{}.{ASIDE}{stamp}", key::NAME));
    if *instead == Instead::OfAnother {
        fs::hard_link(place, &aside).with_context(failed)?;
    }
    key::write(place, key).with_context(failed)?;
    // A credential stays root's; beside the settings, the service itself reads the key.
    if !sources.credentials.as_ref().is_some_and(|dir| place.starts_with(dir)) {
        owner.take_only(place).with_context(failed)?;
    }
    Ok(match instead {
        Instead::OfNothing => KeyFate::Restored(place.clone()),
        Instead::OfAnother => KeyFate::Replaced(place.clone(), aside),
    })
}

/// Returns the ids of a user of this host.
fn user(name: &str) -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let is_it = fields.next() == Some(name);
        let (user, group) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        is_it.then_some((user, group))
    })
}
