//! `slotbox serve`: the role that faces the outside. Builds its parts in order, runs them side by
//! side, and closes them in the opposite order.

use std::fs::{DirBuilder, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::https::PublicSide;
use super::parts::{self, Ground};
use super::sockets::Handed;
use super::{bots, keeper, key, manager};
use crate::actions::alarms::Alarms;
use crate::actions::back_up;
use crate::actions::boot::boot;
use crate::actions::gateways::GatewayOrders;
use crate::actions::pulse::Pulse;
use crate::actions::webhooks;
use crate::clock::Clock;
use crate::config::{Config, RuntimeKind, Sources};
use crate::deps::Deps;
use crate::external::acme::Vantage;
use crate::external::containers::docker::Docker;
use crate::external::containers::process::{ProcessSettings, Processes};
use crate::external::containers::{Layout, Runtime};
use crate::external::telegram::Forwarder;
use crate::gateway;
use crate::http::control::{Control, ControlSocket, serve_control};
use crate::http::{self, QueueAlive, Site};
use crate::jobs::perform::{LONGEST, perform};
use crate::jobs::{WorkerOptions, run_worker, timetable};
use crate::store::{Options, Store};

/// The database's file in the data directory.
const FILE: &str = "slotbox.redb";
/// The command line's way in, in the runtime directory.
pub const CONTROL_SOCKET: &str = "control.sock";
const CACHE_BYTES: usize = 64 << 20;
/// Only this user may enter.
const PRIVATE: u32 = 0o700;
/// The group may pass through: the deployer looks at the directories that it mounts.
const PASSABLE: u32 = 0o710;
/// How long a `serve` that was killed may hold the database: as long as a child that it was just
/// starting has not become another program yet.
const LOCK_IS_FREE_WITHIN: Duration = Duration::from_secs(5);

/// How this process is run.
#[derive(Clone)]
pub struct ServeOptions {
    /// Where the settings came from; the sealing key lies beside them.
    pub sources: Sources,
    /// The program that runs a client's bot: this one.
    pub executable: PathBuf,
    /// The file that moves the clients' clocks, in tests and in the demo.
    pub clock_file: Option<PathBuf>,
    /// The last warnings, as the log tells of them.
    pub alarms: Alarms,
    /// The sockets that the service manager has handed over.
    pub handed: Handed,
    /// From where the public name is looked at.
    pub vantage: Vantage,
}

/// Tells what is set and does nothing yet.
fn warn_of_missing(config: &Config) {
    if config.yookassa.autopay {
        tracing::warn!(
            event = "setting.idle",
            key = "yookassa.autopay",
            "what this asks for comes with a later release"
        );
    }
}

/// Runs the business until `stop`, then ends the work in hand within half a minute.
///
/// # Errors
///
/// Returns what keeps it from starting, or the part that ended by itself.
pub async fn run(
    config: Config,
    options: ServeOptions,
    clock: Clock,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    warn_of_missing(&config);
    make_dir(&config.server.data_dir, PRIVATE)?;
    let of_sockets = match config.runtime.kind {
        RuntimeKind::Docker => PASSABLE,
        RuntimeKind::Process => PRIVATE,
    };
    make_dir(&config.server.runtime_dir, of_sockets)?;
    let (path, cache) = (config.server.data_dir.join(FILE), Options { cache_bytes: CACHE_BYTES });
    let store = Store::open_within(LOCK_IS_FREE_WITHIN, &path, cache).await?;
    let (sealer, sealing_key) = key::sealer(&options.sources, &store)?;
    let (layout, runtime) = runtime(&config, options.executable, options.clock_file);
    let listeners = options.handed.listeners("local", &[config.server.local_listen]).await?;
    let public = PublicSide::open(&config, &options.handed, options.vantage).await?;
    let socket = config.server.runtime_dir.join(CONTROL_SOCKET);
    let control = match options.handed.unix("control")? {
        Some(listener) => ControlSocket::handed_over(listener),
        None => ControlSocket::bind(&socket)
            .with_context(|| format!("cannot listen on {}", socket.display()))?,
    };
    let store_again = store.clone();
    let ground = Ground { config, store: store_again, sealer, sealing_key, clock, runtime };
    let (deps, line) = parts::deps(ground)?;
    let deps = Deps { vault: deps.vault.clone().with_settings(options.sources), ..deps };
    let doors =
        Doors { layout, line, listeners, public, control, alarms: options.alarms, database: path };
    let result = run_parts(deps, doors, stop).await;
    store.close();
    result
}

/// Returns what runs the clients' bots, and where their directories are.
fn runtime(
    config: &Config,
    executable: PathBuf,
    clock_file: Option<PathBuf>,
) -> (Layout, Arc<dyn Runtime>) {
    let layout = Layout::new(&config.server.data_dir, &config.server.runtime_dir);
    match config.runtime.kind {
        RuntimeKind::Docker => {
            let layout = layout.for_containers();
            let socket = config.runtime.deployer_socket.clone();
            let docker = Arc::new(Docker::new(socket, layout.clone()));
            tokio::spawn(prepare(docker.clone()));
            (layout, docker)
        }
        RuntimeKind::Process => {
            let mut settings = ProcessSettings::new(executable, layout.clone());
            settings.clock_file = clock_file;
            // Clients may still have containers.
            let socket = config.runtime.deployer_socket.clone();
            settings.other = Some(Arc::new(Docker::new(socket, layout.clone().for_containers())));
            settings.log_level = Some(config.log.level.name());
            (layout, Arc::new(Processes::new(settings)))
        }
    }
}

/// Has the image of this release made before the first client needs it.
async fn prepare(docker: Arc<Docker>) {
    if let Err(err) = docker.ensure_image().await {
        tracing::warn!(event = "runtime.no_image", error = %err,
            "the image that clients run from cannot be made");
    }
}

/// What the doors stand on.
struct Doors {
    layout: Layout,
    line: GatewayOrders,
    listeners: Vec<tokio::net::TcpListener>,
    public: Option<PublicSide>,
    control: ControlSocket,
    alarms: Alarms,
    database: PathBuf,
}

async fn run_parts(deps: Deps, doors: Doors, stop: CancellationToken) -> anyhow::Result<()> {
    let telegram = &deps.config.telegram;
    let way = parts::way_to_telegram(&deps.config)?;
    let forwarder = Forwarder::new(&telegram.api_url, Some(&way))?;
    let address = deps.config.server.local_listen;
    let answers_at = doors.listeners.first().map(tokio::net::TcpListener::local_addr);
    // The gateway outlives the rest: the bots' last words go through it.
    let last = CancellationToken::new();
    let gateway =
        tokio::spawn(gateway::run(deps.clone(), doors.layout, forwarder, doors.line, last.clone()));
    let alive = QueueAlive::default();
    let site = Site { deps: deps.clone(), queue: alive.clone() };
    let pulse = Pulse::default();
    let control = http::control::router(Control {
        site: site.clone(),
        pulse: pulse.clone(),
        alarms: doors.alarms,
        database: doors.database,
        tls: doors.public.as_ref().map(PublicSide::desk),
        started_at: deps.clock.now(),
    });
    let booted = CancellationToken::new();
    let parts = [
        ("control", tokio::spawn(serve_control(doors.control, control, stop.clone()))),
        ("watchdog", tokio::spawn(watchdog(deps.store.clone(), answers_at, stop.clone()))),
        ("http", tokio::spawn(local(doors.listeners, http::router(site.clone()), stop.clone()))),
        ("https", tokio::spawn(public(doors.public, site, stop.clone()))),
        ("bots", tokio::spawn(bots::run(deps.clone(), pulse, stop.clone()))),
        ("webhooks", tokio::spawn(webhooks::keep(deps.clone(), stop.clone()))),
        ("keeper", tokio::spawn(keeper::keep(deps.clone(), booted.clone(), stop.clone()))),
        ("worker", tokio::spawn(work(deps.clone(), alive, stop.clone()))),
        (
            "timetable",
            tokio::spawn(timetable::run(
                deps.store.clone(),
                deps.clock.clone(),
                timetable::Terms::of(&deps.config),
                stop.clone(),
            )),
        ),
    ];
    let looks = tokio::spawn(look(deps.clone()));
    boot(&deps).await.context("cannot bring the clients' bots up")?;
    booted.cancel();
    tracing::info!(
        event = "serve.started", address = %address, version = env!("CARGO_PKG_VERSION"),
        "slotbox is up"
    );
    manager::tell_ready();
    let ended = until_one_ends(parts, &stop).await;
    manager::tell_stopping();
    looks.abort();
    deps.runtime.shutdown().await;
    last.cancel();
    gateway.await.context("the gateway panicked")?;
    tracing::info!(event = "serve.stopped", "slotbox has stopped");
    ended
}

/// Looks where backups go; nothing waits for it.
async fn look(deps: Deps) {
    back_up::look(&deps).await;
}

async fn watchdog(
    store: Store,
    answers_at: Option<std::io::Result<SocketAddr>>,
    stop: CancellationToken,
) {
    if let Some(Ok(address)) = answers_at {
        manager::keep_telling(store, address, stop.clone()).await;
    }
    stop.cancelled().await;
}

async fn local(
    listeners: Vec<tokio::net::TcpListener>,
    router: axum::Router,
    stop: CancellationToken,
) {
    let serve = |listener| http::serve(listener, router.clone(), stop.clone());
    futures::future::join_all(listeners.into_iter().map(serve)).await;
}

async fn public(public: Option<PublicSide>, site: Site, stop: CancellationToken) {
    match public {
        Some(public) => public.run(site, stop).await,
        None => stop.cancelled().await,
    }
}

/// Waits for all parts. One that ends before `stop` takes the others with it: the service manager
/// starts the whole anew.
async fn until_one_ends<const N: usize>(
    parts: [(&'static str, JoinHandle<()>); N],
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let waits = parts.map(|(name, task)| {
        let stop = stop.clone();
        async move {
            let result = task.await;
            let early = !stop.is_cancelled();
            stop.cancel();
            match result {
                Ok(()) if early => bail!("{name} ended by itself"),
                Ok(()) => Ok(()),
                Err(_) => bail!("{name} panicked"),
            }
        }
    });
    futures::future::join_all(waits).await.into_iter().collect()
}

/// Returns how `serve` does its jobs.
///
/// Money always finds places, however many bots start and notices wait for Telegram; many settle
/// at once, since most of their time is waiting for the commit that they share. What still waits
/// at a stop is repeated at the next start.
pub fn worker_options() -> WorkerOptions {
    WorkerOptions {
        concurrency: 256,
        lanes: [256, 8, 32, 4, 4],
        timeout: LONGEST,
        drain_within: Duration::from_secs(8),
    }
}

async fn work(deps: Deps, alive: QueueAlive, stop: CancellationToken) {
    let (store, clock) = (deps.store.clone(), deps.clock.clone());
    let options = worker_options();
    let worker = run_worker(store, clock, options, stop, move |payload, attempt, id| {
        perform(deps.clone(), payload, attempt, id)
    });
    alive.during(worker).await;
}

/// Makes a directory of this mode, if there is none, and gives the mode to one that is there.
fn make_dir(path: &Path, mode: u32) -> anyhow::Result<()> {
    let created = DirBuilder::new().recursive(true).mode(mode).create(path);
    created.with_context(|| format!("cannot make the directory {}", path.display()))?;
    std::fs::set_permissions(path, Permissions::from_mode(mode))
        .with_context(|| format!("cannot keep {} private", path.display()))
}
