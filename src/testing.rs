//! A whole `serve` without its doors, for the tests of rooms that need one.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::actions::cause::Cause;
use crate::actions::gateways::GatewayOrders;
use crate::actions::health::Health;
use crate::app::parts::{self, Ground};
use crate::clock::Clock;
use crate::config::{Config, Sources};
use crate::deps::Deps;
use crate::domain::client::{Bot, Client, RuntimeState};
use crate::domain::ids::{ClientId, JobId, UserId};
use crate::domain::job::Job;
use crate::domain::subscription::Subscription;
use crate::domain::token::BotToken;
use crate::external::containers::Layout;
use crate::external::containers::process::{ProcessSettings, Processes};
use crate::random;
use crate::store::queue::cycle::{Cycle, Outcome, Room};
use crate::store::secrets::Sealer;
use crate::store::{Options, Store, StoreError, clients, jobs, secrets};

/// A host in a temporary directory.
pub(crate) struct Host {
    _dir: TempDir,
    pub(crate) deps: Deps,
    pub(crate) layout: Layout,
    /// Where the gateway takes its orders from, until it is started.
    pub(crate) orders: Option<GatewayOrders>,
}

impl Host {
    /// Makes a host that finds Telegram at `api_url` and starts `executable` for its clients.
    pub(crate) fn new(api_url: &str, executable: &Path, patience: Duration) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path(), api_url);
        let options = Options { cache_bytes: 1 << 20 };
        let store = Store::open(&dir.path().join("slotbox.redb"), options).unwrap();
        let sealer = Sealer::new(&[7; 32]).unwrap();
        let layout = Layout::new(&config.server.data_dir, &config.server.runtime_dir);
        let mut settings = ProcessSettings::new(executable.to_owned(), layout.clone());
        settings.backoff.first = Duration::from_millis(50);
        settings.stop_within = Duration::from_secs(2);
        let runtime = Arc::new(Processes::new(settings));
        let sealing_key = dir.path().join("sealing.key");
        std::fs::write(&sealing_key, [7; 32]).unwrap();
        let clock = Clock::system();
        let ground = Ground { config, store, sealer, sealing_key, clock, runtime };
        let (deps, orders) = parts::deps(ground).unwrap();
        let deps = Deps { health: Health::new(patience), ..deps };
        Self { _dir: dir, deps, layout, orders: Some(orders) }
    }

    /// Puts a client on record whose owner and bot are these.
    pub(crate) async fn add_client(&self, number: u128, owner: i64, token: &str) -> ClientId {
        let id = ClientId::from_bits(number);
        let token: BotToken = token.parse().unwrap();
        let sealed = self.deps.sealer.seal(id, &token).unwrap();
        let now = self.deps.clock.now();
        let username = format!("bot_{number}").parse().unwrap();
        let client = Client {
            id,
            company: "Salon".parse().unwrap(),
            owner: UserId::new(owner).unwrap(),
            bot: Bot { id: token.bot(), username },
            plan: None,
            subscription: Subscription::Active { paid_until: now + SignedDuration::from_hours(24) },
            runtime: RuntimeState::Starting,
            problem: None,
            created_at: now,
        };
        let write = self.deps.store.write::<_, StoreError>(move |txn| {
            clients::put(txn, &client)?;
            secrets::put(txn, id, &sealed)
        });
        write.await.unwrap();
        id
    }

    /// Seals another token for the client, as a change of the token does.
    pub(crate) async fn change_token(&self, id: ClientId, token: &str) {
        let sealed = self.deps.sealer.seal(id, &token.parse().unwrap()).unwrap();
        let write = self.deps.store.write(move |txn| secrets::put(txn, id, &sealed));
        write.await.unwrap();
        self.deps.changes.notify();
    }

    /// Changes the client's record.
    pub(crate) async fn change(&self, id: ClientId, change: impl Fn(&mut Client) + Send + 'static) {
        let write = self.deps.store.write::<_, StoreError>(move |txn| {
            let mut client = clients::get(txn, id)?.unwrap();
            change(&mut client);
            clients::put(txn, &client)
        });
        write.await.unwrap();
        self.deps.changes.notify();
    }

    /// Returns what is on record of the client.
    pub(crate) fn client(&self, id: ClientId) -> Client {
        self.find(id).unwrap()
    }

    /// Returns what is on record of the client, if anything is.
    pub(crate) fn find(&self, id: ClientId) -> Option<Client> {
        self.deps.store.read(|snap| clients::get(snap, id)).unwrap()
    }
}

fn config(dir: &Path, api_url: &str) -> Config {
    let dir = dir.display().to_string();
    let (data, run) = (format!("{dir}/data"), format!("{dir}/run"));
    let settings = [
        ("SERVER__DATA_DIR", data.as_str()),
        ("SERVER__RUNTIME_DIR", &run),
        ("SERVER__SUPPORT", "@support"),
        ("TLS__MODE", "off"),
        ("TELEGRAM__API_URL", api_url),
        ("TELEGRAM__OPERATORS", "[111111]"),
        ("API__TOKEN", "Zq3vN8xK1mW6tR4yB9cL2pD7sF5gH0jA"),
        ("RUNTIME__KIND", "process"),
    ];
    let name = |key: &str| format!("SLOTBOX__{key}").into();
    let environment: BTreeMap<_, _> =
        settings.into_iter().map(|(key, value)| (name(key), value.into())).collect();
    Config::load(&Sources { file: None, environment, credentials: None }).unwrap()
}

/// Queues a job and has it given up.
pub(crate) async fn give_up(deps: &Deps, job: Job) -> JobId {
    let now = deps.clock.now();
    let cycle = move |ended, room| Cycle { ended, room, orphans: false, check: |_| Ok(()), now };
    let write = deps.store.write::<_, StoreError>(move |txn| {
        let id = jobs::push(txn, now, &job)?;
        cycle(vec![], Room::of(99)).run(txn)?;
        let outcome = Outcome::Failed { error: "no luck".to_owned(), retry_at: None };
        cycle(vec![(id, outcome)], Room::default()).run(txn)?;
        Ok(id)
    });
    write.await.unwrap()
}

/// Waits until `holds`, and not for ever.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(15);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Names a request that was never made before.
pub(crate) fn cause() -> Cause {
    let number: [u8; 16] = random::bytes().unwrap();
    Cause::new(format!("test:{:032x}", u128::from_be_bytes(number)))
}
