//! A client's bot begins with a database that its host holds for it: the real program, killed and
//! short of room.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use slotbox::actions::add_client::{NewClient, add_client};
use slotbox::actions::back_up_client::back_up;
use slotbox::actions::gateways::GatewayDoor;
use slotbox::clock::Clock;
use slotbox::deps::Deps;
use slotbox::domain::actor::Actor;
use slotbox::domain::home::Home;
use slotbox::domain::ids::{ClientId, UserId};
use slotbox::domain::money::Money;
use slotbox::domain::plan::Days;
use slotbox::external::containers::{DATABASE, Layout};
use slotbox::external::seeds;
use slotbox::external::telegram::Forwarder;
use slotbox::gateway;
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::YooKassaSim;
use slotbox::store::{Options, Read as _, Store, StoreError, backup, homes};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::host::{Api, free_port, serve, serve_with, stop};
use crate::world::{OWNER, World};

#[path = "running/host.rs"]
#[expect(dead_code, reason = "these tests look at files")]
mod host;
#[path = "it/world.rs"]
#[expect(dead_code, reason = "these tests buy nothing")]
mod world;

const OPTIONS: Options = Options { cache_bytes: 1 << 20 };
const SOON: Duration = Duration::from_mins(1);

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + SOON;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Makes a database that tells which one it is.
async fn database(path: &Path, mark: u64) {
    let store = Store::open(path, OPTIONS).unwrap();
    store.write(move |txn| txn.meta().insert("mark", mark)).await.unwrap();
    store.close();
}

fn mark(path: &Path) -> Option<u64> {
    let store = Store::open(path, OPTIONS).unwrap();
    let mark = store.read(|snap| snap.meta().get("mark")).unwrap();
    store.close();
    mark
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_takes_its_seed_whenever_the_host_is_killed() {
    let shop = YooKassaSim::start(Clock::system()).await.unwrap();
    let telegram = TelegramSim::start(Clock::system()).await.unwrap();
    let (dir, port) = (tempfile::tempdir().unwrap(), free_port().unwrap());
    let mut serving = serve(dir.path(), port, &shop, &telegram);
    let api = Api::at(port);
    api.is_up().await;
    let client = api.add_client(&telegram, "salon_bot").await;
    let id: ClientId = client.parse().unwrap();
    let layout = Layout::new(&dir.path().join("data"), &dir.path().join("run"));
    let own = layout.data_dir(id).join(DATABASE);
    let anna = telegram.chat("salon_bot", &telegram.person("Anna"));
    let file = dir.path().join("restored.redb");
    for (seed, killed_after) in (1..).zip([0, 20, 60, 150, 400]) {
        database(&file, seed).await;
        seeds::place(&layout, id, &file).unwrap();
        sleep(Duration::from_millis(killed_after)).await;
        serving.kill().await.unwrap();
        serving = serve(dir.path(), port, &shop, &telegram);
        api.is_up().await;
        until("the seed is taken", || !layout.seed(id).exists()).await;
        let before = anna.messages().len();
        anna.send("/start");
        until("the bot serves", || anna.messages().len() > before + 1).await;
    }
    // The host looks by itself what lies there, and the bot goes on without a restart.
    database(&file, 99).await;
    seeds::place(&layout, id, &file).unwrap();
    until("the seed is taken", || !layout.seed(id).exists()).await;
    stop(&mut serving).await;
    assert_eq!(mark(&own), Some(99));
    let left = std::fs::read_dir(layout.data_dir(id)).unwrap().count();
    assert_eq!(left, 1, "nothing lies beside the database");
    shop.shutdown().await;
    telegram.shutdown().await;
}

/// The same host in both languages: what is told names the reason, the file and the cure, and stops
/// once the file is sound.
#[tokio::test(flavor = "multi_thread")]
async fn an_operator_hears_why_a_bot_refuses_its_seed_and_what_mends_it() {
    let shop = YooKassaSim::start(Clock::system()).await.unwrap();
    let telegram = TelegramSim::start(Clock::system()).await.unwrap();
    let (dir, port) = (tempfile::tempdir().unwrap(), free_port().unwrap());
    let (layout, file) =
        (Layout::new(&dir.path().join("data"), &dir.path().join("run")), dir.path().join("x.redb"));
    let api = Api::at(port);
    for (locale, bot, damaged, words) in [
        ("ru", "salon_bot", true, ["файл повреждён", "исправную копию"]),
        ("en", "barber_bot", false, ["a later version of Slotbox", "Upgrade Slotbox."]),
    ] {
        let spoken = [("SERVER__LOCALE", locale.to_owned())];
        let mut serving = serve_with(dir.path(), port, &shop, &telegram, &spoken);
        api.is_up().await;
        let operator = telegram.chat("master_bot", &telegram.person_with_id(100, "olga"));
        operator.send("/start");
        let id: ClientId = api.add_client(&telegram, bot).await.parse().unwrap();
        let anna = telegram.chat(bot, &telegram.person("Anna"));
        anna.send("/start");
        until("the bot serves", || anna.messages().len() > 1).await;

        database(&file, 1).await;
        if damaged {
            std::fs::write(&file, b"no database".repeat(900)).unwrap();
        } else {
            let store = Store::open(&file, OPTIONS).unwrap();
            store.write(|txn| txn.meta().insert("schema", 99)).await.unwrap();
            store.close();
        }
        seeds::place(&layout, id, &file).unwrap();
        let told = operator.wait_for(words[0], SOON).await.unwrap().text;
        let place = layout.seed(id).display().to_string();
        for part in [words[1], &place, &format!("@{bot}"), &id.to_string()] {
            assert!(told.contains(part), "{part}: {told}");
        }
        database(&file, 2).await;
        std::fs::rename(&file, layout.seed(id)).unwrap(); // As an operator puts it in its place.
        until("the seed is taken", || !layout.seed(id).exists()).await;
        let all = operator.messages();
        assert_eq!(all.iter().filter(|it| it.text.contains(words[0])).count(), 1);
        stop(&mut serving).await;
    }
    shop.shutdown().await;
    telegram.shutdown().await;
}

/// A host as far as one client's bot sees it, and that bot's process.
struct Bench {
    world: World,
    deps: Deps,
    layout: Layout,
    id: ClientId,
    stop: CancellationToken,
}

impl Bench {
    async fn new() -> Self {
        let world = World::begin().await;
        let server = &world.deps.config.server;
        let layout = Layout::new(&server.data_dir, &server.runtime_dir);
        let (gateways, orders) = GatewayDoor::new();
        let deps = Deps { gateways, ..world.deps.clone() };
        let forwarder = Forwarder::new(&world.telegram.url(), None).unwrap();
        let stop = CancellationToken::new();
        let running = gateway::run(deps.clone(), layout.clone(), forwarder, orders, stop.clone());
        tokio::spawn(running);
        let token = world.telegram.add_bot("Salon", "salon_bot");
        let new = NewClient {
            token: token.parse().unwrap(),
            owner: UserId::new(OWNER).unwrap(),
            company: "Salon".parse().unwrap(),
            days: Days::new(30).unwrap(),
            amount: Money::ZERO,
            payment: None,
            by: Actor::Api,
        };
        let id = add_client(&deps, world.cause(), new).await.unwrap().client.id;
        std::fs::create_dir_all(layout.data_dir(id)).unwrap();
        Self { world, deps, layout, id, stop }
    }

    /// Starts the bot, which may write files of so many KiB.
    fn start(&self, most_kib: &str) -> Child {
        let script = format!("trap '' XFSZ; ulimit -f {most_kib}; exec \"$@\"");
        let mut command = Command::new("/bin/bash");
        command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_slotbox"), "client"]);
        command.arg("--socket").arg(self.layout.socket(self.id));
        command.arg("--data").arg(self.layout.data_dir(self.id));
        command.stdin(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command.spawn().unwrap()
    }

    fn own(&self) -> PathBuf {
        self.layout.data_dir(self.id).join(DATABASE)
    }

    async fn note(&self, home: Home) {
        let id = self.id;
        let write = self.deps.store.write::<_, StoreError>(move |txn| homes::put(txn, id, home));
        write.await.unwrap();
        self.deps.changes.notify();
    }

    fn polls(&self) -> usize {
        let calls = self.world.telegram.calls();
        calls.iter().filter(|call| call.method.eq_ignore_ascii_case("getupdates")).count()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test]
async fn a_bot_without_room_serves_nobody_and_takes_its_seed_when_there_is_some() {
    let bench = Bench::new().await;
    database(&bench.own(), 1).await;
    let file = bench.layout.seeds_dir().with_file_name("restored.redb");
    database(&file, 2).await;
    seeds::place(&bench.layout, bench.id, &file).unwrap();
    bench.deps.gateways.open(bench.id).await.unwrap();
    let mut bot = bench.start("8");
    let said = bot.stderr.take().unwrap();
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(said));
    let refused = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains("client.seed_failed") {
                return line;
            }
        }
        panic!("the bot has ended");
    };
    let line = tokio::time::timeout(SOON, refused).await.unwrap();
    assert!(line.contains("there is no room for the seed"), "{line}");
    assert_eq!(bench.polls(), 0);
    assert!(bench.layout.seed(bench.id).exists());
    bot.kill().await.unwrap();
    assert_eq!(mark(&bench.own()), Some(1), "what it had is as it was");

    let mut bot = bench.start("unlimited");
    until("the bot serves", || bench.polls() > 0).await;
    assert!(!bench.layout.seed(bench.id).exists());
    bot.kill().await.unwrap();
    assert_eq!(mark(&bench.own()), Some(2));
}

