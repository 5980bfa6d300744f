//! Seeds: databases that the host holds for clients whose bots are to begin with them.
//!
//! A seed lies at [`Layout::seed`] until the client's bot has taken it and said so. As long as it is
//! there, it is the client's data, whatever lies elsewhere.

use std::fs::{self, DirBuilder, File, Metadata, Permissions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use super::containers::Layout;
use crate::domain::ids::ClientId;

/// A seed that is open: it stays readable, whatever becomes of its name.
#[derive(Debug)]
pub struct Seed {
    /// Tells this seed from every other, and is exact in any JSON reader.
    pub number: u64,
    /// How large it is.
    pub bytes: u64,
    /// The file, at its beginning.
    pub file: File,
}

/// What became of a seed that was to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgotten {
    /// It is gone for certain.
    Gone,
    /// There is another one in its place, which stays.
    Other,
}

/// Makes a finished database file the client's seed, and returns when that is on disk. The file is
/// not at its old place any more.
///
/// Within one file system this is one step that a crash cannot halve; from another one, the file is
/// copied first and deleted last. Nobody may have the file open.
///
/// # Errors
///
/// Returns what the system refused; [`ErrorKind::AlreadyExists`] if the client has a seed, which is
/// as it was. If the file was another file system's, it may be there still beside the seed.
pub fn place(layout: &Layout, client: ClientId, file: &Path) -> io::Result<()> {
    let directory = vacant(layout, client)?;
    settle(file)?;
    match fs::rename(file, layout.seed(client)) {
        Err(err) if err.kind() == ErrorKind::CrossesDevices => {
            copy(layout, client, file)?;
            directory.sync_all()?;
            fs::remove_file(file)?;
        }
        renamed => renamed?,
    }
    directory.sync_all()?;
    if let Some(left) = file.parent() {
        File::open(left)?.sync_all()?;
    }
    Ok(())
}

/// As [`place`], but of a copy of the file, which stays.
///
/// # Errors
///
/// As [`place`].
pub fn place_copy(layout: &Layout, client: ClientId, file: &Path) -> io::Result<()> {
    let directory = vacant(layout, client)?;
    copy(layout, client, file)?;
    directory.sync_all()
}

/// Opens the directory, and keeps others from placing or forgetting a seed as long as it is open.
fn vacant(layout: &Layout, client: ClientId) -> io::Result<File> {
    let directory = make_directory(layout)?;
    directory.lock()?;
    if layout.seed(client).try_exists()? {
        return Err(ErrorKind::AlreadyExists.into());
    }
    Ok(directory)
}

fn copy(layout: &Layout, client: ClientId, file: &Path) -> io::Result<()> {
    let unfinished = layout.unfinished_seed(client);
    fs::copy(file, &unfinished)?;
    settle(&unfinished)?;
    fs::rename(&unfinished, layout.seed(client))
}

/// Returns the number of the client's seed, if it has one.
///
/// # Errors
///
/// Returns what the system refused.
pub fn number(layout: &Layout, client: ClientId) -> io::Result<Option<u64>> {
    match fs::symlink_metadata(layout.seed(client)) {
        Ok(metadata) => Ok(Some(number_of(&metadata))),
        Err(err) if err.kind() == ErrorKind::NotFound => Ok(None),
        Err(err) => Err(err),
    }
}

/// Opens the client's seed, if it has one.
///
/// # Errors
///
/// Returns what the system refused.
pub fn open(layout: &Layout, client: ClientId) -> io::Result<Option<Seed>> {
    let file = match File::open(layout.seed(client)) {
        Ok(file) => file,
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(None),
        Err(err) => return Err(err),
    };
    let metadata = file.metadata()?;
    Ok(Some(Seed { number: number_of(&metadata), bytes: metadata.len(), file }))
}

/// Deletes the client's seed if it still has this number; a power cut cannot bring it back.
///
/// Safe to repeat: a seed that is gone already is gone.
///
/// # Errors
///
/// Returns what the system refused; try again.
pub fn forget(layout: &Layout, client: ClientId, number: u64) -> io::Result<Forgotten> {
    let directory = make_directory(layout)?;
    directory.lock()?; // No other seed is put in its place meanwhile.
    match self::number(layout, client)? {
        Some(present) if present != number => return Ok(Forgotten::Other),
        Some(_) => fs::remove_file(layout.seed(client))?,
        None => {}
    }
    directory.sync_all()?;
    Ok(Forgotten::Gone)
}

