//! A world for one test: a store of its own, simulators of its own, and a clock set by hand.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use slotbox::actions::cause::Cause;
use slotbox::actions::create_order::{CreateOrderError, NewOrder, Wanted, create_order};
use slotbox::app::parts::{self, Ground};
use slotbox::clock::{Clock, ClockHand};
use slotbox::config::{Config, Sources};
use slotbox::deps::{Deps, Till};
use slotbox::domain::client::Client;
use slotbox::domain::ids::{ClientId, OrderId, PaymentId, UserId};
use slotbox::domain::order::Order;
use slotbox::domain::payment::Payment;
use slotbox::domain::token::BotToken;
use slotbox::external::containers::Layout;
use slotbox::external::containers::process::{ProcessSettings, Processes};
use slotbox::jobs::perform::perform;
use slotbox::jobs::{WorkerOptions, run_worker};
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::YooKassaSim;
use slotbox::store::secrets::Sealer;
use slotbox::store::{Options, Store, StoreError, clients, orders, payments, queue};
use tokio_util::sync::CancellationToken;

/// When every test begins.
pub const BEGIN: &str = "2026-11-23T10:00:00Z";
/// The one operator.
pub const OPERATOR: i64 = 100;
/// The one owner.
pub const OWNER: i64 = 200;

/// One test's world.
pub struct World {
    /// What actions work with.
    pub deps: Deps,
    /// The simulated shop.
    pub shop: YooKassaSim,
    /// The simulated Telegram.
    pub telegram: TelegramSim,
    /// Moves the clock of everything.
    pub hand: ClockHand,
    next_cause: std::sync::atomic::AtomicU64,
    _dir: tempfile::TempDir,
}

impl World {
    /// Begins a world without clients.
    pub async fn begin() -> Self {
        let (clock, hand) = Clock::stopped(BEGIN.parse().unwrap());
        let shop = YooKassaSim::start(clock.clone()).await.unwrap();
        let telegram = TelegramSim::start(clock.clone()).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let config = config(&shop, &telegram, dir.path());
        let store =
            Store::open(&dir.path().join("t.redb"), Options { cache_bytes: 8 << 20 }).unwrap();
        let sealer = Sealer::new(&[7; 32]).unwrap();
        let layout = Layout::new(&config.server.data_dir, &config.server.runtime_dir);
        let nothing = ProcessSettings::new("/nonexistent".into(), layout);
        let runtime = std::sync::Arc::new(Processes::new(nothing));
        let sealing_key = dir.path().join("sealing.key");
        let ground = Ground { config, store, sealer, sealing_key, clock, runtime };
        let (deps, _) = parts::deps(ground).unwrap();
        Self { deps, shop, telegram, hand, next_cause: 0.into(), _dir: dir }
    }

    pub fn till(&self) -> &Till {
        self.deps.till.as_ref().unwrap()
    }

    /// A cause that no other request has.
    pub fn cause(&self) -> Cause {
        let number = self.next_cause.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Cause::new(format!("test:{number}"))
    }

    /// Has the owner order the plan `1m` for a new bot, and returns the order.
    pub async fn order_new(&self, username: &str) -> Result<Order, CreateOrderError> {
        let token = self.telegram.add_bot("Salon", username);
        self.order(Self::wanted(&token, username)).await
    }

    /// Has the owner order the plan `1m`.
    pub async fn order(&self, wanted: Wanted) -> Result<Order, CreateOrderError> {
        create_order(&self.deps, self.cause(), new_order(wanted)).await
    }

    pub fn wanted(token: &str, username: &str) -> Wanted {
        let token: BotToken = token.parse().unwrap();
        let bot =
            slotbox::domain::client::Bot { id: token.bot(), username: username.parse().unwrap() };
        Wanted::NewClient { company: "Salon".parse().unwrap(), token, bot }
    }

    pub fn orders(&self, id: OrderId) -> Order {
        self.deps.store.read(|snap| orders::get(snap, id)).unwrap().unwrap()
    }

    pub fn payment(&self, id: &PaymentId) -> Option<Payment> {
        let read: Result<_, StoreError> = self.deps.store.read(|snap| payments::get(snap, id));
        read.unwrap()
    }

    pub fn client(&self, id: ClientId) -> Option<Client> {
        let read: Result<_, StoreError> = self.deps.store.read(|snap| clients::get(snap, id));
        read.unwrap()
    }

    /// Until when the client may run.
    pub fn until(&self, id: ClientId) -> Timestamp {
        self.client(id).unwrap().subscription.granted_until().unwrap()
    }

    /// Performs the jobs that are due now, and returns when none is left.
    pub async fn work(&self) {
        let stop = CancellationToken::new();
        let deps = self.deps.clone();
        let worker = run_worker(
            deps.store.clone(),
            deps.clock.clone(),
            WorkerOptions::default(),
            stop.clone(),
            move |payload, attempt, id| perform(deps.clone(), payload, attempt, id),
        );
        let worker = tokio::spawn(worker);
        loop {
            let now = self.deps.clock.now();
            let left = self.deps.store.read(|snap| queue::overview(snap, now)).unwrap().total;
            if left.queued + left.running == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        stop.cancel();
        worker.await.unwrap();
    }

    /// What the Sales Bot (or the Master Bot) has said, message by message.
    pub fn said(&self, bot: &str, person: i64) -> Vec<String> {
        let chat = self.telegram.chat(bot, &self.telegram.person_with_id(person, "person"));
        chat.messages().into_iter().filter(|it| it.from_bot).map(|it| it.text).collect()
    }
}

/// The plan `1m`, ordered by the owner.
pub fn new_order(wanted: Wanted) -> NewOrder {
    let buyer = UserId::new(OWNER).unwrap();
    NewOrder { wanted, buyer, plan: "1m".parse().unwrap(), email: None }
}

fn config(shop: &YooKassaSim, telegram: &TelegramSim, dir: &Path) -> Config {
    let dir = dir.display();
    let set = [
        ("TLS__MODE", "off".to_owned()),
        ("API__TOKEN", "5f0c7c39a8d14d1f9a5a3a4f2b0e77c1d6e8b9a0".to_owned()),
        ("SERVER__DATA_DIR", format!("{dir}/data")),
        ("SERVER__RUNTIME_DIR", format!("{dir}/run")),
        ("TELEGRAM__API_URL", telegram.url()),
        ("TELEGRAM__MASTER_TOKEN", telegram.add_bot("Master", "master_bot")),
        ("TELEGRAM__SALES_TOKEN", telegram.add_bot("Sales", "sales_bot")),
        ("TELEGRAM__OPERATORS", format!("[{OPERATOR}]")),
        ("YOOKASSA__API_URL", shop.url()),
        ("YOOKASSA__SHOP_ID", shop.shop_id().to_owned()),
        ("YOOKASSA__SECRET_KEY", shop.secret_key().to_owned()),
        ("RUNTIME__KIND", "process".to_owned()),
    ];
    let environment: BTreeMap<_, _> =
        set.map(|(key, value)| (format!("SLOTBOX__{key}").into(), value.into())).into();
    let sources = Sources { file: None, environment, credentials: None };
    Config::load(&sources).unwrap_or_else(|problems| panic!("{problems}"))
}