#[tokio::test]
async fn a_bot_that_leaves_serves_nobody_and_gives_its_data_away() {
    let bench = Bench::new().await;
    database(&bench.own(), 7).await;
    bench.note(Home { is_leaving: true, ..Home::CONTAINER }).await;
    bench.deps.gateways.open(bench.id).await.unwrap();
    let mut bot = bench.start("unlimited");
    let copy = tokio::time::timeout(SOON, back_up(&bench.deps, bench.id)).await.unwrap().unwrap();
    assert_eq!(backup::check(&copy).unwrap(), 1);
    assert_eq!(mark(&copy), Some(7));
    let chat = bench.world.telegram.chat("salon_bot", &bench.world.telegram.person("Anna"));
    chat.send("/start");
    assert_eq!(bench.polls(), 0);
    let again = tokio::time::timeout(SOON, back_up(&bench.deps, bench.id)).await.unwrap();
    assert_eq!(mark(&again.unwrap()), Some(7));
    assert_eq!(bench.polls(), 0);

    // It stays after all: the same process serves, and answers what was written meanwhile.
    bench.note(Home::CONTAINER).await;
    chat.wait_for("Salon", SOON).await.unwrap();

    // And leaves again, while it serves.
    bench.note(Home { is_leaving: true, ..Home::CONTAINER }).await;
    let deadline = Instant::now() + SOON;
    let copy = loop {
        match back_up(&bench.deps, bench.id).await {
            Ok(copy) => break copy,
            Err(err) => assert!(Instant::now() < deadline, "{err}"),
        }
    };
    assert_eq!(mark(&copy), Some(7));
    bot.kill().await.unwrap();
    assert_eq!(mark(&bench.own()), Some(7));
}
