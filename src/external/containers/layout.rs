//! Where on the host the directories of a client are.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::domain::ids::ClientId;
use crate::domain::uid;

/// Only the owner may enter.
const PRIVATE: u32 = 0o700;
/// The group may pass through: the deployer's user looks what it mounts.
const PASSABLE: u32 = 0o710;
/// Any user may pass through, who has it mounted; only the owner may make or see files.
const MOUNTED: u32 = 0o711;
/// The database's file in the client's data directory.
pub const DATABASE: &str = "client.redb";
/// The archived data, in the client's directory of the archive.
const DATA: &str = "data";

/// Names a client's directories. They follow from the client's id alone, so that no other
/// directory can be named.
#[derive(Clone, Debug)]
pub struct Layout {
    data: PathBuf,
    sockets: PathBuf,
    archive: PathBuf,
    seeds: PathBuf,
    tenants: Tenants,
}

/// Who opens the clients' sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tenants {
    /// Processes of this user.
    Processes,
    /// Containers, each with a user of its own, that have their socket's directory mounted.
    Containers,
}

/// Who may connect to a client's socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketAccess {
    /// The socket's permissions. They are not all that counts: nobody gets to it who cannot pass
    /// through the runtime directory or has its directory mounted.
    pub mode: u32,
    /// The one user that may speak on it, beside this process's own.
    pub user: Option<u32>,
}

impl Layout {
    /// Takes the program's own data and runtime directories; the clients' lie in `clients/` in
    /// each of them, what is archived in `archive/` and the seeds in `seeds/` in the first.
    pub fn new(data_dir: &Path, runtime_dir: &Path) -> Self {
        Self {
            data: data_dir.join("clients"),
            sockets: runtime_dir.join("clients"),
            archive: data_dir.join("archive"),
            seeds: data_dir.join("seeds"),
            tenants: Tenants::Processes,
        }
    }

    /// Has the sockets opened to the clients' containers.
    #[must_use]
    pub fn for_containers(self) -> Self {
        Self { tenants: Tenants::Containers, ..self }
    }

