//! The control socket itself: who may open it, and who has.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;

/// The group whose members may use the command line.
const GROUP: &str = "slotbox";
/// Where the groups of this host are listed.
const GROUPS: &str = "/etc/group";
/// How long a request in hand may take once a stop is asked for.
const CLOSING: Duration = Duration::from_secs(5);

/// Who opened a connection, as the kernel knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The user's number; of nobody if the kernel does not say.
    pub uid: u32,
}

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        let uid = stream.io().peer_cred().map(|peer| peer.uid());
        Self { uid: uid.unwrap_or(u32::MAX) }
    }
}

/// The socket that is listened on; its file goes with it.
#[derive(Debug)]
pub struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
    inode: Option<u64>,
}

impl ControlSocket {
    /// Makes the socket anew; one that a dead `serve` has left is replaced. Only a process that
    /// holds the database may do this, so no living `serve` loses its socket.
    ///
    /// It and its directory are opened to the group `slotbox`, if this host has one and this
    /// process may give them to it.
    ///
    /// # Errors
    ///
    /// Returns what the system says.
    pub fn bind(path: &Path) -> io::Result<Self> {
        match fs::remove_file(path) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, Permissions::from_mode(0o660))?;
        if let (Some(group), Some(dir)) = (group(GROUP), path.parent())
            && let Err(err) = open_to(group, path, dir)
        {
            tracing::warn!(
                event = "control.group_denied", error = %err,
                "the group slotbox cannot be let in: the command line is for this user alone"
            );
        }
        let inode = fs::metadata(path).ok().map(|file| file.ino());
        Ok(Self { listener, path: path.to_owned(), inode })
    }

    /// Takes a socket that the service manager holds: its file and who may open it are not ours.
    pub fn handed_over(listener: UnixListener) -> Self {
        Self { listener, path: PathBuf::new(), inode: None }
    }
}

/// Lets the group connect, and pass through the directory without seeing what is in it.
fn open_to(group: u32, path: &Path, dir: &Path) -> io::Result<()> {
    chown(path, None, Some(group))?;
    chown(dir, None, Some(group))?;
    fs::set_permissions(dir, Permissions::from_mode(0o710))
}

/// Returns the number of a group of this host.
fn group(name: &str) -> Option<u32> {
    number_of(&fs::read_to_string(GROUPS).ok()?, name)
}

fn number_of(groups: &str, name: &str) -> Option<u32> {
    groups.lines().find_map(|line| {
        let mut parts = line.split(':');
        (parts.next()? == name).then(|| parts.nth(1)?.parse().ok()).flatten()
    })
}

/// Serves `router` on the socket until `stop`, lets the requests in hand end within 5 s, and
/// takes the socket away.
pub async fn serve_control(socket: ControlSocket, router: Router, stop: CancellationToken) {
    let ControlSocket { listener, path, inode } = socket;
    let service = router.into_make_service_with_connect_info::<Peer>();
    let server =
        axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(CLOSING).await;
    };
    tokio::select! {
        ended = server => {
            if let Err(err) = ended {
                let error = &err as &dyn std::error::Error;
                tracing::error!(event = "control.listener_failed", error, "the control socket failed");
            }
        }
        () = overdue => {}
    }
    // Another `serve` may have made its own since.
    if fs::metadata(&path).is_ok_and(|file| Some(file.ino()) == inode) {
        fs::remove_file(&path).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_found_by_its_whole_name() {
        let groups = "root:x:0:\nslotboxes:x:7:\nslotbox:x:998:ann,bob\nbad\nslot:x:nine:\n";
        assert_eq!(number_of(groups, "slotbox"), Some(998));
        assert_eq!(number_of(groups, "slot"), None);
        assert_eq!(number_of(groups, "bad"), None);
    }

    #[tokio::test]
    async fn a_socket_that_is_left_is_replaced_and_the_own_one_goes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("control.sock");
        drop(UnixListener::bind(&path).unwrap());
        let socket = ControlSocket::bind(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o660);
        let stop = CancellationToken::new();
        stop.cancel();
        serve_control(socket, Router::new(), stop).await;
        assert!(!path.exists());
    }
}
