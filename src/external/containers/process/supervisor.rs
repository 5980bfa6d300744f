//! Keeps one client's process as it was asked to be.

use std::io;
use std::process::ExitStatus;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use super::child::Process;
use super::said::Said;
use super::{ProcessSettings, RuntimeError, RuntimeStatus};
use crate::domain::ids::ClientId;

/// What a supervisor is asked to do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Verb {
    EnsureRunning,
    Stop,
    Restart,
    Archive,
    Remove,
}

/// A verb, and where to say how it went.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) verb: Verb,
    pub(super) done: oneshot::Sender<Result<(), RuntimeError>>,
}

/// What others see of the process.
#[derive(Clone, Debug)]
pub(super) struct Seen(watch::Receiver<View>);

#[derive(Clone, Copy, Debug)]
enum View {
    Idle,
    Up { pid: Option<u32>, started: Instant },
    Waiting { attempt: u32, until: Instant },
}

impl Seen {
    pub(super) fn status(&self) -> RuntimeStatus {
        match *self.0.borrow() {
            View::Idle => RuntimeStatus::Stopped,
            View::Up { pid, started } => RuntimeStatus::Running { pid, up_for: started.elapsed() },
            View::Waiting { attempt, until } => {
                let next_in = until.saturating_duration_since(Instant::now());
                RuntimeStatus::Restarting { attempt, next_in }
            }
        }
    }
}

/// What there is of the process.
#[derive(Debug)]
enum State {
    /// It shall not run.
    Idle,
    Up(Box<Process>),
    /// It has ended by itself and is started again at this instant.
    Waiting(Instant),
}

/// Something that happened by itself.
enum Change {
    Ended { status: io::Result<ExitStatus>, started: Instant },
    WaitIsOver,
}

impl State {
    /// Waits for what happens by itself; nothing is lost if the wait is given up.
    async fn change(&mut self) -> Change {
        match self {
            Self::Idle => std::future::pending().await,
            Self::Up(process) => {
                Change::Ended { status: process.ended().await, started: process.started() }
            }
            Self::Waiting(until) => {
                sleep_until(*until).await;
                Change::WaitIsOver
            }
        }
    }
}

/// The task that alone starts and stops one client's process, so that no two verbs meet.
#[derive(Debug)]
pub(super) struct Supervisor {
    client: ClientId,
    settings: Arc<ProcessSettings>,
    state: State,
    /// How many times in a row the process has ended early.
    attempt: u32,
    said: Said,
    view: watch::Sender<View>,
}

impl Supervisor {
    /// What the process writes is kept in `said`, also over its restarts.
    pub(super) fn new(client: ClientId, settings: Arc<ProcessSettings>, said: Said) -> Self {
        let view = watch::Sender::new(View::Idle);
        Self { client, settings, state: State::Idle, attempt: 0, said, view }
    }

    pub(super) fn seen(&self) -> Seen {
        Seen(self.view.subscribe())
    }

    /// Follows orders until nobody can give one any more, and then stops the process.
    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        loop {
            tokio::select! {
                order = orders.recv() => {
                    let Some(Order { verb, done }) = order else { break };
                    let result = self.perform(verb).await;
                    self.show();
                    if done.send(result).is_err() {
                        tracing::debug!(client = %self.client, "nobody waits for {verb:?}");
                    }
                }
                change = self.state.change() => {
                    self.follow(change);
                    self.show();
                }
            }
        }
        if let Err(err) = self.halt().await {
            tracing::warn!(event = "client.stop_failed", client = %self.client, error = %err,
                "could not see the process end");
        }
    }

    async fn perform(&mut self, verb: Verb) -> Result<(), RuntimeError> {
        match verb {
            Verb::EnsureRunning => self.ensure_running(),
            Verb::Stop => self.halt().await,
            Verb::Restart => {
                self.halt().await?;
                self.ensure_running()
            }
            Verb::Archive => {
                self.halt().await?;
                self.said.forget();
                let archived = self.settings.layout.archive(self.client);
                archived.map_err(failed("move the client's data to the archive"))
            }
            Verb::Remove => {
                self.halt().await?;
                self.said.forget();
                let deleted = self.settings.layout.delete(self.client);
                deleted.map_err(failed("delete the client's data"))
            }
        }
    }

    fn ensure_running(&mut self) -> Result<(), RuntimeError> {
        if matches!(self.state, State::Up(_)) {
            return Ok(());
        }
        self.start().map_err(failed("start the client's process"))
    }

    fn start(&mut self) -> io::Result<()> {
        let process = Process::start(self.client, &self.settings, &self.said)?;
        tracing::info!(event = "client.started", client = %self.client, pid = process.pid(),
            "started the client's process");
        self.state = State::Up(Box::new(process));
        Ok(())
    }

    /// Stops what runs, and forgets what was to be started again.
    async fn halt(&mut self) -> Result<(), RuntimeError> {
        self.attempt = 0;
        let State::Up(process) = std::mem::replace(&mut self.state, State::Idle) else {
            return Ok(());
        };
        let ended = process.stop(self.settings.stop_within).await;
        let status = ended.map_err(failed("stop the client's process"))?;
        tracing::info!(event = "client.stopped", client = %self.client, %status,
            "stopped the client's process");
        Ok(())
    }

    fn follow(&mut self, change: Change) {
        match change {
            Change::Ended { status, started } => {
                let status = status.map_or_else(|err| err.to_string(), |status| status.to_string());
                self.wait_for_restart(started, &status);
            }
            Change::WaitIsOver => {
                if let Err(err) = self.start() {
                    self.wait_for_restart(Instant::now(), &err.to_string());
                }
            }
        }
    }

    fn wait_for_restart(&mut self, started: Instant, reason: &str) {
        let backoff = &self.settings.backoff;
        self.attempt = backoff.next_attempt(self.attempt, started.elapsed());
        let wait = backoff.wait(self.attempt);
        tracing::warn!(event = "client.crashed", client = %self.client, reason,
            attempt = self.attempt, wait_ms = wait.as_millis(),
            "the client's process has ended and will be started again");
        self.state = State::Waiting(Instant::now() + wait);
    }

    fn show(&self) {
        self.view.send_replace(match &self.state {
            State::Idle => View::Idle,
            State::Up(process) => View::Up { pid: process.pid(), started: process.started() },
            State::Waiting(until) => View::Waiting { attempt: self.attempt, until: *until },
        });
    }
}

fn failed(action: &'static str) -> impl Fn(io::Error) -> RuntimeError {
    move |source| RuntimeError::Io { action, source }
}
