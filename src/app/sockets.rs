//! The sockets that a role listens on: handed over by the service manager under their names, or
//! bound as the settings say.
//!
//! Sockets that are handed over outlive this process: while it is started anew, connections wait
//! in them and none is refused.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, bail};
use listenfd::ListenFd;

use crate::http;

/// The names under which sockets are handed over.
const NAMES: [&str; 5] = ["https", "http", "local", "control", "deployer"];
/// Those of them that are sockets of this host.
const UNIX: [&str; 2] = ["control", "deployer"];

/// Sockets that were handed over; cheap to clone, and each is taken once.
#[derive(Clone, Debug, Default)]
pub struct Handed(Arc<Mutex<Vec<(String, Socket)>>>);

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Handed {
    /// Takes what the service manager has handed over to this process. Must be called before there
    /// are other threads: it changes the environment.
    ///
    /// # Errors
    ///
    /// Returns which socket has a name or is of a kind that is not known.
    #[expect(
        clippy::disallowed_methods,
        reason = "the names are no setting: they belong to the sockets"
    )]
    pub fn take() -> anyhow::Result<Self> {
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut fds = ListenFd::from_env();
        let names: Vec<_> = names.split(':').filter(|name| !name.is_empty()).collect();
        if fds.len() > 0 && names.len() != fds.len() {
            bail!("{} sockets were handed over with {} names", fds.len(), names.len());
        }
        let mut sockets = Vec::new();
        for (index, name) in names.iter().enumerate().take(fds.len()) {
            if !NAMES.contains(name) {
                bail!("a socket named {name:?} was handed over; known are {}", NAMES.join(", "));
            }
            let socket = if UNIX.contains(name) {
                fds.take_unix_listener(index).map(|it| it.map(Socket::Unix))
            } else {
                fds.take_tcp_listener(index).map(|it| it.map(Socket::Tcp))
            };
            let socket = socket.with_context(|| format!("the socket {name:?} is of no use"))?;
            sockets.extend(socket.map(|socket| ((*name).to_owned(), socket)));
        }
        Ok(Self(Arc::new(Mutex::new(sockets))))
    }

    /// Returns the listeners called `name`, or else those at `addresses`.
    ///
    /// # Errors
    ///
    /// Returns which address cannot be listened on.
    pub async fn listeners(
        &self,
        name: &str,
        addresses: &[SocketAddr],
    ) -> anyhow::Result<Vec<tokio::net::TcpListener>> {
        let handed = self.tcp(name)?;
        if !handed.is_empty() {
            tracing::info!(
                event = "socket.handed_over",
                name,
                count = handed.len(),
                "listens on sockets that the service manager holds"
            );
            return Ok(handed);
        }
        let mut bound = Vec::new();
        for address in addresses {
            bound.push(http::bind(*address).await?);
        }
        Ok(bound)
    }

    fn tcp(&self, name: &str) -> anyhow::Result<Vec<tokio::net::TcpListener>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it =
            |(its, socket): &mut (String, Socket)| its == name && matches!(socket, Socket::Tcp(_));
        let taken = all.extract_if(.., is_it).filter_map(|(_, socket)| match socket {
            Socket::Tcp(listener) => Some(listener),
            Socket::Unix(_) => None,
        });
        let ready = taken.map(|listener| {
            listener.set_nonblocking(true)?;
            tokio::net::TcpListener::from_std(listener)
        });
        ready.collect::<Result<_, _>>().with_context(|| format!("cannot use the socket {name:?}"))
    }

    /// Returns the socket of this host called `name`, if it was handed over.
    ///
    /// # Errors
    ///
    /// Returns what the system says.
    pub fn unix(&self, name: &str) -> anyhow::Result<Option<tokio::net::UnixListener>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it =
            |(its, socket): &mut (String, Socket)| its == name && matches!(socket, Socket::Unix(_));
        let Some((_, Socket::Unix(listener))) = all.extract_if(.., is_it).next() else {
            return Ok(None);
        };
        let ready = listener.set_nonblocking(true);
        let ready = ready.and_then(|()| tokio::net::UnixListener::from_std(listener));
        ready.map(Some).with_context(|| format!("cannot use the socket {name:?}"))
    }
}
