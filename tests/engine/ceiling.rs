//! All clients together have a ceiling, whatever each of them may have.

use std::fs;
use std::process::{Child, Command};
use std::time::Duration;

use bollard::query_parameters::InspectContainerOptions;
use slotbox::deployer::protocol::{Data, Verb};
use slotbox::deployer::{Ceilings, CgroupDriver, Group, Seen, prepare};
use slotbox::domain::ids::ClientId;
use tempfile::NamedTempFile;
use tokio::time::{Instant, sleep};

use crate::bench::Bench;
use crate::host::{CEILINGS, SOON};
use crate::run::Run;

/// Room for two of the probes that hold 40 MiB each, and not for three.
const TOGETHER: u64 = 100 << 20;

/// The most memory that a group has ever used.
fn peak(run: &Run) -> u64 {
    let name = format!("{}-clients", run.instance);
    let files = [
        format!("/sys/fs/cgroup/{name}/memory.peak"),
        format!("/sys/fs/cgroup/memory/{name}/memory.max_usage_in_bytes"),
    ];
    let told = files.iter().find_map(|file| fs::read_to_string(file).ok());
    told.unwrap().trim().parse().unwrap()
}

/// A process of the host that takes 64 MiB, again and again, and writes each time.
struct Outside {
    process: Child,
    rounds: NamedTempFile,
}

impl Outside {
    fn begin() -> Self {
        let rounds = NamedTempFile::new().unwrap();
        let script = "while :; do head -c 64M /dev/zero | tail -c 64M >/dev/null; echo; done";
        let mut process = Command::new("sh");
        process.args(["-c", script]).stdout(rounds.reopen().unwrap());
        Self { process: process.spawn().unwrap(), rounds }
    }

    fn rounds(&self) -> u64 {
        self.rounds.as_file().metadata().unwrap().len()
    }

    async fn goes_on(&self) {
        let (before, deadline) = (self.rounds(), Instant::now() + SOON);
        while self.rounds() < before + 2 {
            assert!(Instant::now() < deadline, "the host's own process stands still");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[tokio::test]
async fn clients_together_stay_below_a_ceiling_and_the_host_goes_on() {
    let Some(run) = Run::begin().await else { return };
    if run.docker.info().await.unwrap().cgroup_driver.is_some_and(|it| it.to_string() == "systemd")
    {
        eprintln!("skipped: here a slice's unit has the ceiling");
        return;
    }
    let group = Group::new(CgroupDriver::Cgroupfs, &run.instance);
    let ceilings = Ceilings { together_bytes: Some(TOGETHER), ..CEILINGS };
    let bench = Bench::within(run, ceilings).await;
    assert_eq!(group.seen(), Seen::At(TOGETHER));

    // Somebody takes the ceiling away: the next look at a container puts it back.
    prepare(&bench.run.engine, &bench.run.instance, Some(TOGETHER * 2)).await.unwrap();
    assert_eq!(group.seen(), Seen::At(TOGETHER * 2));
    let clients = [921, 922, 923].map(ClientId::from_bits);
    bench.start(clients[0], "hold").await;
    assert_eq!(group.seen(), Seen::At(TOGETHER));

    let outside = Outside::begin();
    for client in &clients[1..] {
        bench.start(*client, "hold").await;
    }
    let deadline = Instant::now() + SOON;
    loop {
        let mut killed = 0;
        for client in clients {
            let name = bench.run.name(client);
            let told = bench.run.docker.inspect_container(&name, None::<InspectContainerOptions>);
            killed += told.await.unwrap().restart_count.unwrap_or(0);
        }
        if killed > 0 {
            break;
        }
        assert!(Instant::now() < deadline, "three hold 120 MiB together");
        sleep(Duration::from_millis(50)).await;
    }
    assert!(peak(&bench.run) <= TOGETHER);
    assert!(peak(&bench.run) > 64 << 20, "more than one client may have");
    outside.goes_on().await;

    for client in clients {
        bench.done(Verb::Remove(client.into(), Data::Delete)).await;
    }
    assert_eq!(bench.run.left().await, Vec::<String>::new());
}
