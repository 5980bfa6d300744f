//! A client moves from a process to a container and back, with all that it has.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use slotbox::actions::boot::boot;
use slotbox::actions::deploy::{Chance, DeployError, deploy};
use slotbox::actions::home::HomeError;
use slotbox::actions::remove::{self, Force, ask_removal};
use slotbox::clock::Clock;
use slotbox::domain::actor::Actor;
use slotbox::domain::home::Home;
use slotbox::domain::ids::ClientId;
use slotbox::external::containers::docker::Docker;
use slotbox::external::containers::{DATABASE, Runtime, RuntimeStatus};
use slotbox::sandbox::telegram::{Chat, TelegramSim};
use slotbox::store::{Options, Read as _, Store, StoreError, backup, homes};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::host::{Deployer, Host, SOON};
use crate::run::Run;
use crate::running::{Api, TOKEN, free_port, stop};
use crate::story::{book, say};
use crate::world::{OWNER, World};

const OPTIONS: Options = Options { cache_bytes: 1 << 20 };

/// Everything that a bot must not forget, row by row.
pub fn content(database: &Path) -> Vec<(&'static str, String, Vec<u8>)> {
    let store = Store::open(database, OPTIONS).unwrap();
    let rows = store.read::<_, StoreError>(|snap| {
        let mut rows = Vec::new();
        for entry in snap.bookings().range(..) {
            let (key, row) = entry?;
            rows.push(("bookings", format!("{key:?}"), row));
        }
        for entry in snap.services().range(..) {
            let (key, row) = entry?;
            rows.push(("services", format!("{key:?}"), row));
        }
        for entry in snap.settings().range(..) {
            let (key, row) = entry?;
            rows.push(("settings", format!("{key:?}"), row));
        }
        for entry in snap.jobs_waiting().range(..) {
            let (key, ()) = entry?;
            rows.push(("reminders", format!("{key:?}"), Vec::new()));
        }
        Ok(rows)
    });
    store.close();
    rows.unwrap()
}

fn home(host: &Host, id: ClientId) -> Option<Home> {
    host.deps.store.read::<_, StoreError>(|snap| homes::get(snap, id)).unwrap()
}

/// Names what the host has of the client beside its record.
fn on_disk(host: &Host, id: ClientId) -> Vec<PathBuf> {
    let layout = &host.layout;
    let places =
        [layout.data_dir(id), layout.archive_dir(id), layout.seed(id), layout.unfinished_seed(id)];
    places.into_iter().filter(|path| path.exists()).collect()
}

pub async fn of_deployer(host: &Host, id: ClientId) -> RuntimeStatus {
    let layout = host.layout.clone().for_containers();
    let docker = Docker::new(host.deployer.socket.clone(), layout);
    docker.inspect(id).await.unwrap()
}

