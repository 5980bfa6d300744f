//! A directory that keeps backups: of this host, or of a disk that is mounted.

mod mounted;

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::{Listed, Place, PlaceError};

/// How long the file system may take for one file.
const WITHIN: Duration = Duration::from_mins(2);
/// What the name of a file ends with that is not whole.
const UNFINISHED: &str = ".part";
/// A file that is not whole after so long is of a process that was cut off.
const LEFT_BEHIND_AFTER: Duration = Duration::from_hours(1);

/// A directory; its files are this user's alone (0600, directories 0700).
#[derive(Clone, Debug)]
pub struct Directory {
    root: PathBuf,
    base: Base,
    /// The folders in which this process has looked for what was left behind, and made what is
    /// missing.
    prepared: Arc<Mutex<BTreeSet<String>>>,
    /// How many files were written.
    written: Arc<AtomicU64>,
}

/// What the directory stands on.
#[derive(Clone, Debug)]
enum Base {
    /// It is ours, and made if it is not there.
    Ours,
    /// It is an operator's, such as the mount point of a disk; the file tells which place it was.
    Mounted { memory: Option<PathBuf> },
}

impl Directory {
    /// Makes the place of a directory of our own, which is made when something is put into it.
    pub fn ours(root: PathBuf) -> Self {
        Self::new(root, Base::Ours)
    }

    /// Makes the place of a directory that the operator has made: it is missing if it is not there.
    pub fn of_operator(root: PathBuf) -> Self {
        Self::new(root, Base::Mounted { memory: None })
    }

    /// Has the place remembered in a file elsewhere on this host, so that an empty mount point is
    /// not taken for it.
    #[must_use]
    pub fn remembered_in(self, file: PathBuf) -> Self {
        let base = match self.base {
            Base::Ours => Base::Ours,
            Base::Mounted { .. } => Base::Mounted { memory: Some(file) },
        };
        Self { base, ..self }
    }

    fn new(root: PathBuf, base: Base) -> Self {
        Self { root, base, prepared: Arc::default(), written: Arc::default() }
    }

    /// Runs `work` beside the runtime; a file system that hangs does not hold its caller.
    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, PlaceError> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, PlaceError>> {
        let this = self.clone();
        async move {
            let shown = this.show();
            let work = tokio::task::spawn_blocking(move || work(&this));
            match tokio::time::timeout(WITHIN, work).await {
                Ok(Ok(done)) => done,
                Ok(Err(_)) => Err(PlaceError::Other(format!("{shown}: the work panicked"))),
                Err(_) => Err(PlaceError::Unreachable(format!(
                    "{shown} does not answer; is the network or the disk behind it gone?"
                ))),
            }
        }
        .boxed()
    }

    fn put_now(&self, name: &str, bytes: &[u8]) -> Result<(), PlaceError> {
        let path = self.path(name)?;
        self.prepare(name)?;
        let failed = |err: io::Error| PlaceError::of_system(&self.show(), &err);
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let unfinished = unfinished(&path, number);
        let written = write(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, &path));
        if let Err(err) = written {
            fs::remove_file(&unfinished).ok(); // What stays is deleted when it is old.
            return Err(failed(err));
        }
        let folder = path.parent().unwrap_or(&self.root);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    /// Makes the folder that `name` lies in, once, and deletes what was left behind in it.
    fn prepare(&self, name: &str) -> Result<(), PlaceError> {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |err: io::Error| PlaceError::of_system(&self.show(), &err);
        let path = self.root.join(folder);
        if prepared.contains(folder) && path.is_dir() {
            return Ok(());
        }
        match &self.base {
            Base::Ours => make(&self.root).map_err(failed)?,
            Base::Mounted { memory } => mounted::check(&self.root, memory.as_deref())?,
        }
        make(&path).map_err(failed)?;
        for entry in fs::read_dir(&path).map_err(failed)?.flatten() {
            if is_left_behind(&entry) {
                fs::remove_file(entry.path()).ok(); // Nothing but room is lost.
            }
        }
        prepared.insert(folder.to_owned());
        Ok(())
    }

    fn list_now(&self, folder: &str) -> Result<Vec<Listed>, PlaceError> {
        let failed = |err: io::Error| PlaceError::of_system(&self.show(), &err);
        let entries = match fs::read_dir(self.path(folder)?) {
            Ok(entries) => entries,
            Err(err) if err.kind() == io::ErrorKind::NotFound => {
                return self.check_is_there().map(|()| Vec::new());
            }
            Err(err) => return Err(failed(err)),
        };
        let mut listed = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let found = match entry.metadata() {
                Ok(found) if found.is_file() && !name.ends_with(UNFINISHED) => found,
                Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(failed(err)),
                _ => continue,
            };
            listed.push(Listed { name: format!("{folder}/{name}"), bytes: found.len() });
        }
        Ok(listed)
    }

    fn check_is_there(&self) -> Result<(), PlaceError> {
        match (&self.base, fs::metadata(&self.root)) {
            (_, Ok(found)) if found.is_dir() => Ok(()),
            (Base::Ours, Err(err)) if err.kind() == io::ErrorKind::NotFound => Ok(()),
            (_, Err(err)) if err.kind() == io::ErrorKind::NotFound => {
                Err(mounted::absent(&self.root))
            }
            (_, Ok(_)) => Err(PlaceError::Absent(format!("{} is no directory", self.show()))),
            (_, Err(err)) => Err(PlaceError::of_system(&self.show(), &err)),
        }
    }

    /// Returns where `name` lies, which is never outside the directory.
    fn path(&self, name: &str) -> Result<PathBuf, PlaceError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let part =
            |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(plain);
        if name.split('/').all(part) {
            Ok(self.root.join(name))
        } else {
            Err(PlaceError::Other(format!("{name:?} is no name that a place can keep")))
        }
    }
}

impl Place for Directory {
    fn put(&self, name: &str, bytes: Bytes) -> BoxFuture<'_, Result<(), PlaceError>> {
        let name = name.to_owned();
        self.run(move |this| this.put_now(&name, &bytes))
    }

    fn get(&self, name: &str) -> BoxFuture<'_, Result<Bytes, PlaceError>> {
        let name = name.to_owned();
        self.run(move |this| match fs::read(this.path(&name)?) {
            Ok(bytes) => Ok(Bytes::from(bytes)),
            Err(err) => {
                this.check_is_there()?;
                Err(PlaceError::of_system(&this.show(), &err))
            }
        })
    }

    fn list(&self, folder: &str) -> BoxFuture<'_, Result<Vec<Listed>, PlaceError>> {
        let folder = folder.to_owned();
        self.run(move |this| this.list_now(&folder))
    }

    fn delete(&self, name: &str) -> BoxFuture<'_, Result<(), PlaceError>> {
        let name = name.to_owned();
        self.run(move |this| match fs::remove_file(this.path(&name)?) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => {
                Err(PlaceError::of_system(&this.show(), &err))
            }
            _ => Ok(()),
        })
    }

    fn show(&self) -> String {
        self.root.display().to_string()
    }
}

fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    match path.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Returns where a file lies until it is whole: no two writers share one.
fn unfinished(path: &Path, number: u64) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{number}{UNFINISHED}", std::process::id()));
    path.with_file_name(name)
}

fn is_left_behind(entry: &fs::DirEntry) -> bool {
    let name = entry.file_name();
    let age = entry.metadata().and_then(|it| it.modified()).ok().and_then(|at| at.elapsed().ok());
    name.to_string_lossy().ends_with(UNFINISHED) && age.is_some_and(|age| age > LEFT_BEHIND_AFTER)
}

#[cfg(test)]
mod tests;
