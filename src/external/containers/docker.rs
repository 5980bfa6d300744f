//! The clients' bots in containers, which the deployer makes: this program can name a client and a
//! verb, and nothing else.

mod line;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use self::line::Line;
use super::{Layout, Renewal, Runtime, RuntimeError, RuntimeStatus};
use crate::deployer::protocol::{
    Answer, Change, Data, MOST_LINES, Refusal, Standing, Status, Verb,
};
use crate::domain::home::Place;
use crate::domain::ids::ClientId;

/// How long an engine waits before the first restart and before any other, as it documents.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Runs each client in a container. Containers go on running when this program ends.
#[derive(Debug)]
pub struct Docker {
    line: Line,
    layout: Layout,
    closed: AtomicBool,
}

impl Docker {
    /// Asks nothing yet. The layout is that of the gateway's sockets, opened to containers.
    pub fn new(socket: PathBuf, layout: Layout) -> Self {
        Self { line: Line::new(socket), layout, closed: AtomicBool::new(false) }
    }

    /// Has the image of this release made, so that the first client need not wait for it.
    ///
    /// # Errors
    ///
    /// Returns why there is none.
    pub async fn ensure_image(&self) -> Result<(), RuntimeError> {
        match self.ask(Verb::EnsureImage).await? {
            Answer::Image(_) => Ok(()),
            _ => Err(RuntimeError::OtherRelease),
        }
    }

    /// Makes sure that the deployer and its engine answer.
    ///
    /// # Errors
    ///
    /// Returns why they do not.
    pub async fn answers(&self) -> Result<(), RuntimeError> {
        self.all().await.map(drop)
    }

    /// Removes the client's container and its volume, and nothing of what lies on the host.
    ///
    /// # Errors
    ///
    /// Returns why there may be something left.
    pub async fn remove_container(&self, client: ClientId) -> Result<(), RuntimeError> {
        self.done(Verb::Remove(client.into(), Data::Delete)).await
    }

    async fn ask(&self, verb: Verb) -> Result<Answer, RuntimeError> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(RuntimeError::Closed);
        }
        match self.line.ask(verb).await? {
            Answer::Refused(refusal) => {
                if let (Refusal::Mismatch(_), Some(client)) = (&refusal, verb.client()) {
                    tracing::error!(event = "runtime.mismatch", %client, error = %refusal,
                        "the engine does not make containers as it is told");
                }
                Err(refusal.into())
            }
            answer => Ok(answer),
        }
    }

    async fn done(&self, verb: Verb) -> Result<(), RuntimeError> {
        match self.ask(verb).await? {
            Answer::Done => Ok(()),
            _ => Err(RuntimeError::OtherRelease),
        }
    }

    async fn ensure(&self, client: ClientId) -> Result<Change, RuntimeError> {
        match self.ask(Verb::Ensure(client.into())).await? {
            Answer::Ensured(change) => {
                if let Change::Repaired(fields) = &change {
                    tracing::error!(event = "runtime.altered", %client, settings = fields.join(", "),
                        "somebody had changed the client's container; it was made anew");
                }
                Ok(change)
            }
            _ => Err(RuntimeError::OtherRelease),
        }
    }

    async fn look(&self, client: ClientId) -> Result<RuntimeStatus, RuntimeError> {
        match self.ask(Verb::Inspect(client.into())).await? {
            Answer::Status(status) => Ok(told(status)),
            _ => Err(RuntimeError::OtherRelease),
        }
    }

    /// Asks for all clients, part by part.
    async fn all(&self) -> Result<BTreeMap<ClientId, Standing>, RuntimeError> {
        let mut all = BTreeMap::new();
        loop {
            let after = all.last_key_value().map(|(last, _): (&ClientId, _)| (*last).into());
            let Answer::Clients(part) = self.ask(Verb::List(after)).await? else {
                return Err(RuntimeError::OtherRelease);
            };
            for name in part.foreign.iter().filter(|_| after.is_none()) {
                tracing::warn!(
                    event = "runtime.foreign",
                    name,
                    "something bears our labels and is not ours; it is left alone"
                );
            }
            let more = part.more && !part.clients.is_empty();
            all.extend(part.clients.into_iter().map(|(name, it)| (ClientId::from(name), it)));
            if !more {
                return Ok(all);
            }
        }
    }
}

fn told(status: Status) -> RuntimeStatus {
    match status {
        Status::Absent => RuntimeStatus::Absent,
        Status::Stopped => RuntimeStatus::Stopped,
        Status::Running { pid, up_ms, .. } => RuntimeStatus::Running {
            pid: (pid != 0).then_some(pid),
            up_for: Duration::from_millis(up_ms),
        },
        Status::Restarting { attempt } => {
            let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
            let next_in = FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT);
            RuntimeStatus::Restarting { attempt, next_in }
        }
    }
}

impl Runtime for Docker {
    fn ensure_running(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        async move {
            self.ensure(client).await?;
            self.done(Verb::Start(client.into())).await
        }
        .boxed()
    }

    fn stop(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        self.done(Verb::Stop(client.into())).boxed()
    }

    fn restart(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        async move {
            match self.ensure(client).await? {
                Change::Kept | Change::Outdated => self.done(Verb::Restart(client.into())).await,
                Change::Made | Change::Renewed | Change::Repaired(_) => {
                    self.done(Verb::Start(client.into())).await
                }
            }
        }
        .boxed()
    }

    fn archive(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        async move {
            self.done(Verb::Remove(client.into(), Data::Keep)).await?;
            let deleted = self.layout.delete_socket_dir(client);
            deleted.map_err(failed("delete the client's socket"))
        }
        .boxed()
    }

    fn remove(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        async move {
            self.done(Verb::Remove(client.into(), Data::Delete)).await?;
            self.layout.delete(client).map_err(failed("delete the client's data"))
        }
        .boxed()
    }

    fn renew(&self, client: ClientId) -> BoxFuture<'_, Result<Renewal, RuntimeError>> {
        async move {
            match self.ask(Verb::Renew(client.into())).await? {
                Answer::Ensured(Change::Renewed) => Ok(Renewal::Renewed),
                Answer::Ensured(_) => Ok(Renewal::UpToDate),
                _ => Err(RuntimeError::OtherRelease),
            }
        }
        .boxed()
    }

    fn restore(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        self.done(Verb::Restore(client.into())).boxed()
    }

    fn inspect(&self, client: ClientId) -> BoxFuture<'_, Result<RuntimeStatus, RuntimeError>> {
        self.look(client).boxed()
    }

    fn log(
        &self,
        client: ClientId,
        lines: u16,
    ) -> BoxFuture<'_, Result<Vec<String>, RuntimeError>> {
        async move {
            match self.ask(Verb::Log(client.into(), lines.min(MOST_LINES))).await {
                Ok(Answer::Log(lines)) => Ok(lines),
                Ok(_) => Err(RuntimeError::OtherRelease),
                Err(RuntimeError::Refused(Refusal::NoContainer)) => Ok(Vec::new()),
                Err(err) => Err(err),
            }
        }
        .boxed()
    }

    fn list(&self) -> BoxFuture<'_, Result<BTreeMap<ClientId, Standing>, RuntimeError>> {
        self.all().boxed()
    }

    fn place(&self) -> Place {
        Place::Container
    }

    /// Leaves the containers as they are: the engine keeps them running.
    fn shutdown(&self) -> BoxFuture<'_, ()> {
        self.closed.store(true, Ordering::Relaxed);
        async {}.boxed()
    }
}

fn failed(action: &'static str) -> impl Fn(std::io::Error) -> RuntimeError {
    move |source| RuntimeError::Io { action, source }
}