    /// Tells who may connect to the client's socket.
    pub const fn access(&self, client: ClientId) -> SocketAccess {
        match self.tenants {
            Tenants::Processes => SocketAccess { mode: 0o600, user: None },
            Tenants::Containers => SocketAccess { mode: 0o666, user: Some(uid::of(client)) },
        }
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

    /// Makes the client's socket directory if need be, closed to other users but for the client's
    /// container, which has it mounted.
    ///
    /// # Errors
    ///
    /// Returns what the system refused.
    pub fn make_socket_dir(&self, client: ClientId) -> io::Result<()> {
        match self.tenants {
            Tenants::Processes => make_private(&self.socket_dir(client)),
            Tenants::Containers => {
                make(&self.sockets, PASSABLE)?;
                if let Some(runtime_dir) = self.sockets.parent() {
                    fs::set_permissions(runtime_dir, Permissions::from_mode(PASSABLE))?;
                }
                make(&self.socket_dir(client), MOUNTED)
            }
        }
    }

    /// Makes the client's data directory if need be, closed to other users.
    pub(super) fn make_data_dir(&self, client: ClientId) -> io::Result<()> {
        make_private(&self.data_dir(client))
    }

    /// Returns the directory that holds all that is archived of the client.
    pub fn archive_dir(&self, client: ClientId) -> PathBuf {
        self.archive.join(client.to_string())
    }

    /// Returns the directory of the seeds: databases that clients' bots are to begin with.
    pub fn seeds_dir(&self) -> &Path {
        &self.seeds
    }

    /// Returns where the client's seed lies, if it has one.
    pub fn seed(&self, client: ClientId) -> PathBuf {
        self.seeds.join(format!("{client}.redb"))
    }

    /// Returns where the client's seed is written before it has its name.
    pub fn unfinished_seed(&self, client: ClientId) -> PathBuf {
        self.seeds.join(format!("{client}.part"))
    }

    /// Moves the client's data to the archive, in one step that a crash cannot halve: at each
    /// moment the data is in one place. Nothing of the client may run.
    ///
    /// There is nothing to do if there is no data. Data is never put over other data.
    pub(super) fn archive(&self, client: ClientId) -> io::Result<()> {
        delete_all(&self.socket_dir(client))?;
        let (from, into) = (self.data_dir(client), self.archive_dir(client));
        if !from.try_exists()? {
            return Ok(());
        }
        make_private(&self.archive)?;
        make_private(&into)?;
        move_dir(&from, &into.join(DATA))
    }

    /// Moves the client's data back from the archive, if it is there and no other data is in its
    /// place.
    pub(super) fn take_back(&self, client: ClientId) -> io::Result<()> {
        let (from, into) = (self.archive_dir(client).join(DATA), self.data_dir(client));
        if into.try_exists()? || !from.try_exists()? {
            return Ok(());
        }
        make_private(&self.data)?;
        move_dir(&from, &into)
    }

    /// Deletes all directories of the client with all that is in them, and its seed.
    pub(super) fn delete(&self, client: ClientId) -> io::Result<()> {
        delete_file(&self.seed(client))?;
        delete_file(&self.unfinished_seed(client))?;
        delete_all(&self.socket_dir(client))?;
        delete_all(&self.archive_dir(client))?;
        delete_all(&self.data_dir(client))
    }

    /// Returns the client's database, in its place or archived, if there is one.
    ///
    /// # Errors
    ///
    /// Returns what the system refused.
    pub fn database(&self, client: ClientId) -> io::Result<Option<PathBuf>> {
        for directory in self.directories(client) {
            let file = directory.join(DATABASE);
            if file.try_exists()? {
                return Ok(Some(file));
            }
        }
        Ok(None)
    }

    /// Deletes what is left beside a database that has been taken away from here.
    ///
    /// # Errors
    ///
    /// Returns what the system refused.
    pub fn clear(&self, client: ClientId, database: &Path) -> io::Result<()> {
        for directory in self.directories(client) {
            if database.parent() == Some(&directory) {
                delete_all(&directory)?;
            }
        }
        fs::remove_dir(self.archive_dir(client)).ok(); // Unless there is more in it.
        Ok(())
    }

    /// Moves databases that do not count any more into the client's archive, under this name, and
    /// tells whether there was one. They go with the client.
    ///
    /// # Errors
    ///
    /// Returns what the system refused.
    pub fn set_aside(&self, client: ClientId, name: &str) -> io::Result<bool> {
        let mut was_there = false;
        for (number, directory) in self.directories(client).iter().enumerate() {
            if !directory.join(DATABASE).try_exists()? {
                continue;
            }
            let into = self.archive_dir(client);
            make_private(&self.archive)?;
            make_private(&into)?;
            move_dir(directory, &into.join(format!("{name}-{number}")))?;
            was_there = true;
        }
        Ok(was_there)
    }

    fn directories(&self, client: ClientId) -> [PathBuf; 2] {
        [self.data_dir(client), self.archive_dir(client).join(DATA)]
    }

    /// Deletes the client's socket directory with all that is in it.
    pub(super) fn delete_socket_dir(&self, client: ClientId) -> io::Result<()> {
        delete_all(&self.socket_dir(client))
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
    make(dir, PRIVATE)
}

fn make(dir: &Path, mode: u32) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(mode).create(dir)?;
    fs::set_permissions(dir, Permissions::from_mode(mode)) // It may be older than this rule.
}

/// Renames a directory, and returns when that is on disk.
fn move_dir(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    for changed in [to.parent(), from.parent()].into_iter().flatten() {
        fs::File::open(changed)?.sync_all()?;
    }
    Ok(())
}

fn delete_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => Err(err),
        _ => Ok(()),
    }
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

        fs::create_dir(layout.seeds_dir()).unwrap();
        for file in [layout.seed(first), layout.unfinished_seed(first), layout.seed(second)] {
            fs::write(file, "bookings").unwrap();
        }
        layout.delete(first).unwrap();
        layout.delete(first).unwrap();
        assert!(!layout.seed(first).exists() && !layout.unfinished_seed(first).exists());
        assert!(layout.seed(second).exists());
        assert_eq!(layout.clients().unwrap(), [second]);
        assert!(!layout.socket_dir(first).exists());
    }

    #[test]
    fn data_is_in_one_place_whatever_is_repeated() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(&dir.path().join("data"), &dir.path().join("run"));
        let client = ClientId::from_bits(1);
        let file = || layout.data_dir(client).join("client.redb");
        layout.archive(client).unwrap();
        layout.take_back(client).unwrap();
        assert!(!layout.archive_dir(client).exists());

        layout.make_data_dir(client).unwrap();
        fs::write(file(), "bookings").unwrap();
        layout.archive(client).unwrap();
        layout.archive(client).unwrap();
        assert!(!layout.data_dir(client).exists());
        let mode = fs::metadata(layout.archive_dir(client)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, PRIVATE);
        layout.take_back(client).unwrap();
        layout.take_back(client).unwrap();
        assert_eq!(fs::read_to_string(file()).unwrap(), "bookings");

        layout.archive(client).unwrap();
        layout.make_data_dir(client).unwrap();
        fs::write(file(), "others").unwrap();
        layout.take_back(client).unwrap();
        layout.archive(client).unwrap_err();
        assert_eq!(fs::read_to_string(file()).unwrap(), "others");
        layout.delete(client).unwrap();
        assert!(!layout.archive_dir(client).exists());
    }
}
