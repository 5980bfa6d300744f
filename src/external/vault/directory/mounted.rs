//! Tells a mounted disk from the empty directory that it is mounted on.

use std::fs;
use std::io;
use std::path::Path;

use ring::rand::{SecureRandom as _, SystemRandom};

use super::{PlaceError, write};
use crate::external::vault::keys::hex;

/// The file that a place is known by.
const MARK: &str = "vault.id";

/// Makes sure that the directory is there, and is a place that was used before, if one was: its
/// mark stands in it, and in `memory`, which lies elsewhere, that there is one.
pub(super) fn check(root: &Path, memory: Option<&Path>) -> Result<(), PlaceError> {
    let failed = |err: io::Error| PlaceError::of_system(&root.display().to_string(), &err);
    match fs::metadata(root) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Err(absent(root)),
        Err(err) => return Err(failed(err)),
        Ok(_) => {}
    }
    let mark = root.join(MARK);
    let known = format!("{}\n", root.display());
    let remembered =
        memory.is_some_and(|file| fs::read_to_string(file).is_ok_and(|it| it == known));
    if !mark.exists() {
        if let (true, Some(memory)) = (remembered, memory) {
            return Err(forgotten(root, memory));
        }
        let mut number = [0; 16];
        SystemRandom::new().fill(&mut number).map_err(|_| no_random())?;
        write(&mark, format!("{}\n", hex(&number)).as_bytes()).map_err(failed)?;
    }
    if let (false, Some(memory)) = (remembered, memory) {
        let failed = |err: io::Error| PlaceError::of_system(&memory.display().to_string(), &err);
        if let Some(parent) = memory.parent() {
            super::make(parent).map_err(failed)?;
        }
        write(memory, known.as_bytes()).map_err(failed)?;
    }
    Ok(())
}

/// Returns the error of a directory that is not there.
pub(super) fn absent(root: &Path) -> PlaceError {
    PlaceError::Absent(format!(
        "{root} is not there; mount its disk, or make it and give it to the user that slotbox \
         serve runs as",
        root = root.display()
    ))
}

fn forgotten(root: &Path, memory: &Path) -> PlaceError {
    PlaceError::Absent(format!(
        "{root} held backups, and none of them is there: is its disk mounted? If it was emptied on \
         purpose, delete {memory}",
        root = root.display(),
        memory = memory.display()
    ))
}

fn no_random() -> PlaceError {
    PlaceError::Other("the system gave no random bytes".to_owned())
}