#[tokio::test]
async fn a_salon_moves_to_a_container_and_back_with_all_that_it_has() {
    let Some(run) = Run::begin().await else { return };
    let world = World::begin().await;
    let host = Host::of_processes(&world, &run).await;
    let id = host.deploy(&world).await;
    let anna = world.telegram.chat("salon_bot", &world.telegram.person("Anna"));
    let olga = world.telegram.chat("salon_bot", &world.telegram.person_with_id(OWNER, "Olga"));
    book(&anna).await;
    say(&olga, "/start", "Salon").await;
    assert_eq!(home(&host, id), Some(Home::PROCESS));
    let database = host.layout.data_dir(id).join(DATABASE);
    host.end().await;
    let before = content(&database);
    assert!(before.iter().any(|row| row.0 == "bookings"), "{before:?}");
    assert!(before.iter().any(|row| row.0 == "reminders"), "{before:?}");

    // The setting says docker: what was running starts only with its data.
    let host = Host::start(&world, &run).await;
    boot(&host.deps).await.unwrap();
    assert_eq!(of_deployer(&host, id).await, RuntimeStatus::Absent);
    deploy(&host.deps, id, Chance::More).await.unwrap();
    assert_eq!(home(&host, id), Some(Home::CONTAINER));
    assert_eq!(on_disk(&host, id), Vec::<PathBuf>::new());
    say(&anna, "📋 Мои записи", "Ваши записи").await;
    let volume = run.docker.inspect_volume(&format!("{}-{id}", run.instance)).await.unwrap();
    host.deps.runtime.stop(id).await.unwrap();
    assert_eq!(content(&Path::new(&volume.mountpoint).join(DATABASE)), before);
    deploy(&host.deps, id, Chance::More).await.unwrap();
    let other = world.telegram.chat("salon_bot", &world.telegram.person("Vera"));
    book(&other).await;
    host.end().await;
    let deadline = Instant::now() + SOON;
    let moved = loop {
        // The container runs on while nobody serves it.
        let copy = world.deps.config.server.data_dir.join("copy.redb");
        std::fs::copy(Path::new(&volume.mountpoint).join(DATABASE), &copy).unwrap();
        match backup::check(&copy) {
            Ok(_) => break content(&copy),
            Err(err) => assert!(Instant::now() < deadline, "{err}"),
        }
    };
    assert_eq!(moved.iter().filter(|row| row.0 == "bookings").count(), 2);

    // And process again: the container gives its data away and is gone.
    let host = Host::of_processes(&world, &run).await;
    boot(&host.deps).await.unwrap();
    assert!(!database.exists());
    deploy(&host.deps, id, Chance::More).await.unwrap();
    assert_eq!(home(&host, id), Some(Home::PROCESS));
    assert_eq!(on_disk(&host, id), [host.layout.data_dir(id)]);
    assert_eq!(run.left().await, Vec::<String>::new());
    visits(&anna).await;
    visits(&other).await;
    host.deps.runtime.stop(id).await.unwrap();
    assert_eq!(content(&database), moved);

    // Archived as a process, it comes back as a container.
    host.deps.runtime.archive(id).await.unwrap();
    assert!(!database.exists());
    host.end().await;
    let host = Host::start(&world, &run).await;
    deploy(&host.deps, id, Chance::More).await.unwrap();
    assert_eq!(on_disk(&host, id), Vec::<PathBuf>::new());
    visits(&anna).await;
    visits(&other).await;
    host.end().await;
}

#[tokio::test]
async fn no_empty_bot_takes_the_place_of_one_in_a_container() {
    let Some(run) = Run::begin().await else { return };
    let world = World::begin().await;
    let host = Host::start(&world, &run).await;
    let id = host.deploy(&world).await;
    let anna = world.telegram.chat("salon_bot", &world.telegram.person("Anna"));
    book(&anna).await;
    host.end().await;

    // Nobody can be asked for the container.
    let mut host = Host::of_processes(&world, &run).await;
    let Host { deployer, .. } = &mut host;
    let socket = deployer.socket.clone();
    std::fs::rename(&socket, socket.with_extension("away")).unwrap();
    let refused = deploy(&host.deps, id, Chance::More).await;
    assert!(matches!(refused, Err(DeployError::Home(HomeError::InContainer(_)))), "{refused:?}");
    assert_eq!(on_disk(&host, id), Vec::<PathBuf>::new());
    assert_eq!(home(&host, id), Some(Home::CONTAINER));
    let removal = ask_removal(&host.deps, world.cause(), id, Force::Yes, Actor::Api).await;
    removal.unwrap();
    remove::remove(&host.deps, id).await.unwrap_err();
    std::fs::rename(socket.with_extension("away"), &socket).unwrap();

    // What is removed is removed wherever it lies.
    remove::remove(&host.deps, id).await.unwrap();
    assert_eq!(run.left().await, Vec::<String>::new());
    assert_eq!(home(&host, id), None);
    host.end().await;
}

#[tokio::test]
async fn two_databases_are_never_made_one() {
    let Some(run) = Run::begin().await else { return };
    let world = World::begin().await;
    let host = Host::start(&world, &run).await;
    let id = host.deploy(&world).await;
    // As if an earlier release had started an empty process beside the container.
    let data = host.layout.data_dir(id);
    std::fs::create_dir_all(&data).unwrap();
    let database = data.join(DATABASE);
    Store::open(&database, OPTIONS).unwrap().close();
    host.deps.runtime.stop(id).await.unwrap();
    let refused = deploy(&host.deps, id, Chance::More).await;
    assert!(matches!(refused, Err(DeployError::Home(HomeError::TwoPlaces(_)))), "{refused:?}");
    assert!(database.exists());
    host.end().await;
    let host = Host::of_processes(&world, &run).await;
    let refused = deploy(&host.deps, id, Chance::More).await;
    assert!(matches!(refused, Err(DeployError::Home(HomeError::TwoPlaces(_)))), "{refused:?}");

    // Somebody decides: the file is not the one.
    std::fs::remove_dir_all(&data).unwrap();
    deploy(&host.deps, id, Chance::More).await.unwrap();
    assert_eq!(home(&host, id), Some(Home::PROCESS));
    assert_eq!(run.left().await, Vec::<String>::new());
    host.end().await;
}

