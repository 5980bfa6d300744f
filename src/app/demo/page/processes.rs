//! The clients' processes as the system shows them, and their end by force.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};

/// Finds the clients' processes of one world by the directory that they name.
#[derive(Clone, Debug)]
pub(super) struct Processes {
    dir: PathBuf,
}

/// The process of each client that has one.
pub(super) type Running = BTreeMap<String, i32>;

impl Processes {
    pub(super) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Looks through all processes.
    pub(super) fn look(&self) -> Running {
        let entries = std::fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
        let ours = entries.filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let line = std::fs::read(entry.path().join("cmdline")).ok()?;
            Some((self.client(&String::from_utf8_lossy(&line))?, pid))
        });
        ours.collect()
    }

    /// Returns the client whose process has this command line.
    fn client(&self, line: &str) -> Option<String> {
        let mut words = line.split('\0').skip(1);
        if words.next() != Some("client") {
            return None;
        }
        let (_, rest) = line.split_once(&format!("{}/", self.dir.display()))?;
        let id = rest.split('/').find(|part| part.starts_with("c_"))?;
        Some(id.split('\0').next().unwrap_or(id).to_owned())
    }

    /// Kills the client's process, as a lack of memory would.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be; there may be none.
    pub(super) fn kill(&self, client: &str) -> anyhow::Result<i32> {
        let pid = self.look().get(client).copied().context("the client has no process")?;
        let target = Pid::from_raw(pid).context("the client has no process")?;
        kill_process(target, Signal::KILL)?;
        Ok(pid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_known_by_its_directory() {
        let processes = Processes::new(Path::new("/tmp/slotbox-demo-1"));
        let line = |dir| format!("/bin/slotbox\0client\0--socket\0{dir}/run/clients/c_01/g.sock\0");
        assert_eq!(processes.client(&line("/tmp/slotbox-demo-1")).as_deref(), Some("c_01"));
        assert_eq!(processes.client(&line("/tmp/slotbox-demo-12")), None);
        assert_eq!(processes.client("/bin/slotbox\0demo\0/tmp/slotbox-demo-1/c_01\0"), None);
    }
}
