//! What every runtime promises, tried on each of them with the real program of a client. Nobody
//! listens on the client's socket: it waits for its gateway, which is all that is asked here.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use slotbox::domain::ids::ClientId;
use slotbox::external::containers::docker::Docker;
use slotbox::external::containers::process::{ProcessSettings, Processes};
use slotbox::external::containers::{Layout, Runtime, RuntimeError, RuntimeStatus, Standing};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::host::{Deployer, SOON, kill, pid};
use crate::run::Run;

const CLIENT: ClientId = ClientId::from_bits(7);
const OTHER: ClientId = ClientId::from_bits(8);

/// A runtime and its surroundings.
struct Bench {
    runtime: Arc<dyn Runtime>,
    layout: Layout,
    _deployer: Option<Deployer>,
    _dir: TempDir,
    run: Option<Run>,
}

impl Bench {
    fn of_processes() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(&dir.path().join("data"), &dir.path().join("run"));
        let program = env!("CARGO_BIN_EXE_slotbox").into();
        let runtime = Arc::new(Processes::new(ProcessSettings::new(program, layout.clone())));
        Self { runtime, layout, _deployer: None, _dir: dir, run: None }
    }

    async fn of_containers() -> Option<Self> {
        let run = Run::begin().await?;
        let dir = tempfile::tempdir().unwrap();
        let runtime_dir = dir.path().join("run");
        let layout = Layout::new(&dir.path().join("data"), &runtime_dir).for_containers();
        let deployer = Deployer::start(&run, dir.path(), runtime_dir.join("clients")).await;
        let runtime = Arc::new(Docker::new(deployer.socket.clone(), layout.clone()));
        Some(Self { runtime, layout, _deployer: Some(deployer), _dir: dir, run: Some(run) })
    }

    /// Where the client's data lies while its bot may run.
    async fn data(&self, client: ClientId) -> PathBuf {
        let Some(run) = &self.run else { return self.layout.data_dir(client) };
        let volume = format!("{}-{client}", run.instance);
        run.docker.inspect_volume(&volume).await.unwrap().mountpoint.into()
    }

    async fn status(&self, client: ClientId) -> RuntimeStatus {
        self.runtime.inspect(client).await.unwrap()
    }

    async fn start(&self, client: ClientId) -> u32 {
        self.layout.make_socket_dir(client).unwrap();
        self.runtime.ensure_running(client).await.unwrap();
        pid(self.runtime.as_ref(), client).await
    }
}

/// Runs each promise on processes and on containers, as two tests.
macro_rules! promises {
    ($($promise:ident),+ $(,)?) => {
        mod processes {
            $(#[tokio::test]
            async fn $promise() {
                super::$promise(&super::Bench::of_processes()).await;
            })+
        }

        mod containers {
            $(#[tokio::test]
            async fn $promise() {
                let Some(bench) = super::Bench::of_containers().await else { return };
                super::$promise(&bench).await;
            })+
        }
    };
}

promises! {
    a_client_is_started_once_and_stopped,
    a_restart_is_a_new_process,
    a_killed_client_comes_back,
    archived_data_is_there_at_the_next_start,
    a_removed_client_leaves_nothing,
    what_it_wrote_can_be_read,
    nothing_is_begun_after_the_end,
}

async fn a_client_is_started_once_and_stopped(bench: &Bench) {
    let runtime = bench.runtime.as_ref();
    assert_eq!(bench.status(CLIENT).await, RuntimeStatus::Absent);
    assert!(runtime.list().await.unwrap().is_empty());
    bench.layout.make_socket_dir(CLIENT).unwrap();
    let (first, second) =
        tokio::join!(runtime.ensure_running(CLIENT), runtime.ensure_running(CLIENT));
    first.unwrap();
    second.unwrap();
    let started = pid(runtime, CLIENT).await;
    assert_eq!(bench.start(CLIENT).await, started, "it is left alone");
    bench.start(OTHER).await;
    let both = [(CLIENT, Standing::Running), (OTHER, Standing::Running)];
    assert_eq!(runtime.list().await.unwrap(), both.into());

    runtime.stop(CLIENT).await.unwrap();
    let both = [(CLIENT, Standing::Stopped), (OTHER, Standing::Running)];
    assert_eq!(runtime.list().await.unwrap(), both.into());
    assert_eq!(bench.status(CLIENT).await, RuntimeStatus::Stopped);
    runtime.stop(CLIENT).await.unwrap();
    assert!(matches!(bench.status(OTHER).await, RuntimeStatus::Running { .. }));
    assert_ne!(bench.start(CLIENT).await, started);
    runtime.stop(ClientId::from_bits(9)).await.unwrap();
}

