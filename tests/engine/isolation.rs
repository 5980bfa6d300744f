//! What cannot be done from inside a client's container, tried there by a probe, and what the user
//! of `serve` cannot do. `docs/security.md` tells of each attempt.

use std::fs;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bollard::query_parameters::InspectContainerOptions;
use slotbox::deployer::protocol::{Answer, Data, Verb};
use slotbox::domain::ids::ClientId;
use tokio::time::{Instant, sleep};

use crate::bench::Bench;
use crate::host::{Host, SOON, ask};
use crate::program::probe;
use crate::run::{ENGINE, Run};
use crate::world::World;

const DOC: &str = include_str!("../../docs/security.md");
/// The fewest kinds of attempts that are worth the name.
const LEAST: usize = 20;
const NOBODY: u32 = 65_534;

/// Waits until the client's program has written a line that begins so, and returns all of them.
async fn log_with(socket: &Path, client: ClientId, beginning: &str) -> Vec<String> {
    let deadline = Instant::now() + SOON;
    loop {
        let Answer::Log(lines) = ask(socket, Verb::Log(client.into(), 1000)).await else {
            panic!("no log")
        };
        if lines.iter().any(|line| line.starts_with(beginning)) {
            return lines;
        }
        assert!(Instant::now() < deadline, "never: {beginning}\n{}", lines.join("\n"));
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn nothing_that_a_container_must_not_do_works() {
    let Some(run) = Run::begin().await else { return };
    let world = World::begin().await;
    let host = Host::start_with(&world, &run, probe()).await;
    assert_eq!(what_works(&host, &world).await, Vec::<String>::new());
    host.end().await;
}

/// Has the probe try everything in a container of this host, whose clients it is, and returns the
/// attempts that the engine did not stop.
pub async fn what_works(host: &Host, world: &World) -> Vec<String> {
    let id = host.add(world).await;
    host.deps.gateways.open(id).await.unwrap();
    host.deps.runtime.ensure_running(id).await.unwrap();
    let told = log_with(&host.deployer.socket, id, "end|").await;
    let attempts: Vec<Vec<&str>> = told
        .iter()
        .map(|line| line.splitn(3, '|').collect())
        .filter(|it: &Vec<_>| it.len() == 3)
        .collect();
    let allowed: Vec<_> = attempts.iter().filter(|attempt| attempt[1] != "refused").collect();
    eprintln!("allowed: {allowed:?}");
    let names: Vec<_> =
        attempts.iter().map(|attempt| attempt[0]).filter(|it| *it != "end").collect();
    assert!(names.len() >= LEAST, "{} attempts", names.len());
    let untold: Vec<_> = names.iter().filter(|name| !DOC.contains(&format!("`{name}`"))).collect();
    assert!(untold.is_empty(), "docs/security.md does not tell of {untold:#?}");
    allowed.into_iter().map(|attempt| attempt[0].to_owned()).collect()
}

#[tokio::test]
async fn a_fork_bomb_and_a_memory_hog_die_alone() {
    let Some(bench) = Bench::begin().await else { return };
    let [neighbour, bomb, hog] = [901, 902, 903].map(ClientId::from_bits);
    bench.start(neighbour, "tick").await;
    bench.start(bomb, "bomb").await;
    let children = bench.written(bomb, "children").await;
    assert!((1..64).contains(&children), "{children} children");
    assert!(bench.stats(bomb).await.pids <= 64);
    assert!(bench.works(neighbour).await);

    bench.start(hog, "hog").await;
    let name = format!("{}-{hog}", bench.run.instance);
    let deadline = Instant::now() + SOON;
    loop {
        let hog = bench.run.docker.inspect_container(&name, None::<InspectContainerOptions>).await;
        let hog = hog.unwrap();
        if hog.restart_count.unwrap_or(0) > 0 {
            break;
        }
        assert!(Instant::now() < deadline, "the hog is not killed: {:?}", hog.state);
        sleep(Duration::from_millis(50)).await;
    }
    assert!(bench.works(neighbour).await);
    bench.done(Verb::Stop(hog.into())).await;
    for client in [neighbour, bomb, hog] {
        bench.done(Verb::Remove(client.into(), Data::Delete)).await;
    }
    assert_eq!(bench.run.left().await, Vec::<String>::new());
}

#[tokio::test]
async fn no_token_is_in_a_container_nor_in_what_the_engine_tells_of_it() {
    let Some(run) = Run::begin().await else { return };
    let world = World::begin().await;
    let host = Host::start(&world, &run).await;
    let id = host.deploy(&world).await;
    let token = world.telegram.add_bot("Salon", "salon_bot"); // The same: it has one already.
    let secret = token.split(':').next_back().unwrap().to_owned();
    let name = format!("{}-{id}", run.instance);
    let told = run.docker.inspect_container(&name, None::<InspectContainerOptions>).await.unwrap();
    assert!(!serde_json::to_string(&told).unwrap().contains(&secret));

    let first = host.pid(id).await;
    let mut looked_at = 0;
    for process in processes_in_its_namespace(first) {
        let environment = fs::read(format!("/proc/{process}/environ")).unwrap();
        assert!(!contains(&environment, secret.as_bytes()));
        looked_at += memory_without(process, secret.as_bytes());
    }
    assert!(looked_at > 1 << 20, "{looked_at} bytes of memory were looked at");
    let volume: std::path::PathBuf =
        run.docker.inspect_volume(&name).await.unwrap().mountpoint.into();
    for entry in fs::read_dir(volume).unwrap() {
        assert!(!contains(&fs::read(entry.unwrap().path()).unwrap(), secret.as_bytes()));
    }
    host.end().await;
}

fn processes_in_its_namespace(first: u32) -> Vec<u32> {
    let own = fs::read_link(format!("/proc/{first}/ns/pid")).unwrap();
    let all = fs::read_dir("/proc").unwrap().flatten();
    let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers
        .filter(|number| fs::read_link(format!("/proc/{number}/ns/pid")).is_ok_and(|it| it == own))
        .collect()
}

/// Looks through all memory of a process that it can write; returns how much it was.
fn memory_without(process: u32, secret: &[u8]) -> usize {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let memory = fs::File::open(format!("/proc/{process}/mem")).unwrap();
    let mut looked_at = 0;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let [start, end] = [start, end].map(|it| u64::from_str_radix(it, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(end - start).unwrap().min(64 << 20)];
        if memory.read_exact_at(&mut bytes, start).is_ok() {
            assert!(!contains(&bytes, secret), "the token is in the memory of process {process}");
            looked_at += bytes.len();
        }
    }
    looked_at
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_user_opens_the_engine_the_deployer_or_a_clients_socket() {
    let Some(bench) = Bench::begin().await else { return };
    let engine = Command::new("test").args(["-w", ENGINE]).uid(NOBODY).gid(NOBODY).status();
    assert!(!engine.unwrap().success(), "{ENGINE} is open to anybody");

    // What the file's mode would let through, the peer's user does not.
    let probe = bench.layout.socket_dir(ClientId::from_bits(1)).with_file_name("probe");
    fs::create_dir_all(probe.parent().unwrap()).unwrap();
    fs::copy(crate::program::probe(), &probe).unwrap();
    let mut dir = Some(probe.as_path());
    while let Some(path) =
        dir.filter(|path| path.starts_with(std::env::temp_dir()) && *path != std::env::temp_dir())
    {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        dir = path.parent();
    }
    fs::set_permissions(&bench.deployer.socket, fs::Permissions::from_mode(0o666)).unwrap();
    let knock = |uid| {
        let mut knock = Command::new(&probe);
        let knock = knock.arg("knock").arg(&bench.deployer.socket).uid(uid).gid(uid).output();
        String::from_utf8(knock.unwrap().stdout).unwrap()
    };
    let (stranger, own) = tokio::task::block_in_place(|| (knock(NOBODY), knock(0)));
    assert_eq!(stranger, "connected, heard 0 bytes\n");
    assert_ne!(own, stranger, "root is greeted");
}

#[tokio::test]
async fn a_client_is_its_own_user() {
    let Some(bench) = Bench::begin().await else { return };
    let [one, other] = [911, 912].map(ClientId::from_bits);
    bench.start(one, "tick").await;
    bench.start(other, "tick").await;
    let mut users = Vec::new();
    for client in [one, other] {
        let status = ask(&bench.deployer.socket, Verb::Inspect(client.into())).await;
        let Answer::Status(slotbox::deployer::protocol::Status::Running { pid, .. }) = status
        else {
            panic!("{status:?}")
        };
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("Uid:")).unwrap();
        users.push(line.split_whitespace().nth(1).unwrap().parse::<u32>().unwrap());
    }
    assert_eq!(users, [one, other].map(slotbox::domain::uid::of));
}
