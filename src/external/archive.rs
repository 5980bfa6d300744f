//! What lies in the archive beside a client's data: its bot's token, still sealed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

use super::containers::Layout;
use crate::domain::ids::ClientId;

/// Puts the sealed token into the client's archive (mode 0600); it is on disk when this returns.
///
/// # Errors
///
/// Returns what the system refused; the one before is as it was.
pub fn put_token(layout: &Layout, client: ClientId, sealed: &[u8]) -> io::Result<()> {
    let dir = layout.archive_dir(client);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
    let unfinished = dir.join("token.new");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(sealed)?;
    file.sync_all()?;
    fs::rename(&unfinished, path(layout, client))?;
    File::open(&dir)?.sync_all()
}

/// Returns the sealed token in the client's archive, if there is one.
///
/// # Errors
///
/// Returns what the system refused.
pub fn token(layout: &Layout, client: ClientId) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path(layout, client)) {
        Ok(sealed) => Ok(Some(sealed)),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(err) => Err(err),
    }
}

/// Takes the token out of the archive, and then the client's directory if nothing is left in it.
///
/// # Errors
///
/// Returns what the system refused.
pub fn forget_token(layout: &Layout, client: ClientId) -> io::Result<()> {
    match fs::remove_file(path(layout, client)) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
        _ => {}
    }
    fs::remove_dir(layout.archive_dir(client)).ok(); // Unless the data is still in it.
    Ok(())
}

fn path(layout: &Layout, client: ClientId) -> PathBuf {
    layout.archive_dir(client).join("token")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_token_is_kept_private_and_goes_without_a_trace() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(&dir.path().join("data"), &dir.path().join("run"));
        let client = ClientId::from_bits(1);
        assert_eq!(token(&layout, client).unwrap(), None);
        put_token(&layout, client, b"older").unwrap();
        put_token(&layout, client, b"sealed").unwrap();
        assert_eq!(token(&layout, client).unwrap().unwrap(), b"sealed");
        let mode = fs::metadata(path(&layout, client)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        forget_token(&layout, client).unwrap();
        forget_token(&layout, client).unwrap();
        assert!(!layout.archive_dir(client).exists());
    }
}
