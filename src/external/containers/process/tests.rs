//! The shell stands in for the client's program: its first argument, `client`, is then the name
//! of a script in the directory where it is started.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::*;

const CLIENT: ClientId = ClientId::from_bits(7);
/// Says what it was given, and then lives as long as its standard input does.
const OBEDIENT: &str = "env > env; echo \"$@\" > args; echo $$ >> pids; cat > /dev/null";
/// Ends as soon as it is started.
const BROKEN: &str = "echo $$ >> pids; exit 3";
/// Does not end when it is asked to.
const STUBBORN: &str = "trap '' TERM; echo $$ >> pids; while :; do sleep 1; done";

struct Host {
    _dir: TempDir,
    layout: Layout,
}

impl Host {
    fn new(script: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(&dir.path().join("data"), &dir.path().join("run"));
        let host = Self { _dir: dir, layout };
        host.install(script);
        host
    }

    fn install(&self, script: &str) {
        self.layout.make_data_dir(CLIENT).unwrap();
        fs::write(self.layout.data_dir(CLIENT).join("client"), script).unwrap();
    }

    fn processes(&self) -> Processes {
        let mut settings = ProcessSettings::new("/bin/sh".into(), self.layout.clone());
        settings.backoff.first = Duration::from_millis(20);
        settings.backoff.longest = Duration::from_millis(80);
        settings.stop_within = Duration::from_millis(200);
        Processes::new(settings)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.layout.data_dir(CLIENT).join(name)).unwrap_or_default()
    }

    /// The numbers of all processes that were ever started.
    fn pids(&self) -> Vec<u32> {
        self.read("pids").lines().map(|line| line.parse().unwrap()).collect()
    }
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Whether the process is there and is not merely waiting to be buried.
fn alive(pid: u32) -> bool {
    let status = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"));
    status.is_ok_and(|text| !text.contains("State:\tZ"))
}

#[tokio::test]
async fn a_client_is_started_once_and_stopped_gently() {
    let host = Host::new(OBEDIENT);
    let processes = host.processes();
    assert_eq!(processes.inspect(CLIENT).await.unwrap(), RuntimeStatus::Stopped);
    let (first, second) =
        tokio::join!(processes.ensure_running(CLIENT), processes.ensure_running(CLIENT));
    first.unwrap();
    second.unwrap();
    until("the script runs", || host.pids().len() == 1).await;
    let RuntimeStatus::Running { pid: Some(pid), .. } = processes.inspect(CLIENT).await.unwrap()
    else {
        panic!("it does not run")
    };
    assert_eq!(host.pids(), [pid]);
    assert_eq!(processes.list().await.unwrap(), [(CLIENT, Standing::Running)].into());

    processes.stop(CLIENT).await.unwrap();
    assert!(!alive(pid));
    assert_eq!(processes.inspect(CLIENT).await.unwrap(), RuntimeStatus::Stopped);
    processes.stop(CLIENT).await.unwrap();
}

#[tokio::test]
async fn a_child_gets_its_paths_and_nothing_else() {
    let host = Host::new(OBEDIENT);
    let processes = host.processes();
    processes.ensure_running(CLIENT).await.unwrap();
    until("the script runs", || host.pids().len() == 1).await;
    let socket = host.layout.socket(CLIENT).display().to_string();
    let data = host.layout.data_dir(CLIENT).display().to_string();
    assert_eq!(host.read("args").trim(), format!("--socket {socket} --data {data}"));
    // The shell sets these three itself.
    let set_by_shell = |line: &str| ["PWD=", "_=", "SHLVL="].iter().any(|v| line.starts_with(v));
    let inherited: Vec<_> =
        host.read("env").lines().filter(|line| !set_by_shell(line)).map(str::to_owned).collect();
    assert_eq!(inherited, Vec::<String>::new());
    processes.shutdown().await;
}