/// Makes the directory if need be, closed to other users, and opens it.
fn make_directory(layout: &Layout) -> io::Result<File> {
    let path = layout.seeds_dir();
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))?;
    if let Some(parent) = path.parent() {
        File::open(parent)?.sync_all()?;
    }
    File::open(path)
}

/// Has the file closed to other users, and on disk.
fn settle(file: &Path) -> io::Result<()> {
    fs::set_permissions(file, Permissions::from_mode(0o600))?;
    File::open(file)?.sync_all()
}

fn number_of(file: &Metadata) -> u64 {
    let mut hasher = DefaultHasher::new();
    (file.dev(), file.ino(), file.len(), file.mtime(), file.mtime_nsec()).hash(&mut hasher);
    hasher.finish() >> 11
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    const CLIENT: ClientId = ClientId::from_bits(1);
    const OTHER: ClientId = ClientId::from_bits(2);

    fn ground() -> (tempfile::TempDir, Layout) {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(&dir.path().join("data"), &dir.path().join("run"));
        (dir, layout)
    }

    fn written(dir: &Path, text: &str) -> std::path::PathBuf {
        let file = dir.join("restored.redb");
        fs::write(&file, text).unwrap();
        file
    }

    #[test]
    fn a_seed_is_private_and_there_is_one() {
        let (dir, layout) = ground();
        assert_eq!(number(&layout, CLIENT).unwrap(), None);
        assert!(open(&layout, CLIENT).unwrap().is_none());
        let file = written(dir.path(), "bookings");
        place(&layout, CLIENT, &file).unwrap();
        assert!(!file.exists());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(layout.seeds_dir()), 0o700);
        assert_eq!(mode(&layout.seed(CLIENT)), 0o600);

        let second = written(dir.path(), "others");
        let refused = place(&layout, CLIENT, &second).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
        assert!(second.exists());
        fs::write(layout.unfinished_seed(OTHER), "half").unwrap();
        assert_eq!(number(&layout, OTHER).unwrap(), None);
        let number = number(&layout, CLIENT).unwrap().unwrap();
        assert!(number < 1 << 53);
        let mut text = String::new();
        let mut seed = open(&layout, CLIENT).unwrap().unwrap();
        seed.file.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), seed.number, seed.bytes), ("bookings", number, 8));
    }

    #[test]
    fn only_the_seed_that_is_meant_is_forgotten() {
        let (dir, layout) = ground();
        assert_eq!(forget(&layout, CLIENT, 7).unwrap(), Forgotten::Gone);
        place(&layout, CLIENT, &written(dir.path(), "first")).unwrap();
        let first = number(&layout, CLIENT).unwrap().unwrap();
        assert_eq!(forget(&layout, CLIENT, first ^ 1).unwrap(), Forgotten::Other);
        assert_eq!(forget(&layout, OTHER, first).unwrap(), Forgotten::Gone);
        assert!(layout.seed(CLIENT).exists());
        assert_eq!(forget(&layout, CLIENT, first).unwrap(), Forgotten::Gone);
        assert_eq!(forget(&layout, CLIENT, first).unwrap(), Forgotten::Gone);
        assert!(!layout.seed(CLIENT).exists());
        place(&layout, CLIENT, &written(dir.path(), "first")).unwrap();
        assert_ne!(number(&layout, CLIENT).unwrap(), Some(first), "the same text, another file");
    }

    /// `/dev/shm` is a file system of its own where there is one.
    #[test]
    fn a_seed_may_come_from_another_file_system() {
        let (_dir, layout) = ground();
        let Ok(elsewhere) = tempfile::tempdir_in("/dev/shm") else { return };
        let file = written(elsewhere.path(), "bookings");
        place(&layout, CLIENT, &file).unwrap();
        assert_eq!(fs::read_to_string(layout.seed(CLIENT)).unwrap(), "bookings");
        assert!(!file.exists() && !layout.unfinished_seed(CLIENT).exists());
    }
}
