//! One child process: how it is started, and how it ends.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{Instant, timeout};

use super::said::Said;
use super::{ProcessSettings, output};
use crate::domain::ids::ClientId;

/// A client's process. It dies with this value, and with this program.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// Never written to: its end tells the process that this program is gone.
    stdin: Option<ChildStdin>,
    started: Instant,
}

impl Process {
    /// Starts the client's process with an empty environment and a process group of its own, so
    /// that an interrupt typed at the terminal reaches this program alone.
    pub(super) fn start(
        client: ClientId,
        settings: &ProcessSettings,
        said: &Said,
    ) -> io::Result<Self> {
        let data_dir = settings.layout.data_dir(client);
        settings.layout.take_back(client)?;
        settings.layout.make_data_dir(client)?;
        let mut command = Command::new(&settings.executable);
        command.arg("client").arg("--socket").arg(settings.layout.socket(client));
        command.arg("--data").arg(&data_dir);
        if let Some(file) = &settings.clock_file {
            command.arg("--clock-file").arg(file);
        }
        if let Some(level) = settings.log_level {
            command.arg("--log-level").arg(level);
        }
        command.env_clear().current_dir(data_dir).process_group(0).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        if let Some(pipe) = child.stdout.take() {
            tokio::spawn(output::forward(client, pipe, said.clone()));
        }
        if let Some(pipe) = child.stderr.take() {
            tokio::spawn(output::forward(client, pipe, said.clone()));
        }
        // Taken out, because waiting for a child closes the pipe that is still in it.
        let stdin = child.stdin.take();
        Ok(Self { child, stdin, started: Instant::now() })
    }

    /// Returns the process's number, unless it has ended.
    pub(super) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Returns when the process was started.
    pub(super) const fn started(&self) -> Instant {
        self.started
    }

    /// Waits until the process ends by itself; may be called again.
    pub(super) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Asks the process to end, and kills it if it has not done so `within` that time.
    pub(super) async fn stop(mut self, within: Duration) -> io::Result<ExitStatus> {
        self.signal(Signal::TERM);
        drop(self.stdin.take());
        if let Ok(ended) = timeout(within, self.child.wait()).await {
            return ended;
        }
        self.signal(Signal::KILL);
        self.child.wait().await
    }

    /// Sends the signal to the process's group, as long as its number is certainly its own.
    fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(Err(err)) = pid.map(|group| kill_process_group(group, signal)) {
            tracing::debug!(event = "client.signal_failed", error = %err, "it has just ended");
        }
    }
}
