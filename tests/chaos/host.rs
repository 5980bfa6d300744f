//! The machine that `slotbox serve` runs on: starts it, kills it, starts it again.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::dice::Dice;
use super::secrets::Vault;
use super::world::Plan;

/// How far kills are apart.
const SHORTEST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(2);
/// How long a clean stop may take.
const STOP_WITHIN: Duration = Duration::from_secs(40);

/// Where and how `serve` runs; clones are the same machine.
#[derive(Clone)]
pub struct Host {
    recipe: Arc<Recipe>,
    serve: Arc<Mutex<Option<Child>>>,
    kills: Arc<AtomicUsize>,
    vault: Vault,
}

/// What a kill strikes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kill {
    /// `serve` alone; its clients' processes find out.
    Serve,
    /// All processes, as a power cut does.
    All,
}

/// What `serve` is started with.
pub struct Recipe {
    pub config: PathBuf,
    pub clock: PathBuf,
    pub environment: BTreeMap<String, String>,
    pub log: PathBuf,
    /// Where `serve` keeps what it knows.
    pub database: PathBuf,
}

impl Host {
    pub fn new(recipe: Recipe, vault: Vault) -> Self {
        let (serve, kills) = (Arc::default(), Arc::default());
        Self { recipe: Arc::new(recipe), serve, kills, vault }
    }

    /// Returns where everything that `serve` says is kept.
    pub fn log(&self) -> &Path {
        &self.recipe.log
    }

    /// Returns how often `serve` was killed.
    pub fn kills(&self) -> usize {
        self.kills.load(Ordering::Relaxed)
    }

    pub async fn start(&self) -> anyhow::Result<()> {
        let started = self.recipe.start()?;
        *self.serve.lock().await = Some(started);
        Ok(())
    }

    /// Does `work` while `serve` is killed at random moments, and started again at once.
    pub async fn under_kills<T>(
        &self,
        plan: Plan,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let enough = CancellationToken::new();
        let mut killer = tokio::spawn(self.clone().kill_until(enough.clone(), plan));
        let worked = tokio::select! {
            worked = work => worked,
            failed = &mut killer => {
                failed??;
                bail!("nobody kills any more");
            }
        };
        enough.cancel();
        killer.await??;
        worked
    }

    async fn kill_until(self, enough: CancellationToken, plan: Plan) -> anyhow::Result<()> {
        let mut dice = Dice::new(plan.seed);
        // Fifty bots need some seconds to come up: now and then they get them.
        let each = Duration::from_millis(250);
        let lull = LONGEST * 2 + each * u32::try_from(plan.stories)?;
        loop {
            let longest = if dice.next() % 4 == 0 { lull } else { LONGEST };
            let pause = tokio::time::sleep(dice.between(SHORTEST, longest));
            if enough.run_until_cancelled(pause).await.is_none() {
                return Ok(());
            }
            match dice.next() % 8 {
                0 => self.restart().await?,
                1 | 2 => self.kill(Kill::All).await?,
                _ => self.kill(Kill::Serve).await?,
            }
        }
    }

    /// Restarts `serve` as an upgrade does.
    async fn restart(&self) -> anyhow::Result<()> {
        let mut serve = self.serve.lock().await;
        let running = serve.take().context("nothing runs")?;
        stop(running).await.context("a restart")?;
        *serve = Some(self.recipe.start()?);
        Ok(())
    }

    async fn kill(&self, what: Kill) -> anyhow::Result<()> {
        let mut serve = self.serve.lock().await;
        let mut running = serve.take().context("nothing runs")?;
        if let Some(status) = running.try_wait()? {
            bail!("serve ended by itself: {status}");
        }
        running.kill().await?;
        if what == Kill::All {
            for (pid, _) in self.recipe.processes()? {
                kill_process(pid, Signal::KILL).ok(); // It has just ended by itself.
            }
        }
        self.kills.fetch_add(1, Ordering::Relaxed);
        // What lies on the disk now is what a thief would find.
        self.vault.check(std::slice::from_ref(&self.recipe.database))?;
        *serve = Some(self.recipe.start()?);
        Ok(())
    }

    /// Asks `serve` to stop, and waits until it has, with all its children.
    pub async fn stop(&self) -> anyhow::Result<()> {
        stop(self.serve.lock().await.take().context("nothing runs")?).await?;
        let left = self.recipe.processes()?;
        ensure!(left.is_empty(), "left behind: {left:?}");
        Ok(())
    }
}

async fn stop(mut running: Child) -> anyhow::Result<()> {
    let pid = running.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
    kill_process(pid.context("serve ended by itself")?, Signal::TERM)?;
    let status = tokio::time::timeout(STOP_WITHIN, running.wait()).await;
    let status = status.context("serve does not stop")??;
    ensure!(status.success(), "serve ended with {status}");
    Ok(())
}

impl Recipe {
    fn start(&self) -> anyhow::Result<Child> {
        let log: File = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
        command.arg("serve").arg("--config").arg(&self.config);
        command.arg("--clock-file").arg(&self.clock);
        command.env_clear().envs(&self.environment).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        command.spawn().context("cannot start slotbox")
    }

    /// Returns all processes that were ever started for this host and still run, with their command
    /// lines: each names the clock file.
    fn processes(&self) -> anyhow::Result<Vec<(Pid, String)>> {
        let clock = self.clock.to_string_lossy().into_owned();
        let mut found = Vec::new();
        for process in std::fs::read_dir("/proc")?.flatten() {
            let Ok(line) = std::fs::read(process.path().join("cmdline")) else { continue };
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            let number = process.file_name().to_str().and_then(|name| name.parse().ok());
            if let (Some(pid), true) = (number.and_then(Pid::from_raw), line.contains(&clock)) {
                found.push((pid, line));
            }
        }
        Ok(found)
    }
}
