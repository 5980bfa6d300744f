//! What the engine does by itself: how long it takes to start something, and what it keeps in memory.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use bollard::models::ContainerInspectResponse;
use bollard::query_parameters::{
    InspectContainerOptions, ListContainersOptions, ListImagesOptions,
};
use tokio::process::Command;

use crate::maps::{self, Memory};
use crate::run::Run;

/// Has the engine alone run our image with the limits of a client: until `docker run` returns.
pub async fn bare_run(run: &Run, number: usize) -> Duration {
    let images = run.docker.list_images(None::<ListImagesOptions>);
    let tags = images.await.unwrap().into_iter().flat_map(|image| image.repo_tags);
    let image = tags.into_iter().find(|tag| tag.starts_with(&run.instance)).unwrap();
    let name = format!("{}-bare-{number}", run.instance);
    let mut docker = Command::new("docker");
    docker.args(["run", "--detach", "--init", "--read-only", "--network", "none", "--ipc", "none"]);
    docker.args(["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", "70000"]);
    docker.args(["--memory", "64m", "--memory-swap", "64m", "--cpus", "0.25"]);
    docker.args(["--pids-limit", "64", "--ulimit", "nofile=1024", "--tmpfs", "/tmp:size=16m"]);
    docker.args(["--volume", &format!("{name}:/data"), "--name", &name, &image]);
    // It waits for a gateway that never comes, and so runs on.
    docker.args(["client", "--socket", "/nowhere", "--data", "/data"]).stdout(Stdio::null());
    let began = Instant::now();
    assert!(docker.status().await.unwrap().success());
    let took = began.elapsed();
    let mut remove = Command::new("docker");
    remove.args(["rm", "--force", "--volumes", &name]).stdout(Stdio::null());
    assert!(remove.status().await.unwrap().success());
    took
}

/// The proportional set size, in KiB, of the parts of one client's container.
pub struct Container {
    /// The bot's own process.
    pub program: Memory,
    /// The engine's `init`, above it.
    pub init: u64,
    /// The process that stands between the engine and the container.
    pub shim: u64,
}

/// Looks at all containers of the run.
pub async fn containers(run: &Run) -> Vec<Container> {
    let pids = states(run).await.into_iter().map(|state| state.pid);
    let look = |init: u32| Container {
        program: Memory::of(maps::children(init).next().unwrap()),
        init: Memory::of(init).total,
        shim: Memory::of(parent(init)).total,
    };
    pids.map(look).collect()
}

/// The engine's own processes together, in KiB.
pub fn engine() -> u64 {
    let named = |pid: &u32| {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        ["dockerd", "containerd"].contains(&name.trim())
    };
    let entries = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().file_name());
    let pids = entries.filter_map(|name| name.to_str()?.parse::<u32>().ok());
    pids.filter(named).map(|pid| Memory::of(pid).total).sum()
}

fn parent(pid: u32) -> u32 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).unwrap();
    parent.trim().parse().unwrap()
}

/// By what one sees that a container was not restarted.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct State {
    name: String,
    pid: u32,
    started_at: String,
    restarts: i64,
}

/// Returns the state of all clients' containers of the run, by name.
pub async fn states(run: &Run) -> Vec<State> {
    let listed = run.docker.list_containers(None::<ListContainersOptions>).await.unwrap();
    let names = listed.into_iter().flat_map(|container| container.names.unwrap_or_default());
    let begins = format!("/{}-", run.instance);
    let mut states = Vec::new();
    for name in names.filter(|name| name.starts_with(&begins)) {
        let asked = run.docker.inspect_container(&name[1..], None::<InspectContainerOptions>);
        let inspected = asked.await.unwrap();
        states.push(state(name, inspected));
    }
    states.sort();
    states
}

fn state(name: String, container: ContainerInspectResponse) -> State {
    let state = container.state.unwrap();
    State {
        name,
        pid: u32::try_from(state.pid.unwrap()).unwrap(),
        started_at: format!("{:?}", state.started_at.unwrap()),
        restarts: container.restart_count.unwrap(),
    }
}

/// How long the kernel has kept the clients' processes waiting for the sake of their limit.
pub fn throttled(run: &Run) -> Vec<Duration> {
    let group = format!("/sys/fs/cgroup/cpu/{}-clients", run.instance);
    let Ok(entries) = fs::read_dir(group) else { return Vec::new() };
    let stats = entries.filter_map(|it| fs::read_to_string(it.ok()?.path().join("cpu.stat")).ok());
    let of = |stat: String| {
        let nanos = stat.lines().find_map(|line| line.strip_prefix("throttled_time "));
        nanos.and_then(|nanos| nanos.parse().ok()).map(Duration::from_nanos)
    };
    let mut all: Vec<_> = stats.filter_map(of).collect();
    all.sort_unstable();
    all
}

/// The group that the engine leaves of the run's containers; goes when this is dropped.
pub struct Groups(pub String);

impl Drop for Groups {
    fn drop(&mut self) {
        let Ok(kinds) = fs::read_dir("/sys/fs/cgroup") else { return };
        for kind in kinds.flatten() {
            fs::remove_dir(kind.path().join(format!("{}-clients", self.0))).ok();
        }
    }
}
