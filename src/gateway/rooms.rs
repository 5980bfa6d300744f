//! The sockets that are open, and what lies behind each.

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::routing::{get, post, put};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::profile::{Profile, Told};
use super::socket::Door;
use super::telegram::{Line, Upstream, telegram};
use super::tenant::Tenant;
use super::{own, seed};
use crate::actions::gateways::GatewayError;
use crate::actions::health::Health;
use crate::actions::report::report_problem;
use crate::deps::Deps;
use crate::domain::client::{BotProblem, BotUsername, Client};
use crate::domain::ids::ClientId;
use crate::external::containers::Layout;
use crate::external::seeds;
use crate::external::telegram::{CheckError, Forwarder};
use crate::metrics::BotRole;
use crate::store::secrets::Sealed;
use crate::store::{StoreError, clients, homes, secrets};

/// How long calls that are on their way may take to end when a socket is closed.
const DRAIN_WITHIN: Duration = Duration::from_secs(2);
/// How long until Telegram is asked again for a name, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// How long until a problem that could not be recorded is tried again.
const RECORD_AGAIN_IN: Duration = Duration::from_secs(5);

/// What the requests on one socket are answered with.
#[derive(Clone)]
pub(super) struct Room {
    pub(super) line: Line,
    pub(super) health: Health,
    pub(super) profile: watch::Receiver<Profile>,
    pub(super) deps: Deps,
}

/// All sockets; cheap to clone.
#[derive(Clone)]
pub(super) struct Rooms(Arc<Inner>);

struct Inner {
    deps: Deps,
    layout: Layout,
    upstream: Arc<Upstream>,
    open: Mutex<HashMap<ClientId, OpenRoom>>,
    /// Where subscriptions are renewed; set when Telegram has told it.
    sales_bot: OnceLock<BotUsername>,
}

/// An open socket.
struct OpenRoom {
    tenant: Arc<Tenant>,
    profile: watch::Sender<Profile>,
    /// The sealed token as it was last opened: it is opened again only when it has changed.
    sealed: Option<Sealed>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// What is on record of a client.
struct Record {
    client: Client,
    sealed: Option<Sealed>,
    seed: Option<u64>,
    /// Its container is to give the data away.
    is_leaving: bool,
}

impl Rooms {
    pub(super) fn new(deps: Deps, layout: Layout, forwarder: Forwarder) -> Self {
        let upstream = Arc::new(Upstream::new(forwarder, deps.metrics.clone()));
        let (open, sales_bot) = (Mutex::default(), OnceLock::new());
        Self(Arc::new(Inner { deps, layout, upstream, open, sales_bot }))
    }

    /// Returns a number that changes when jobs are queued.
    pub(super) fn pushed_jobs(&self) -> watch::Receiver<u64> {
        self.0.deps.store.pushed_jobs()
    }

    /// Opens the client's socket, unless it is open.
    pub(super) fn open(&self, client: ClientId) -> Result<(), GatewayError> {
        let mut open = self.lock();
        if open.contains_key(&client) {
            return Ok(());
        }
        let record = self.record(client)?.ok_or(GatewayError::UnknownClient)?;
        let mut layout = self.0.layout.clone();
        if record.is_leaving {
            layout = layout.for_containers(); // Whatever the others run as.
        }
        layout.make_socket_dir(client).map_err(GatewayError::Socket)?;
        let open_ones = self.0.deps.metrics.gateway_connections().clone();
        let (socket, access) = (layout.socket(client), layout.access(client));
        let door = Door::bind(&socket, access, open_ones).map_err(GatewayError::Socket)?;
        let room = self.furnish(&record)?;
        self.serve(door, &room);
        open.insert(client, room);
        Ok(())
    }

    /// Closes the client's socket at once, if it is open, and removes it; what is returned ends when
    /// the calls on their way have ended.
    pub(super) fn close(&self, client: ClientId) -> impl Future<Output = ()> + use<> {
        let room = self.lock().remove(&client);
        if let Some(room) = &room {
            fs::remove_file(self.0.layout.socket(client)).ok(); // The next one to open replaces it.
            room.stop.cancel();
            room.tasks.close();
        }
        async move {
            let Some(room) = room else { return };
            if timeout(DRAIN_WITHIN * 2, room.tasks.wait()).await.is_err() {
                tracing::warn!(event = "gateway.not_drained", %client,
                    "a closed socket is still in use");
            }
        }
    }

    /// Closes all sockets.
    pub(super) async fn close_all(&self) {
        let clients: Vec<_> = self.lock().keys().copied().collect();
        futures::future::join_all(clients.into_iter().map(|client| self.close(client))).await;
    }

