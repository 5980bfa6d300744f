//! The way to the deployer: one connection for each request.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::RuntimeError;
use crate::deployer::frame::{self, FrameError};
use crate::deployer::protocol::{Answer, Greeting, Request, VERSION, Verb};

/// Requests on their way at the same time; the deployer takes some more.
const AT_ONCE: usize = 16;
/// How long the deployer may take to greet.
const GREETS_WITHIN: Duration = Duration::from_secs(10);
/// How long it may take to do what is asked: a stop of ten seconds, an image, a busy engine.
const ANSWERS_WITHIN: Duration = Duration::from_mins(5);

/// Where the deployer listens.
#[derive(Debug)]
pub(super) struct Line {
    socket: PathBuf,
    room: Semaphore,
}

impl Line {
    pub(super) fn new(socket: PathBuf) -> Self {
        Self { socket, room: Semaphore::new(AT_ONCE) }
    }

    /// Has the deployer do what the verb says, and returns how it ended.
    pub(super) async fn ask(&self, verb: Verb) -> Result<Answer, RuntimeError> {
        let Ok(_place) = self.room.acquire().await else { return Err(RuntimeError::Closed) };
        let mut stream =
            UnixStream::connect(&self.socket).await.map_err(|err| self.no_deployer(err))?;
        let greeting: Greeting = self.frame(&mut stream, GREETS_WITHIN).await?;
        if greeting.version != VERSION {
            return Err(RuntimeError::OtherRelease);
        }
        let request = Request { version: VERSION, session: greeting.session, number: 0, verb };
        frame::write(&mut stream, &request).await.map_err(|err| self.broken(err))?;
        self.frame(&mut stream, ANSWERS_WITHIN).await
    }

    async fn frame<T: serde::de::DeserializeOwned + serde::Serialize>(
        &self,
        stream: &mut UnixStream,
        within: Duration,
    ) -> Result<T, RuntimeError> {
        let read = timeout(within, frame::read(stream)).await;
        let read = read.map_err(|_| self.no_deployer(io::ErrorKind::TimedOut.into()))?;
        let body = read.map_err(|err| self.broken(err))?;
        let body = body.ok_or_else(|| self.no_deployer(io::ErrorKind::UnexpectedEof.into()))?;
        frame::decoded(&body).map_err(|err| self.broken(err))
    }

    fn broken(&self, err: FrameError) -> RuntimeError {
        match err {
            FrameError::Io(err) => self.no_deployer(err),
            FrameError::Size(_) | FrameError::Malformed => RuntimeError::OtherRelease,
        }
    }

    fn no_deployer(&self, source: io::Error) -> RuntimeError {
        RuntimeError::NoDeployer { socket: self.socket.clone(), source }
    }
}
