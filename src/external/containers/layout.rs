//! Where on the host the directories of a client are.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::domain::ids::ClientId;

/// Only the owner may enter.
const PRIVATE: u32 = 0o700;

/// Names a client's directories. They follow from the client's id alone, so that no other
/// directory can be named.
#[derive(Clone, Debug)]
pub struct Layout {
    data: PathBuf,
    sockets: PathBuf,
}

impl Layout {
    /// Takes the program's own data and runtime directories; the clients' lie in `clients/` in
    /// each of them.
    pub fn new(data_dir: &Path, runtime_dir: &Path) -> Self {
        Self { data: data_dir.join("clients"), sockets: runtime_dir.join("clients") }
    }

    /// Returns the directory that holds the client's own database.
    pub fn data_dir(&self, client: ClientId) -> PathBuf {
        self.data.join(client.to_string())
    }

    /// Returns the directory that holds nothing but the client's socket.
    pub fn socket_dir(&self, client: ClientId) -> PathBuf {
        self.sockets.join(client.to_string())
    }

    /// Returns the socket where the client's process finds its gateway.
    pub fn socket(&self, client: ClientId) -> PathBuf {
        self.socket_dir(client).join("gateway.sock")
    }

    /// Makes the client's socket directory if need be, closed to other users.
    ///
    /// # Errors
    ///
    /// Returns what the system refused.
    pub fn make_socket_dir(&self, client: ClientId) -> io::Result<()> {
        make_private(&self.socket_dir(client))
    }

    /// Makes the client's data directory if need be, closed to other users.
    pub(super) fn make_data_dir(&self, client: ClientId) -> io::Result<()> {
        make_private(&self.data_dir(client))
    }

    /// Deletes both directories of the client with all that is in them.
    pub(super) fn delete(&self, client: ClientId) -> io::Result<()> {
        delete_all(&self.socket_dir(client))?;
        delete_all(&self.data_dir(client))
    }

    /// Returns the clients that have a data directory, in the order of their ids.
    pub(super) fn clients(&self) -> io::Result<Vec<ClientId>> {
        let entries = match fs::read_dir(&self.data) {
            Ok(entries) => entries,
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(err) => return Err(err),
        };
        let mut clients = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            clients.extend(name.to_str().and_then(|name| name.parse::<ClientId>().ok()));
        }
        clients.sort_unstable();
        Ok(clients)
    }
}

fn make_private(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(PRIVATE).create(dir)?;
    fs::set_permissions(dir, Permissions::from_mode(PRIVATE)) // It may be older than this rule.
}

fn delete_all(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => Err(err),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_private_and_listed() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(&dir.path().join("data"), &dir.path().join("run"));
        assert_eq!(layout.clients().unwrap(), []);
        let (first, second) = (ClientId::from_bits(1), ClientId::from_bits(2));
        for client in [second, first, first] {
            layout.make_data_dir(client).unwrap();
            layout.make_socket_dir(client).unwrap();
        }
        fs::write(dir.path().join("data/clients/lost+found"), "").unwrap();
        assert_eq!(layout.clients().unwrap(), [first, second]);
        let mode = fs::metadata(layout.data_dir(first)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, PRIVATE);

        layout.delete(first).unwrap();
        layout.delete(first).unwrap();
        assert_eq!(layout.clients().unwrap(), [second]);
        assert!(!layout.socket_dir(first).exists());
    }
}
