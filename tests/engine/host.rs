//! A deployer on a socket of its own, and `serve` as far as clients see it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use slotbox::actions::add_client::{NewClient, add_client};
use slotbox::actions::deploy::{Chance, deploy};
use slotbox::actions::gateways::GatewayDoor;
use slotbox::actions::health::Health;
use slotbox::deployer::frame;
use slotbox::deployer::protocol::{Answer, Greeting, Request, Verb};
use slotbox::deployer::{Ceilings, Containers, DeployerSettings, Door, LogDriver, serve, user};
use slotbox::deps::Deps;
use slotbox::domain::actor::Actor;
use slotbox::domain::ids::{ClientId, UserId};
use slotbox::domain::money::Money;
use slotbox::domain::plan::Days;
use slotbox::external::containers::docker::Docker;
use slotbox::external::containers::process::{ProcessSettings, Processes};
use slotbox::external::containers::{Layout, Runtime, RuntimeStatus};
use slotbox::external::telegram::Forwarder;
use slotbox::gateway;
use tokio::net::UnixStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::program::static_program;
use crate::run::{ENGINE, Run};
use crate::world::{OWNER, World};

/// How long a test waits for what must come.
pub const SOON: Duration = Duration::from_mins(1);

/// How long a bot may take to become healthy.
const HEALTHY_WITHIN: Duration = Duration::from_secs(20);

/// A deployer that runs in this process.
pub struct Deployer {
    pub socket: PathBuf,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

/// Asks a deployer for one thing, as `serve` does.
pub async fn ask(socket: &Path, verb: Verb) -> Answer {
    let mut stream = UnixStream::connect(socket).await.unwrap();
    let greeting = frame::read(&mut stream).await.unwrap().unwrap();
    let Greeting { version, session } = frame::decoded(&greeting).unwrap();
    frame::write(&mut stream, &Request { version, session, number: 0, verb }).await.unwrap();
    let answer = frame::read(&mut stream).await.unwrap().unwrap();
    frame::decoded(&answer).unwrap()
}

impl Deployer {
    /// Starts a deployer of the run's name, for this user, with its socket in `dir`.
    pub async fn start(run: &Run, dir: &Path, gateways: PathBuf) -> Self {
        Self::start_with(run, dir, gateways, static_program()).await
    }

    pub async fn start_with(run: &Run, dir: &Path, gateways: PathBuf, program: PathBuf) -> Self {
        let user = user(&rustix::process::geteuid().as_raw().to_string()).unwrap();
        let settings = DeployerSettings {
            instance: run.instance.clone(),
            gateways,
            program,
            engine: ENGINE.into(),
            user,
            ceilings: Ceilings { memory_bytes: 64 << 20, nano_cpus: 500_000_000, pids: 64 },
            log: LogDriver::JsonFile,
            clock_dir: None,
        };
        let socket = dir.join("deployer.sock");
        let containers = Arc::new(Containers::open(settings).await.unwrap());
        let door = Door::bind(&socket, user).unwrap();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(door, containers, stop.clone()));
        Self { socket, stop, serving }
    }

    pub async fn end(self) {
        self.stop.cancel();
        self.serving.await.unwrap();
    }
}

/// `serve` with its gateway, a deployer, and an engine.
pub struct Host {
    pub deps: Deps,
    pub layout: Layout,
    pub deployer: Deployer,
    stop: CancellationToken,
    gateway: JoinHandle<()>,
}

impl Host {
    pub async fn start(world: &World, run: &Run) -> Self {
        Self::start_with(world, run, static_program()).await
    }

    /// Starts a host whose clients run this program.
    pub async fn start_with(world: &World, run: &Run, program: PathBuf) -> Self {
        let layout = layout(world).for_containers();
        let deployer = Self::deployer(world, run, program).await;
        let runtime = Arc::new(Docker::new(deployer.socket.clone(), layout.clone()));
        Self::begin(world, layout, deployer, runtime)
    }

    /// Starts a host that runs its clients as processes, beside a deployer.
    pub async fn of_processes(world: &World, run: &Run) -> Self {
        let layout = layout(world);
        let deployer = Self::deployer(world, run, static_program()).await;
        let program = env!("CARGO_BIN_EXE_slotbox").into();
        let mut settings = ProcessSettings::new(program, layout.clone());
        let other = Docker::new(deployer.socket.clone(), layout.clone().for_containers());
        settings.other = Some(Arc::new(other));
        let runtime = Arc::new(Processes::new(settings));
        Self::begin(world, layout, deployer, runtime)
    }

    async fn deployer(world: &World, run: &Run, program: PathBuf) -> Deployer {
        let runtime_dir = &world.deps.config.server.runtime_dir;
        std::fs::create_dir_all(runtime_dir).unwrap();
        Deployer::start_with(run, runtime_dir, runtime_dir.join("clients"), program).await
    }

    fn begin(world: &World, layout: Layout, deployer: Deployer, runtime: Arc<dyn Runtime>) -> Self {
        let (gateways, orders) = GatewayDoor::new();
        let health = Health::new(HEALTHY_WITHIN);
        let deps = Deps { runtime, gateways, health, ..world.deps.clone() };
        let forwarder = Forwarder::new(&world.telegram.url(), None).unwrap();
        let stop = CancellationToken::new();
        let running = gateway::run(deps.clone(), layout.clone(), forwarder, orders, stop.clone());
        Self { deps, layout, deployer, stop, gateway: tokio::spawn(running) }
    }

    /// Ends `serve` and the deployer; containers run on.
    pub async fn end(self) {
        self.deps.runtime.shutdown().await;
        self.stop.cancel();
        self.gateway.await.unwrap();
        self.deployer.end().await;
    }

    /// Adds a client whose bot is `salon_bot`, and deploys it.
    pub async fn deploy(&self, world: &World) -> ClientId {
        let id = self.add(world).await;
        deploy(&self.deps, id, Chance::More).await.unwrap();
        id
    }

    /// Adds a client whose bot is `salon_bot`.
    pub async fn add(&self, world: &World) -> ClientId {
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
        add_client(&self.deps, world.cause(), new).await.unwrap().client.id
    }

    /// Waits until the client's container runs, and returns its first process.
    pub async fn pid(&self, client: ClientId) -> u32 {
        pid(self.deps.runtime.as_ref(), client).await
    }
}

fn layout(world: &World) -> Layout {
    let server = &world.deps.config.server;
    Layout::new(&server.data_dir, &server.runtime_dir)
}

pub async fn pid(runtime: &dyn Runtime, client: ClientId) -> u32 {
    let deadline = Instant::now() + SOON;
    loop {
        match runtime.inspect(client).await.unwrap() {
            RuntimeStatus::Running { pid: Some(pid), .. } => return pid,
            status => assert!(Instant::now() < deadline, "it does not run: {status:?}"),
        }
        sleep(Duration::from_millis(20)).await;
    }
}

pub fn kill(pid: u32) {
    let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(killed.unwrap().success());
}
