//! The clients' bots as child processes of this program: for a machine without a container
//! engine, for the demo and for tests.

mod backoff;
mod child;
mod output;
mod said;
mod supervisor;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use super::docker::Docker;
use super::{Layout, Renewal, Runtime, RuntimeError, RuntimeStatus, Standing};
use crate::domain::home::Place;
use crate::domain::ids::ClientId;

pub use backoff::Backoff;
use said::Said;
use supervisor::{Order, Supervisor, Verb};

/// How child processes are started and stopped.
#[derive(Clone, Debug)]
pub struct ProcessSettings {
    /// The program to start; it gets `client --socket .. --data ..`.
    pub executable: PathBuf,
    /// Where the clients' directories are.
    pub layout: Layout,
    /// The file that moves the clients' clocks, in the demo and in tests.
    pub clock_file: Option<PathBuf>,
    /// How much the processes log; what is usual if not given.
    pub log_level: Option<&'static str>,
    /// How long a process may finish its work before it is killed.
    pub stop_within: Duration,
    /// How long to wait before a process that has ended is started again.
    pub backoff: Backoff,
    /// The way to the containers that clients may still have.
    pub other: Option<Arc<Docker>>,
}

impl ProcessSettings {
    /// Returns the usual settings: 10 s to stop, and restarts after 1 s to 5 min.
    pub const fn new(executable: PathBuf, layout: Layout) -> Self {
        let stop_within = Duration::from_secs(10);
        Self {
            executable,
            layout,
            clock_file: None,
            log_level: None,
            stop_within,
            backoff: Backoff::USUAL,
            other: None,
        }
    }
}

/// Runs each client as a child process, which ends when this program does, however it ends.
#[derive(Debug)]
pub struct Processes {
    settings: Arc<ProcessSettings>,
    /// One supervisor for each client that was ever started; `None` once all is closed.
    supervisors: Mutex<Option<HashMap<ClientId, Supervised>>>,
    tasks: TaskTracker,
}

/// The line to one client's supervisor, and what it last said.
#[derive(Clone, Debug)]
struct Supervised {
    orders: mpsc::Sender<Order>,
    seen: supervisor::Seen,
    said: Said,
}

impl Processes {
    /// Starts nothing yet.
    pub fn new(settings: ProcessSettings) -> Self {
        let supervisors = Mutex::new(Some(HashMap::new()));
        Self { settings: Arc::new(settings), supervisors, tasks: TaskTracker::new() }
    }

    /// Hands `verb` to the client's supervisor and waits until it is done.
    async fn order(&self, client: ClientId, verb: Verb) -> Result<(), RuntimeError> {
        let orders = self.supervised(client)?.orders;
        let (done, answer) = oneshot::channel();
        orders.send(Order { verb, done }).await.map_err(|_| RuntimeError::Closed)?;
        answer.await.map_err(|_| RuntimeError::Closed)?
    }

    fn supervised(&self, client: ClientId) -> Result<Supervised, RuntimeError> {
        let mut supervisors = self.lock();
        let supervisors = supervisors.as_mut().ok_or(RuntimeError::Closed)?;
        let supervised = supervisors.entry(client).or_insert_with(|| {
            let (orders, received) = mpsc::channel(8);
            let said = Said::default();
            let supervisor = Supervisor::new(client, self.settings.clone(), said.clone());
            let seen = supervisor.seen();
            self.tasks.spawn(supervisor.run(received));
            Supervised { orders, seen, said }
        });
        Ok(supervised.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashMap<ClientId, Supervised>>> {
        self.supervisors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, client: ClientId) -> RuntimeStatus {
        let supervisors = self.lock();
        let seen = supervisors.as_ref().and_then(|all| all.get(&client)).map(|one| &one.seen);
        match seen.map_or(RuntimeStatus::Stopped, supervisor::Seen::status) {
            RuntimeStatus::Stopped if !self.settings.layout.data_dir(client).exists() => {
                RuntimeStatus::Absent
            }
            status => status,
        }
    }
}

impl Runtime for Processes {
    fn ensure_running(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        self.order(client, Verb::EnsureRunning).boxed()
    }

    fn stop(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        self.order(client, Verb::Stop).boxed()
    }

    fn restart(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        self.order(client, Verb::Restart).boxed()
    }

    fn archive(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        self.order(client, Verb::Archive).boxed()
    }

    fn remove(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        self.order(client, Verb::Remove).boxed()
    }

    /// A process runs the program that started it.
    fn renew(&self, client: ClientId) -> BoxFuture<'_, Result<Renewal, RuntimeError>> {
        async move { self.order(client, Verb::EnsureRunning).await.map(|()| Renewal::UpToDate) }
            .boxed()
    }

    fn restore(&self, client: ClientId) -> BoxFuture<'_, Result<(), RuntimeError>> {
        self.order(client, Verb::Restart).boxed()
    }

    fn inspect(&self, client: ClientId) -> BoxFuture<'_, Result<RuntimeStatus, RuntimeError>> {
        async move { Ok(self.look(client)) }.boxed()
    }

    fn log(
        &self,
        client: ClientId,
        lines: u16,
    ) -> BoxFuture<'_, Result<Vec<String>, RuntimeError>> {
        let supervisors = self.lock();
        let said = supervisors.as_ref().and_then(|all| all.get(&client)).map(|one| &one.said);
        let lines = said.map(|said| said.last(lines.into())).unwrap_or_default();
        async move { Ok(lines) }.boxed()
    }

    fn list(&self) -> BoxFuture<'_, Result<BTreeMap<ClientId, Standing>, RuntimeError>> {
        let stands = |client| match self.look(client) {
            RuntimeStatus::Running { .. } => (client, Standing::Running),
            RuntimeStatus::Restarting { .. } => (client, Standing::Restarting),
            RuntimeStatus::Absent | RuntimeStatus::Stopped => (client, Standing::Stopped),
        };
        let clients = self.settings.layout.clients();
        let clients = clients.map(|clients| clients.into_iter().map(stands).collect());
        let action = "read the clients' directories";
        async move { clients.map_err(|source| RuntimeError::Io { action, source }) }.boxed()
    }

    fn place(&self) -> Place {
        Place::Process
    }

    fn other(&self) -> Option<&Docker> {
        self.settings.other.as_deref()
    }

    /// Stops all clients at once, each within its time, and waits for the last of them.
    fn shutdown(&self) -> BoxFuture<'_, ()> {
        async move {
            drop(self.lock().take()); // A supervisor without a line stops its process and ends.
            self.tasks.close();
            self.tasks.wait().await;
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests;