#[tokio::test]
async fn a_crashed_client_comes_back_and_waits_longer_each_time() {
    let host = Host::new(BROKEN);
    let processes = host.processes();
    let begun = Instant::now();
    processes.ensure_running(CLIENT).await.unwrap();
    until("it was started five times", || host.pids().len() >= 5).await;
    assert!(begun.elapsed() >= Duration::from_millis(20 + 40 + 80 + 80));
    let mut attempts = 0;
    let deadline = Instant::now() + Duration::from_secs(10);
    while attempts < 4 && Instant::now() < deadline {
        if let RuntimeStatus::Restarting { attempt, next_in } =
            processes.inspect(CLIENT).await.unwrap()
        {
            assert!(next_in <= Duration::from_millis(80));
            attempts = attempt;
        }
        sleep(Duration::from_millis(5)).await;
    }
    assert!(attempts >= 4);

    host.install(OBEDIENT);
    let running = || matches!(processes.look(CLIENT), RuntimeStatus::Running { up_for, .. } if up_for.as_millis() > 100);
    until("the repaired program stays up", running).await;
    processes.shutdown().await;
}

#[tokio::test]
async fn a_killed_client_comes_back() {
    let host = Host::new(OBEDIENT);
    let processes = host.processes();
    processes.ensure_running(CLIENT).await.unwrap();
    until("the script runs", || host.pids().len() == 1).await;
    let pid = Pid::from_raw(i32::try_from(host.pids()[0]).unwrap()).unwrap();
    kill_process_group(pid, Signal::KILL).unwrap();
    until("it runs again", || host.pids().len() == 2).await;
    assert!(alive(host.pids()[1]));
    processes.shutdown().await;
}

#[tokio::test]
async fn a_stubborn_client_is_killed() {
    let host = Host::new(STUBBORN);
    let processes = host.processes();
    processes.ensure_running(CLIENT).await.unwrap();
    until("the script runs", || host.pids().len() == 1).await;
    let begun = Instant::now();
    processes.stop(CLIENT).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(200));
    assert!(!alive(host.pids()[0]));
}

#[tokio::test]
async fn a_restart_is_a_new_process() {
    let host = Host::new(OBEDIENT);
    let processes = host.processes();
    processes.ensure_running(CLIENT).await.unwrap();
    until("the script runs", || host.pids().len() == 1).await;
    processes.restart(CLIENT).await.unwrap();
    until("it runs again", || host.pids().len() == 2).await;
    assert!(!alive(host.pids()[0]));
    processes.shutdown().await;
    assert!(!alive(host.pids()[1]));
}

#[tokio::test]
async fn a_removed_client_leaves_nothing() {
    let host = Host::new(OBEDIENT);
    let processes = host.processes();
    host.layout.make_socket_dir(CLIENT).unwrap();
    processes.ensure_running(CLIENT).await.unwrap();
    until("the script runs", || host.pids().len() == 1).await;
    let pid = host.pids()[0];
    processes.remove(CLIENT).await.unwrap();
    assert!(!alive(pid));
    assert_eq!(processes.inspect(CLIENT).await.unwrap(), RuntimeStatus::Absent);
    assert!(processes.list().await.unwrap().is_empty());
    assert!(!host.layout.socket_dir(CLIENT).exists());
    processes.remove(CLIENT).await.unwrap();
}

#[tokio::test]
async fn nothing_is_started_after_the_end() {
    let host = Host::new(OBEDIENT);
    let processes = host.processes();
    processes.ensure_running(CLIENT).await.unwrap();
    until("the script runs", || host.pids().len() == 1).await;
    processes.shutdown().await;
    assert!(!alive(host.pids()[0]));
    let refused = processes.ensure_running(CLIENT).await;
    assert!(matches!(refused, Err(RuntimeError::Closed)));
}

#[tokio::test]
async fn a_program_that_is_not_there_is_an_error() {
    let host = Host::new(OBEDIENT);
    let processes = Processes::new(ProcessSettings::new("/no/such".into(), host.layout.clone()));
    let refused = processes.ensure_running(CLIENT).await;
    assert!(matches!(refused, Err(RuntimeError::Io { .. })));
    assert_eq!(processes.inspect(CLIENT).await.unwrap(), RuntimeStatus::Stopped);
}

#[test]
fn no_orphan_outlives_the_program() {
    let host = Host::new(OBEDIENT);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let processes = host.processes();
        processes.ensure_running(CLIENT).await.unwrap();
        until("the script runs", || host.pids().len() == 1).await;
        std::mem::forget(processes); // Nobody closes anything, as in a crash.
    });
    drop(runtime);
    let pid = host.pids()[0];
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while alive(pid) {
        assert!(std::time::Instant::now() < deadline, "the child outlives its parent");
        std::thread::sleep(Duration::from_millis(5));
    }
}
