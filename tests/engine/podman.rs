//! The same deployer, template and promises on Podman, behind the socket where it speaks as Docker's
//! engine does.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use slotbox::actions::remove::{self, Force, ask_removal};
use slotbox::deployer::protocol::{Answer, Change, Verb};
use slotbox::domain::actor::Actor;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::host::{Host, SOON, ask, kill};
use crate::isolation::what_works;
use crate::program::probe;
use crate::run::{Run, connect};
use crate::story::{book, visits};
use crate::world::World;

/// What Docker's filter refuses without a capability, and Podman's does not.
const LET_THROUGH: [&str; 4] =
    ["a user namespace", "a mount namespace", "a network namespace", "read the keyring"];
const DOC: &str = include_str!("../../docs/security.md");

/// A Podman with a directory and a socket of its own; it goes when this ends.
struct Podman {
    process: Child,
    dir: TempDir,
}

impl Podman {
    /// Starts it, unless it is not installed; then says so, or fails where `CI` is set.
    async fn start() -> Option<Self> {
        let missing = ["podman", "catatonit"].into_iter().find(|program| {
            let told = Command::new(program).arg("--version").stdout(Stdio::null()).status();
            !told.is_ok_and(|status| status.success())
        });
        if let Some(missing) = missing {
            assert!(std::env::var_os("CI").is_none(), "{missing} is needed here");
            eprintln!("skipped: {missing} is not installed");
            return None;
        }
        let dir = tempfile::Builder::new().prefix("sbp-").tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let mut podman = Command::new("podman");
        podman.arg("--root").arg(path("root")).arg("--runroot").arg(path("run"));
        podman.arg("--tmpdir").arg(path("tmp")).args(["--cgroup-manager", "cgroupfs"]);
        podman.args(["system", "service", "--time=0"]);
        podman.arg(format!("unix://{}", path("podman.sock").display()));
        // Its checks of health are timers of systemd, which is not there in a container.
        podman.env("DISABLE_HC_SYSTEMD", "true").stdin(Stdio::null());
        podman.stderr(fs::File::create(path("log")).unwrap());
        let podman = Self { process: podman.spawn().unwrap(), dir };
        let deadline = Instant::now() + SOON;
        while let Err(err) = connect(&podman.socket()).await {
            let log = fs::read_to_string(podman.dir.path().join("log")).unwrap();
            assert!(Instant::now() < deadline, "it does not start: {err}\n{log}");
            sleep(Duration::from_millis(50)).await;
        }
        Some(podman)
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("podman.sock")
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        // It mounts the layers' directory over itself.
        let layers = self.dir.path().join("root/overlay");
        Command::new("umount").arg("--lazy").arg(layers).stderr(Stdio::null()).status().ok();
    }
}

#[tokio::test]
async fn a_salon_in_podman_books_heals_restarts_and_goes() {
    let Some(podman) = Podman::start().await else { return };
    let run = Run::within(podman.socket()).await;
    let world = World::begin().await;
    let host = Host::start(&world, &run).await;
    let id = host.deploy(&world).await;
    let anna = world.telegram.chat("salon_bot", &world.telegram.person("Anna"));
    book(&anna).await;

    let killed = host.pid(id).await;
    kill(killed);
    let deadline = Instant::now() + SOON;
    while host.pid(id).await == killed {
        assert!(Instant::now() < deadline, "it does not come back");
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(visits(&anna).await, 1);
    // Looked at again, it is as it was made.
    let pid = host.pid(id).await;
    let ensured = ask(&host.deployer.socket, Verb::Ensure(id.into())).await;
    assert_eq!(ensured, Answer::Ensured(Change::Kept));
    assert_eq!(host.pid(id).await, pid);
    host.deps.runtime.stop(id).await.unwrap();
    host.deps.runtime.ensure_running(id).await.unwrap();
    assert_eq!(visits(&anna).await, 1);
    assert!(!host.deps.runtime.log(id, 5).await.unwrap().is_empty());

    ask_removal(&host.deps, world.cause(), id, Force::Yes, Actor::Api).await.unwrap();
    remove::remove(&host.deps, id).await.unwrap();
    assert_eq!(run.left().await, Vec::<String>::new());
    host.end().await;
}

#[tokio::test]
async fn what_works_in_podman_is_what_its_filter_of_system_calls_lets_through() {
    let Some(podman) = Podman::start().await else { return };
    let run = Run::within(podman.socket()).await;
    let world = World::begin().await;
    let host = Host::start_with(&world, &run, probe()).await;
    let works = what_works(&host, &world).await;
    assert_eq!(works, LET_THROUGH);
    let (_, told) = DOC.split_once("* **Podman.**").unwrap();
    for attempt in LET_THROUGH {
        assert!(told.contains(&format!("`{attempt}`")), "docs/security.md does not tell {attempt}");
    }
    host.end().await;
}