/// `serve` as a program of its own, which can be killed.
struct Serve<'a> {
    dir: &'a Path,
    port: u16,
    deployer: &'a Deployer,
    telegram: &'a TelegramSim,
    master: String,
}

impl Serve<'_> {
    fn start(&self, kind: &str) -> Child {
        let path = self.dir.display();
        let settings = [
            ("TLS__MODE", "off".to_owned()),
            ("API__TOKEN", TOKEN.to_owned()),
            ("SERVER__LOCAL_LISTEN", format!("127.0.0.1:{}", self.port)),
            ("SERVER__DATA_DIR", format!("{path}/data")),
            ("SERVER__RUNTIME_DIR", format!("{path}/run")),
            ("TELEGRAM__API_URL", self.telegram.url()),
            ("TELEGRAM__MASTER_TOKEN", self.master.clone()),
            ("TELEGRAM__OPERATORS", "[100]".to_owned()),
            ("RUNTIME__KIND", kind.to_owned()),
            ("RUNTIME__DEPLOYER_SOCKET", self.deployer.socket.display().to_string()),
            ("LOG__FORMAT", "text".to_owned()),
        ];
        let log = OpenOptions::new().create(true).append(true).open(self.dir.join("serve.log"));
        let (log, config) = (log.unwrap(), self.dir.join("slotbox.toml"));
        std::fs::write(&config, "").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_slotbox"));
        command.arg("serve").arg("--config").arg(config).env_clear().kill_on_drop(true);
        command.envs(settings.map(|(key, value)| (format!("SLOTBOX__{key}"), value)));
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        command.spawn().unwrap()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.join("serve.log")).unwrap()
    }

    /// Waits until the log says so `times` times.
    async fn said(&self, event: &str, times: usize) {
        let deadline = Instant::now() + SOON * 2;
        while self.log().matches(event).count() < times {
            assert!(Instant::now() < deadline, "never {times} times {event}:\n{}", self.log());
            sleep(Duration::from_millis(50)).await;
        }
    }
}

pub async fn visits(chat: &Chat) {
    say(chat, "📋 Мои записи", "Ваши записи").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_is_killed_again_and_again_loses_nothing() {
    let Some(run) = Run::begin().await else { return };
    let (telegram, dir) = (TelegramSim::start(Clock::system()).await.unwrap(), tempfile::tempdir());
    let dir = dir.unwrap();
    let gateways = dir.path().join("run/clients");
    let deployer = Deployer::start(&run, dir.path(), gateways).await;
    let master = telegram.add_bot("Master", "master_bot");
    let port = free_port().unwrap();
    let serve = Serve { dir: dir.path(), port, deployer: &deployer, telegram: &telegram, master };
    let mut serving = serve.start("process");
    let api = Api::at(port);
    api.is_up().await;
    let id = api.add_client(&telegram, "salon_bot").await;
    let anna = telegram.chat("salon_bot", &telegram.person("Anna"));
    book(&anna).await;

    // Killed at ever later moments; each start goes on where the one before was.
    for (kind, moves) in [("docker", 1), ("process", 2)] {
        for tenths in [2, 5, 8, 12, 17, 25] {
            serving.kill().await.unwrap();
            serving = serve.start(kind);
            sleep(Duration::from_millis(100 * tenths)).await;
        }
        serving.kill().await.unwrap();
        serving = serve.start(kind);
        serve.said("client.moved", moves).await;
        visits(&anna).await;
        let person = telegram.chat("salon_bot", &telegram.person(kind));
        book(&person).await;
        visits(&person).await;
    }
    serve.said("client.container_removed", 1).await;
    stop(&mut serving).await;
    let database = dir.path().join("data/clients").join(&id).join(DATABASE);
    let bookings = content(&database).iter().filter(|row| row.0 == "bookings").count();
    assert_eq!(bookings, 3, "{}", serve.log());
    assert_eq!(run.left().await, Vec::<String>::new());
    deployer.end().await;
    telegram.shutdown().await;
}
