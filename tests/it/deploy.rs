//! The real client's process behind a real gateway: deployed, killed, restarted, removed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use slotbox::actions::add_client::{NewClient, add_client};
use slotbox::actions::boot::boot;
use slotbox::actions::deploy::{Chance, deploy};
use slotbox::actions::gateways::GatewayDoor;
use slotbox::actions::remove::{self, Force, ask_removal};
use slotbox::deps::Deps;
use slotbox::domain::actor::Actor;
use slotbox::domain::client::RuntimeState;
use slotbox::domain::ids::{ClientId, UserId};
use slotbox::domain::money::Money;
use slotbox::external::containers::process::{ProcessSettings, Processes};
use slotbox::external::containers::{Layout, RuntimeStatus};
use slotbox::external::telegram::Forwarder;
use slotbox::gateway;
use slotbox::sandbox::telegram::Chat;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::world::{OWNER, World};

/// `serve` as far as clients see it.
struct Host {
    deps: Deps,
    layout: Layout,
    stop: CancellationToken,
    gateway: JoinHandle<()>,
}

impl Host {
    fn start(world: &World) -> Self {
        let server = &world.deps.config.server;
        let layout = Layout::new(&server.data_dir, &server.runtime_dir);
        let program = PathBuf::from(env!("CARGO_BIN_EXE_slotbox"));
        let runtime = Arc::new(Processes::new(ProcessSettings::new(program, layout.clone())));
        let (gateways, orders) = GatewayDoor::new();
        let deps = Deps { runtime, gateways, ..world.deps.clone() };
        let forwarder = Forwarder::new(&world.telegram.url(), None).unwrap();
        let stop = CancellationToken::new();
        let running = gateway::run(deps.clone(), layout.clone(), forwarder, orders, stop.clone());
        Self { deps, layout, stop, gateway: tokio::spawn(running) }
    }

    async fn end(self) {
        self.deps.runtime.shutdown().await;
        self.stop.cancel();
        self.gateway.await.unwrap();
    }

    async fn pid(&self, client: ClientId) -> u32 {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            match self.deps.runtime.inspect(client).await.unwrap() {
                RuntimeStatus::Running { pid: Some(pid), .. } => return pid,
                status => assert!(Instant::now() < deadline, "it does not run: {status:?}"),
            }
            sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Writes to the bot and waits for an answer.
async fn talk(chat: &Chat) {
    let before = chat.messages().len();
    chat.send("/start");
    let deadline = Instant::now() + Duration::from_secs(30);
    while chat.messages().len() < before + 2 {
        assert!(Instant::now() < deadline, "the bot does not answer");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_bot_answers_survives_a_kill_and_a_restart_of_serve_and_is_removed() {
    let world = World::begin().await;
    let token = world.telegram.add_bot("Salon", "salon_bot");
    let host = Host::start(&world);
    let new = NewClient {
        token: token.parse().unwrap(),
        owner: UserId::new(OWNER).unwrap(),
        company: "Salon".parse().unwrap(),
        days: slotbox::domain::plan::Days::new(30).unwrap(),
        amount: Money::ZERO,
        payment: None,
        by: Actor::Api,
    };
    let id = add_client(&host.deps, world.cause(), new).await.unwrap().client.id;
    deploy(&host.deps, id, Chance::More).await.unwrap();
    assert_eq!(world.client(id).unwrap().runtime, RuntimeState::Running);
    let anna = world.telegram.chat("salon_bot", &world.telegram.person("Anna"));
    talk(&anna).await;

    let pid = host.pid(id).await;
    let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(killed.unwrap().success());
    while host.pid(id).await == pid {
        sleep(Duration::from_millis(10)).await;
    }
    talk(&anna).await;

    let data = host.layout.data_dir(id);
    host.end().await;
    assert!(data.join("client.redb").exists());
    let host = Host::start(&world);
    boot(&host.deps).await.unwrap();
    talk(&anna).await;

    ask_removal(&host.deps, world.cause(), id, Force::Yes, Actor::Api).await.unwrap();
    remove::remove(&host.deps, id).await.unwrap();
    assert!(!data.exists());
    assert!(world.client(id).is_none());
    host.end().await;
}