async fn a_restart_is_a_new_process(bench: &Bench) {
    let first = bench.start(CLIENT).await;
    bench.runtime.restart(CLIENT).await.unwrap();
    let second = pid(bench.runtime.as_ref(), CLIENT).await;
    assert_ne!(first, second);
    bench.runtime.stop(CLIENT).await.unwrap();
    bench.runtime.restart(CLIENT).await.unwrap();
    pid(bench.runtime.as_ref(), CLIENT).await;
}

async fn a_killed_client_comes_back(bench: &Bench) {
    let killed = bench.start(CLIENT).await;
    sleep(Duration::from_millis(500)).await;
    kill(killed);
    let deadline = Instant::now() + SOON;
    while pid(bench.runtime.as_ref(), CLIENT).await == killed {
        assert!(Instant::now() < deadline, "it does not come back");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn archived_data_is_there_at_the_next_start(bench: &Bench) {
    bench.start(CLIENT).await;
    let marker = bench.data(CLIENT).await.join("marker");
    std::fs::write(&marker, "bookings").unwrap();
    bench.runtime.archive(CLIENT).await.unwrap();
    bench.runtime.archive(CLIENT).await.unwrap();
    let status = bench.status(CLIENT).await;
    assert!(matches!(status, RuntimeStatus::Absent | RuntimeStatus::Stopped), "{status:?}");
    assert!(!bench.layout.socket_dir(CLIENT).exists());

    bench.start(CLIENT).await;
    let marker = bench.data(CLIENT).await.join("marker");
    assert_eq!(std::fs::read_to_string(&marker).unwrap(), "bookings");
}

async fn a_removed_client_leaves_nothing(bench: &Bench) {
    bench.start(CLIENT).await;
    let data = bench.data(CLIENT).await;
    bench.runtime.remove(CLIENT).await.unwrap();
    assert_eq!(bench.status(CLIENT).await, RuntimeStatus::Absent);
    assert!(bench.runtime.list().await.unwrap().is_empty());
    assert!(!data.exists() && !bench.layout.socket_dir(CLIENT).exists());
    bench.runtime.remove(CLIENT).await.unwrap();
    if let Some(run) = &bench.run {
        assert_eq!(run.left().await, Vec::<String>::new());
    }
    bench.start(CLIENT).await;
    bench.runtime.archive(CLIENT).await.unwrap();
    bench.runtime.remove(CLIENT).await.unwrap();
    assert!(!bench.data_is_there(CLIENT).await);
}

async fn what_it_wrote_can_be_read(bench: &Bench) {
    let runtime = bench.runtime.as_ref();
    assert_eq!(runtime.log(CLIENT, 10).await.unwrap(), Vec::<String>::new());
    bench.start(CLIENT).await;
    let deadline = Instant::now() + SOON;
    let said = loop {
        let said = runtime.log(CLIENT, 1000).await.unwrap();
        if !said.is_empty() {
            break said;
        }
        assert!(Instant::now() < deadline, "it has written nothing");
        sleep(Duration::from_millis(20)).await;
    };
    assert!(said[0].contains("slotbox_event"), "{said:?}");
    runtime.restart(CLIENT).await.unwrap();
    pid(runtime, CLIENT).await;
    let later = runtime.log(CLIENT, 1000).await.unwrap();
    assert_eq!(later[0], said[0], "what it wrote before the restart is kept");
    assert_eq!(runtime.log(CLIENT, 1).await.unwrap().len(), 1);
    assert_eq!(runtime.log(OTHER, 10).await.unwrap(), Vec::<String>::new());
}

async fn nothing_is_begun_after_the_end(bench: &Bench) {
    bench.start(CLIENT).await;
    bench.runtime.shutdown().await;
    let refused = bench.runtime.ensure_running(CLIENT).await;
    assert!(matches!(refused, Err(RuntimeError::Closed)), "{refused:?}");
}

impl Bench {
    async fn data_is_there(&self, client: ClientId) -> bool {
        match &self.run {
            Some(run) => !run.left().await.is_empty(),
            None => {
                self.layout.data_dir(client).exists() || self.layout.archive_dir(client).exists()
            }
        }
    }
}