    /// Asks Telegram what the bot is called where subscriptions are renewed, until it is known, and
    /// then tells it to all clients.
    pub(super) async fn learn_sales_bot(&self) {
        let deps = &self.0.deps;
        let Some(token) = &deps.config.telegram.sales_token else { return };
        let mut pause = FIRST_PAUSE;
        loop {
            match deps.telegram.check(BotRole::Sales, token).await {
                Ok(bot) => {
                    self.0.sales_bot.set(bot.username).ok(); // Only this sets it.
                    return self.look_again();
                }
                Err(CheckError::Unauthorized | CheckError::Mismatch) => return,
                Err(CheckError::Unreachable(_)) => {}
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Reads what is on record of all clients whose sockets are open.
    pub(super) fn look_again(&self) {
        for (client, room) in self.lock().iter_mut() {
            let refreshed = self.record(*client).and_then(|record| match record {
                Some(record) => self.refresh(room, &record),
                None => Ok(()), // It is being removed.
            });
            if let Err(err) = refreshed {
                tracing::error!(event = "gateway.stale", %client, error = %err,
                    "could not read what the client must know");
            }
        }
    }

    fn furnish(&self, record: &Record) -> Result<OpenRoom, GatewayError> {
        let client = &record.client;
        let mut room = OpenRoom {
            tenant: Arc::new(Tenant::new(client)),
            profile: watch::Sender::new(self.profile(record)),
            sealed: None,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        self.refresh(&mut room, record)?;
        Ok(room)
    }

    fn refresh(&self, room: &mut OpenRoom, record: &Record) -> Result<(), GatewayError> {
        let deps = &self.0.deps;
        let profile = self.profile(record);
        room.profile.send_if_modified(|known| {
            let changed = *known != profile;
            *known = profile;
            changed
        });
        room.tenant.know_owner(record.client.owner);
        if room.sealed != record.sealed {
            let open = |sealed| deps.sealer.open(record.client.id, sealed);
            room.tenant.know_token(record.sealed.as_ref().map(open).transpose()?);
            room.sealed.clone_from(&record.sealed);
        }
        Ok(())
    }

    fn profile(&self, record: &Record) -> Profile {
        let (deps, client) = (&self.0.deps, &record.client);
        let sales_bot = self.0.sales_bot.get();
        let backup = deps.backups.wished(client.id);
        let told = Told { sales_bot, backup, seed: record.seed, is_leaving: record.is_leaving };
        Profile::of(client, &deps.config, told)
    }

    fn record(&self, client: ClientId) -> Result<Option<Record>, GatewayError> {
        let seed = seeds::number(&self.0.layout, client).map_err(GatewayError::Seed)?;
        let record = self.0.deps.store.read::<_, StoreError>(|snap| {
            let Some(record) = clients::get(snap, client)? else { return Ok(None) };
            let is_leaving = homes::get(snap, client)?.is_some_and(|home| home.is_leaving);
            Ok(Some(Record {
                client: record,
                sealed: secrets::get(snap, client)?,
                seed,
                // A seed is the data that it had to give away.
                is_leaving: is_leaving && seed.is_none(),
            }))
        });
        Ok(record?)
    }

    fn serve(&self, door: Door, room: &OpenRoom) {
        let state = Room {
            line: Line { upstream: self.0.upstream.clone(), tenant: room.tenant.clone() },
            health: self.0.deps.health.clone(),
            profile: room.profile.subscribe(),
            deps: self.0.deps.clone(),
        };
        let stop = room.stop.clone();
        room.tasks.spawn(async move {
            let client = state.line.tenant.client;
            let spanned = from_fn(move |request: Request, next: Next| {
                let span = tracing::info_span!("gateway", %client);
                next.run(request).instrument(span)
            });
            let server = axum::serve(door, router(state).layer(spanned))
                .with_graceful_shutdown(stop.clone().cancelled_owned());
            let overdue = async {
                stop.cancelled().await;
                sleep(DRAIN_WITHIN).await;
            };
            tokio::select! {
                _ = server => {}
                () = overdue => {} // A long poll, most likely; it is asked again.
            }
        });
        let recording = record_problems(self.0.deps.clone(), room.tenant.clone());
        let stop = room.stop.clone();
        room.tasks.spawn(async move { stop.run_until_cancelled(recording).await });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientId, OpenRoom>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn router(room: Room) -> Router {
    Router::new()
        .route("/profile", get(own::profile))
        .route("/report", post(own::report))
        .route("/backup", put(own::backup))
        .route("/seed", get(seed::download).delete(seed::acknowledge).post(seed::refuse))
        .fallback(telegram)
        .with_state(room)
}

/// Records each change of what keeps the bot from Telegram, in order.
async fn record_problems(deps: Deps, tenant: Arc<Tenant>) {
    let mut problems = tenant.problems.subscribe();
    while problems.changed().await.is_ok() {
        let mut problem: Option<BotProblem> = *problems.borrow_and_update();
        while let Err(err) = report_problem(&deps, tenant.client, problem).await {
            tracing::error!(event = "gateway.problem_not_recorded", client = %tenant.client,
                error = %err, "could not record what keeps the bot from telegram");
            sleep(RECORD_AGAIN_IN).await;
            problem = *problems.borrow_and_update();
        }
    }
}
