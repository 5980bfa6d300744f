//! An engine of a test's own, which can be stopped and started under what runs in it.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::host::SOON;
use crate::run::connect;

/// What becomes of containers while the engine is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meanwhile {
    /// They are stopped, and started again with it.
    Stopped,
    /// They run on.
    Running,
}

/// A Docker engine with a directory, a socket and a containerd of its own, without networks.
pub struct OwnEngine {
    meanwhile: Meanwhile,
    process: Option<Child>,
    dir: TempDir,
}

impl OwnEngine {
    /// Starts it, unless this machine cannot; then says so, or fails where `CI` is set.
    pub async fn start(meanwhile: Meanwhile) -> Option<Self> {
        let has_one = Command::new("dockerd").arg("--version").output();
        let missing = if !has_one.is_ok_and(|told| told.status.success()) {
            "there is no dockerd"
        } else if !rustix::process::geteuid().is_root() {
            "an engine of its own needs root"
        } else {
            let dir = tempfile::Builder::new().prefix("sbe-").tempdir().unwrap();
            fs::write(dir.path().join("daemon.json"), "{}").unwrap();
            let mut engine = Self { meanwhile, process: None, dir };
            engine.begin_again().await;
            return Some(engine);
        };
        assert!(std::env::var_os("CI").is_none(), "an engine is needed here, and {missing}");
        eprintln!("skipped: {missing}");
        None
    }

    pub fn socket(&self) -> PathBuf {
        self.dir.path().join("engine.sock")
    }

    /// Starts it again with all that it had, and waits until it answers.
    pub async fn begin_again(&mut self) {
        let path = |name: &str| self.dir.path().join(name);
        let mut dockerd = Command::new("dockerd");
        dockerd.arg("--config-file").arg(path("daemon.json"));
        dockerd.arg("--data-root").arg(path("data")).arg("--exec-root").arg(path("exec"));
        dockerd.arg("--pidfile").arg(path("engine.pid"));
        dockerd.args(["--host", &format!("unix://{}", self.socket().display())]);
        dockerd.args(["--bridge=none", "--iptables=false", "--ip6tables=false"]);
        if self.meanwhile == Meanwhile::Running {
            dockerd.arg("--live-restore");
        }
        let log = fs::File::options().create(true).append(true).open(path("log")).unwrap();
        self.process = Some(dockerd.stdin(Stdio::null()).stderr(log).spawn().unwrap());
        let deadline = Instant::now() + SOON;
        while let Err(err) = connect(&self.socket()).await {
            let log = fs::read_to_string(path("log")).unwrap();
            assert!(Instant::now() < deadline, "it does not start: {err}\n{log}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Stops it as the service manager does, and waits for its end.
    pub async fn stop(&mut self) {
        let mut process = self.process.take().unwrap();
        terminate(process.id());
        let deadline = Instant::now() + SOON;
        while process.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "the engine does not end");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for OwnEngine {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            terminate(process.id());
            process.wait().ok();
        }
        // It has one that it leaves where containers run on.
        let containerd = self.dir.path().join("exec/containerd/containerd.pid");
        let pid = fs::read_to_string(containerd).ok().and_then(|pid| pid.trim().parse().ok());
        if let Some(pid) = pid {
            terminate(pid);
        }
        // And its directory stays mounted over itself.
        let data = self.dir.path().join("data");
        Command::new("umount").arg("--lazy").arg(data).stderr(Stdio::null()).status().ok();
    }
}

fn terminate(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        kill_process(pid, Signal::TERM).ok();
    }
}
