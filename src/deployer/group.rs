//! The one group of processes that all clients are in, and its ceiling: so that all of them together
//! leave room for the host's own programs.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use bollard::models::{SystemInfo, SystemInfoCgroupDriverEnum};

/// Where the kernel shows its groups.
const CGROUPS: &str = "/sys/fs/cgroup";
/// The clients' weight, where an ordinary group has 100: what is scarce goes to the host's own
/// programs first.
const WEIGHT: &str = "50";
/// The same weight in the older hierarchies, where an ordinary group has 1024.
const SHARES: &str = "512";
/// What the older hierarchies show where there is no limit: the last whole page of 63 bits.
const NO_LIMIT: u64 = 0x7fff_ffff_ffff_f000;

/// How the engine groups processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CgroupDriver {
    /// By systemd's slices; the slice's unit has the ceiling.
    Systemd,
    /// By paths of its own.
    Cgroupfs,
}

/// The memory that a group may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// There is no such group: nothing runs in it.
    Absent,
    /// As much as there is.
    Unlimited,
    /// So many bytes.
    At(u64),
}

/// The group of all clients of one instance.
#[derive(Clone, Debug)]
pub struct Group {
    root: PathBuf,
    driver: CgroupDriver,
    instance: String,
}

impl Group {
    /// Names the group of this instance's clients; nothing is made yet.
    pub fn new(driver: CgroupDriver, instance: &str) -> Self {
        Self { root: CGROUPS.into(), driver, instance: instance.to_owned() }
    }

    /// Has the kernel's groups be looked for in another place than they usually are.
    #[must_use]
    pub fn below(self, root: &Path) -> Self {
        Self { root: root.to_owned(), ..self }
    }

    /// Returns the group's name, as the engine wants it.
    pub fn name(&self) -> String {
        match self.driver {
            CgroupDriver::Systemd => self.slice(),
            CgroupDriver::Cgroupfs => format!("/{}-clients", self.instance),
        }
    }

    /// Returns the name of the slice. It is the slice's path: every dash is a slice above it.
    fn slice(&self) -> String {
        format!("{}-clients.slice", self.above())
    }

    fn above(&self) -> String {
        self.instance.replace('-', "_")
    }

    /// Returns the group's path below a hierarchy.
    fn path(&self) -> PathBuf {
        match self.driver {
            CgroupDriver::Systemd => {
                [format!("{}.slice", self.above()), self.slice()].iter().collect()
            }
            CgroupDriver::Cgroupfs => format!("{}-clients", self.instance).into(),
        }
    }

    /// Tells whether all controllers are in one hierarchy.
    fn is_unified(&self) -> bool {
        self.root.join("cgroup.controllers").exists()
    }

    /// Returns where a controller shows this group.
    fn dir(&self, controller: &str) -> PathBuf {
        let root = &self.root;
        if self.is_unified() {
            root.join(self.path())
        } else {
            root.join(controller).join(self.path())
        }
    }

    /// Returns how much memory the kernel lets the group use.
    pub fn seen(&self) -> Seen {
        let file = if self.is_unified() { "memory.max" } else { "memory.limit_in_bytes" };
        let Ok(told) = fs::read_to_string(self.dir("memory").join(file)) else {
            return Seen::Absent;
        };
        match told.trim().parse() {
            Ok(bytes) if bytes < NO_LIMIT => Seen::At(bytes),
            _ => Seen::Unlimited,
        }
    }

    /// Makes the group, if it is one of paths, and gives it its ceiling. A slice's is in its unit.
    ///
    /// # Errors
    ///
    /// Returns what the kernel refused, mostly because this process may not do it.
    pub fn hold(&self, memory_bytes: u64) -> io::Result<()> {
        if self.driver == CgroupDriver::Systemd {
            return Ok(());
        }
        let bytes = memory_bytes.to_string();
        if self.is_unified() {
            let dir = self.dir("memory");
            make(&dir)?;
            let awake = self.root.join("cgroup.subtree_control");
            for controller in ["+memory", "+pids", "+cpu"] {
                fs::write(&awake, controller).ok(); // Awake already, mostly.
            }
            fs::write(dir.join("memory.max"), bytes)?;
            fs::write(dir.join("memory.swap.max"), "0").ok(); // There is none where there is no swap.
            fs::write(dir.join("cpu.weight"), WEIGHT)?;
        } else {
            let [memory, cpu] = ["memory", "cpu"].map(|it| self.dir(it));
            make(&memory)?;
            make(&cpu)?;
            // Memory with swap is never less than memory, also on the way to the new ceiling.
            let with_swap = memory.join("memory.memsw.limit_in_bytes");
            fs::write(&with_swap, "-1").ok();
            fs::write(memory.join("memory.limit_in_bytes"), &bytes)?;
            fs::write(&with_swap, &bytes).ok();
            fs::write(cpu.join("cpu.shares"), SHARES)?;
        }
        if let Some(most) = most_processes() {
            let dir = self.dir("pids");
            make(&dir)?;
            fs::write(dir.join("pids.max"), most.to_string())?;
        }
        Ok(())
    }

    /// Takes a group of paths away again, unless something runs in it.
    pub fn release(&self) {
        if self.driver == CgroupDriver::Systemd {
            return;
        }
        let hierarchies = fs::read_dir(&self.root).into_iter().flatten().flatten();
        for hierarchy in hierarchies.map(|entry| entry.path()) {
            fs::remove_dir(hierarchy.join(self.path())).ok();
        }
        fs::remove_dir(self.root.join(self.path())).ok();
    }
}

/// Makes a group that the deployer's user can look into, whatever this process's mask is.
fn make(dir: &Path) -> io::Result<()> {
    const MODE: u32 = 0o755;
    fs::create_dir_all(dir)?;
    if fs::metadata(dir)?.permissions().mode() & MODE == MODE {
        return Ok(());
    }
    fs::set_permissions(dir, fs::Permissions::from_mode(MODE))
}

/// Returns half of the processes that this machine can have, where the kernel tells it.
fn most_processes() -> Option<u64> {
    let read = |name| {
        let path = Path::new("/proc/sys/kernel").join(name);
        fs::read_to_string(path).ok()?.trim().parse::<u64>().ok()
    };
    Some(read("pid_max")?.min(read("threads-max")?) / 2)
}

/// Returns how the engine groups processes.
pub(super) fn driver(info: &SystemInfo) -> CgroupDriver {
    match info.cgroup_driver {
        Some(SystemInfoCgroupDriverEnum::SYSTEMD) => CgroupDriver::Systemd,
        _ => CgroupDriver::Cgroupfs,
    }
}

/// Returns how much memory all clients together may use: what was set, or three quarters of what the
/// engine's machine has.
pub(super) fn wanted(set: Option<u64>, info: &SystemInfo) -> Option<u64> {
    let machine = info.mem_total.and_then(|bytes| u64::try_from(bytes).ok());
    set.or_else(|| machine.filter(|bytes| *bytes > 0).map(|bytes| bytes / 4 * 3))
}

#[cfg(test)]
mod tests;
