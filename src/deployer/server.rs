//! The deployer's socket: who may connect, how many at a time, and for how long.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Containers;
use super::peer::User;
use super::session::{End, converse};

/// Connections at the same time; one more is closed at once.
const CONNECTIONS: usize = 32;
/// How long work in hand may take to end at a stop.
const DRAIN_WITHIN: Duration = Duration::from_secs(20);

/// The socket, ready to be served. One that was bound here is taken away when this ends.
#[derive(Debug)]
pub struct Door {
    listener: UnixListener,
    bound: Option<PathBuf>,
    user: User,
}

impl Door {
    /// Listens on `path`, for `user` and root alone.
    ///
    /// # Errors
    ///
    /// Returns what the system refused.
    pub fn bind(path: &Path, user: User) -> io::Result<Self> {
        match fs::remove_file(path) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, Permissions::from_mode(0o660))?;
        if let Some(gid) = user.gid
            && let Err(err) = chown(path, None, Some(gid))
        {
            tracing::warn!(event = "deployer.group_denied", error = %err,
                "the group of serve's user cannot be let in: this user must be a member of it");
        }
        Ok(Self { listener, bound: Some(path.to_owned()), user })
    }

    /// Takes a socket that the service manager holds, and answers `user` and root alone.
    pub const fn handed_over(listener: UnixListener, user: User) -> Self {
        Self { listener, bound: None, user }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(path) = &self.bound {
            fs::remove_file(path).ok(); // The next one to bind replaces it.
        }
    }
}

/// Serves the socket until `stop`, and then ends the work in hand.
pub async fn serve(door: Door, containers: Arc<Containers>, stop: CancellationToken) {
    let (room, talks) = (Arc::new(Semaphore::new(CONNECTIONS)), TaskTracker::new());
    loop {
        let accepted = tokio::select! {
            accepted = door.listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(err) => {
                tracing::warn!(event = "deployer.accept_failed", error = %err, "cannot accept");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        let Some(uid) = admitted(&stream, door.user) else { continue };
        let Ok(place) = room.clone().try_acquire_owned() else {
            tracing::warn!(event = "deployer.crowded", uid, "too many connections; one was closed");
            continue;
        };
        let containers = containers.clone();
        talks.spawn(async move {
            talk(stream, uid, containers).await;
            drop(place);
        });
    }
    talks.close();
    if timeout(DRAIN_WITHIN, talks.wait()).await.is_err() {
        tracing::warn!(event = "deployer.left", "some work was not ended; it can be repeated");
    }
}

/// Returns the user that speaks, if it may.
fn admitted(stream: &UnixStream, user: User) -> Option<u32> {
    match stream.peer_cred() {
        Ok(peer) if user.admits(peer.uid()) => Some(peer.uid()),
        Ok(peer) => {
            tracing::warn!(
                event = "deployer.stranger",
                uid = peer.uid(),
                pid = peer.pid(),
                "a user that may not speak here was turned away"
            );
            None
        }
        Err(err) => {
            tracing::warn!(event = "deployer.accept_failed", error = %err, "cannot tell who it is");
            None
        }
    }
}

async fn talk(stream: UnixStream, uid: u32, containers: Arc<Containers>) {
    let mut session = [0; 16];
    if SystemRandom::new().fill(&mut session).is_err() {
        return; // Without it an old request could be told from a new one no more.
    }
    let perform = |verb| {
        let containers = containers.clone();
        async move { containers.perform(verb).await }
    };
    match converse(stream, session, perform).await {
        Ok(()) => {}
        Err(End::Frame(super::frame::FrameError::Io(_)) | End::Slow) => tracing::debug!(
            event = "deployer.broke_off",
            uid,
            "a connection broke off or was silent for too long"
        ),
        Err(end) => tracing::warn!(event = "deployer.refused_frame", uid, error = %end,
            "something was sent that is no request; the connection was closed"),
    }
}
