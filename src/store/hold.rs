//! Database files that another process may still have open.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::ops::Bound;
use std::path::Path;
use std::time::Duration;

use redb::StorageBackend as _;
use redb::backends::FileBackend;
use tokio::time::Instant;

use super::{OpenError, files};

/// How often a file that another process has open is tried.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// A database file that nobody has open, nor opens as long as this lives.
#[derive(Debug)]
pub struct Held {
    _file: FileBackend,
}

/// Waits up to `within` until nobody has the file at `path` open, and keeps it so; whether it is a
/// sound database does not matter. Returns nothing if there is no such file.
///
/// # Errors
///
/// Returns [`OpenError::AlreadyOpen`] if it is still in use then, or what the system refused.
pub async fn hold(within: Duration, path: &Path) -> Result<Option<Held>, OpenError> {
    patiently(within, || try_hold(path)).await
}

/// Tries up to `within` as long as the file is in use.
pub(super) async fn patiently<T>(
    within: Duration,
    attempt: impl Fn() -> Result<T, OpenError>,
) -> Result<T, OpenError> {
    let deadline = Instant::now() + within;
    loop {
        match attempt() {
            Err(OpenError::AlreadyOpen(_)) if Instant::now() < deadline => {
                tokio::time::sleep(AGAIN_AFTER).await;
            }
            done => return done,
        }
    }
}

fn try_hold(path: &Path) -> Result<Option<Held>, OpenError> {
    let refused = |source| OpenError::Io { path: path.to_owned(), source };
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(None),
        Err(err) => return Err(refused(err)),
    };
    let file = FileBackend::new(file).map_err(|err| files::explain(path, err))?;
    match file.try_lock_range(Bound::Unbounded, Bound::Unbounded) {
        Ok(true) => Ok(Some(Held { _file: file })),
        Ok(false) => Err(OpenError::AlreadyOpen(path.to_owned())),
        Err(err) => Err(refused(io::Error::from(err))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use crate::store::disk::OPTIONS;

    #[tokio::test]
    async fn a_file_is_held_by_one_and_opened_by_nobody_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.redb");
        let soon = Duration::from_millis(120);
        assert!(hold(soon, &path).await.unwrap().is_none());
        let store = Store::open(&path, OPTIONS).unwrap();
        let in_use = hold(soon, &path).await.unwrap_err();
        assert!(matches!(in_use, OpenError::AlreadyOpen(_)), "{in_use:?}");
        let (held, ()) = tokio::join!(hold(Duration::from_secs(10), &path), async {
            tokio::time::sleep(soon).await;
            store.close();
        });
        let held = held.unwrap().unwrap();
        let refused = Store::open(&path, OPTIONS).map(drop);
        assert!(matches!(refused, Err(OpenError::AlreadyOpen(_))), "{refused:?}");
        assert!(matches!(hold(soon, &path).await, Err(OpenError::AlreadyOpen(_))));
        drop(held);
        Store::open(&path, OPTIONS).unwrap().close();

        std::fs::write(&path, "no database").unwrap();
        assert!(hold(soon, &path).await.unwrap().is_some());
    }
}
