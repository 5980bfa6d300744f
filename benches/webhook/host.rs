//! The part of `serve` that money passes through, with a shop full of paid orders.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use slotbox::app::parts::{self, Ground};
use slotbox::app::serve::worker_options;
use slotbox::clock::Clock;
use slotbox::config::{Config, Sources};
use slotbox::deps::Deps;
use slotbox::domain::client::{Bot, Client, RuntimeState};
use slotbox::domain::ids::{BotId, ClientId, OrderId, PaymentId, UserId};
use slotbox::domain::order::{Order, OrderState, PaymentRequest, Subject, TIME_TO_PAY};
use slotbox::domain::plan::Plan;
use slotbox::domain::subscription::Subscription;
use slotbox::external::containers::Layout;
use slotbox::external::containers::process::{ProcessSettings, Processes};
use slotbox::http::{self, QueueAlive, Site};
use slotbox::jobs::perform::perform;
use slotbox::jobs::run_worker;
use slotbox::sandbox::telegram::TelegramSim;
use slotbox::sandbox::yookassa::YooKassaSim;
use slotbox::store::secrets::Sealer;
use slotbox::store::{Options, Read, Store, StoreError, clients, orders, payments};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The buyer of every order; with many messages to one person, Telegram's limits are met.
const BUYER: i64 = 200;

/// Whether people are told of what was settled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Notices {
    On,
    Off,
}

/// The running host.
pub struct Host {
    deps: Deps,
    address: SocketAddr,
    payments: Vec<PaymentId>,
    shop: YooKassaSim,
    telegram: TelegramSim,
    stop: CancellationToken,
    parts: [JoinHandle<()>; 2],
}

impl Host {
    /// Starts a host with `count` orders that wait for the news that they are paid.
    pub async fn start(dir: &Path, count: usize, notices: Notices) -> Self {
        let clock = Clock::system();
        let shop = YooKassaSim::start(clock.clone()).await.unwrap();
        shop.quiet();
        let telegram = TelegramSim::start(clock.clone()).await.unwrap();
        telegram.quiet();
        let dir = tempfile::tempdir_in(dir).unwrap().keep();
        let config = config(&shop, &telegram, notices, &dir);
        let store =
            Store::open(&dir.join("slotbox.redb"), Options { cache_bytes: 64 << 20 }).unwrap();
        let layout = Layout::new(&config.server.data_dir, &config.server.runtime_dir);
        let runtime = Processes::new(ProcessSettings::new("/nowhere".into(), layout));
        let sealer = Sealer::new(&[7; 32]).unwrap();
        let sealing_key = dir.join("sealing.key");
        let runtime = Arc::new(runtime);
        let ground = Ground { config, store, sealer, sealing_key, clock, runtime };
        let (deps, _) = parts::deps(ground).unwrap();
        let payments = orders_that_are_paid(&deps, &shop, count).await;
        let ending = CancellationToken::new();
        let listener = http::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let site = Site { deps: deps.clone(), queue: QueueAlive::default() };
        let parts = [
            tokio::spawn(http::serve(listener, http::router(site), ending.clone())),
            tokio::spawn(work(deps.clone(), ending.clone())),
        ];
        Self { deps, address, payments, shop, telegram, stop: ending, parts }
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns what stands behind its doors, for another door.
    pub fn site(&self) -> Site {
        Site { deps: self.deps.clone(), queue: QueueAlive::default() }
    }

    pub fn payments(&self) -> Vec<PaymentId> {
        self.payments.clone()
    }

    /// Waits until the payment is settled.
    pub async fn settled(&mut self, payment: &PaymentId) {
        let mut changes = self.deps.changes.watch();
        while self.deps.store.read(|snap| payments::get(snap, payment)).unwrap().is_none() {
            changes.changed().await.unwrap();
        }
    }

    /// Watches how many are settled, every millisecond until all are.
    pub fn watch(&self) -> impl Future<Output = Vec<(Instant, usize)>> + Send + use<> {
        let (store, all) = (self.deps.store.clone(), self.payments.len());
        async move {
            let mut seen = Vec::new();
            loop {
                let count = store.read(|snap| snap.payments().count()).unwrap();
                let count = usize::try_from(count).unwrap();
                seen.push((Instant::now(), count));
                if count == all {
                    return seen;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }

    /// Stops all, and returns how many commits there were.
    pub async fn stop(self) -> u64 {
        let commits = self.deps.store.stats().commits;
        self.stop.cancel();
        for part in self.parts {
            part.await.unwrap();
        }
        self.shop.shutdown().await;
        self.telegram.shutdown().await;
        self.deps.store.close();
        commits
    }
}

/// As `serve` works.
async fn work(deps: Deps, stop: CancellationToken) {
    let (store, clock) = (deps.store.clone(), deps.clock.clone());
    let options = worker_options();
    run_worker(store, clock, options, stop, move |payload, attempt, id| {
        perform(deps.clone(), payload, attempt, id)
    })
    .await;
}

/// Puts clients on record that have ordered more time, and lets the shop be paid.
async fn orders_that_are_paid(deps: &Deps, shop: &YooKassaSim, count: usize) -> Vec<PaymentId> {
    let now = deps.clock.now();
    let plan = deps.config.plans.plans()[0].clone();
    let ids: Vec<OrderId> = (0..count).map(|n| OrderId::new(now, random(n))).collect();
    let metadata = ids.iter().map(|id| BTreeMap::from([("order_id".into(), id.to_string())]));
    let paid = shop.insert_succeeded_payments(plan.price, metadata);
    let paid: Vec<PaymentId> = paid.iter().map(|id| id.parse().unwrap()).collect();
    let all: Vec<_> = ids
        .into_iter()
        .zip(&paid)
        .enumerate()
        .map(|(n, (id, payment))| {
            let client = client(n, now);
            (order(id, &client, &plan, payment, now), client)
        })
        .collect();
    for part in all.chunks(1000) {
        let part = part.to_vec();
        let write = deps.store.write::<_, StoreError>(move |txn| {
            for (order, client) in &part {
                clients::put(txn, client)?;
                orders::put(txn, order)?;
                orders::watch(txn, order.id, now + SignedDuration::from_secs(20))?;
            }
            Ok(())
        });
        write.await.unwrap();
    }
    paid
}

fn random(n: usize) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&spread(n).to_be_bytes());
    bytes
}

/// Scatters neighbours.
const fn spread(n: usize) -> u64 {
    (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A client that came on some day of the last year: orders are paid about in the order in which
/// they were made, but by clients from all over the book.
fn client(n: usize, now: Timestamp) -> Client {
    let number = i64::try_from(n).unwrap();
    let created_at = now - SignedDuration::from_mins((spread(n) >> 45).cast_signed());
    Client {
        id: ClientId::new(created_at, random(n)),
        company: format!("Salon {n}").parse().unwrap(),
        owner: UserId::new(BUYER).unwrap(),
        bot: Bot {
            id: BotId(1_000_000 + number),
            username: format!("salon_{n}_bot").parse().unwrap(),
        },
        plan: None,
        subscription: Subscription::Active { paid_until: now + SignedDuration::from_hours(24) },
        runtime: RuntimeState::Running,
        problem: None,
        created_at,
    }
}

fn order(id: OrderId, client: &Client, plan: &Plan, payment: &PaymentId, now: Timestamp) -> Order {
    let body = format!(
        r#"{{"amount":{{"value":"{}","currency":"RUB"}},"capture":true,"description":"{} ({})","confirmation":{{"type":"redirect","return_url":"https://bots.example.ru/payment/success?order={id}"}},"metadata":{{"order_id":"{id}"}}}}"#,
        plan.price, client.company, plan.name,
    );
    Order {
        id,
        subject: Subject::Extension,
        client: client.id,
        buyer: client.owner,
        plan: plan.clone(),
        state: OrderState::Open,
        request: PaymentRequest { idempotence_key: id.to_string(), body: body.into_bytes() },
        payment: Some(payment.clone()),
        confirmation_url: Some(format!(
            "https://yoomoney.ru/checkout/payments/v2?orderId={payment}"
        )),
        created_at: now,
        expires_at: now + TIME_TO_PAY,
    }
}

fn config(shop: &YooKassaSim, telegram: &TelegramSim, notices: Notices, dir: &Path) -> Config {
    let dir = dir.display();
    let mut set = vec![
        ("TLS__MODE", "off".to_owned()),
        ("API__TOKEN", "5f0c7c39a8d14d1f9a5a3a4f2b0e77c1d6e8b9a0".to_owned()),
        ("SERVER__DATA_DIR", format!("{dir}/data")),
        ("SERVER__RUNTIME_DIR", format!("{dir}/run")),
        ("TELEGRAM__API_URL", telegram.url()),
        ("YOOKASSA__API_URL", shop.url()),
        ("YOOKASSA__SHOP_ID", shop.shop_id().to_owned()),
        ("YOOKASSA__SECRET_KEY", shop.secret_key().to_owned()),
        ("YOOKASSA__TRUSTED_NETWORKS", r#"["127.0.0.0/8"]"#.to_owned()),
        ("RUNTIME__KIND", "process".to_owned()),
    ];
    if notices == Notices::On {
        let token = telegram.add_bot("Sales", "sales_bot");
        let buyer = telegram.person_with_id(BUYER, "Buyer");
        telegram.chat("sales_bot", &buyer).send("/start");
        set.push(("TELEGRAM__SALES_TOKEN", token));
    }
    let environment: BTreeMap<_, _> = set
        .into_iter()
        .map(|(key, value)| (format!("SLOTBOX__{key}").into(), value.into()))
        .collect();
    Config::load(&Sources { file: None, environment, credentials: None })
        .unwrap_or_else(|problems| panic!("{problems}"))
}

/// Notifications about payments that nobody here knows.
pub fn foreign(count: usize) -> Vec<String> {
    let id = |n: usize| format!("2d9c1e77-000f-5000-8000-{n:012x}").parse().unwrap();
    (0..count).map(|n| notification(&id(n))).collect()
}

/// A notification with all that the documentation shows.
pub fn notification(payment: &PaymentId) -> String {
    format!(
        r#"{{
  "type": "notification",
  "event": "payment.succeeded",
  "object": {{
    "id": "{payment}",
    "status": "succeeded",
    "amount": {{"value": "299.00", "currency": "RUB"}},
    "income_amount": {{"value": "288.54", "currency": "RUB"}},
    "description": "Salon (Starter)",
    "recipient": {{"account_id": "100500", "gateway_id": "100700"}},
    "payment_method": {{
      "type": "bank_card",
      "id": "{payment}",
      "saved": false,
      "status": "inactive",
      "title": "Bank card *4444",
      "card": {{
        "first6": "555555",
        "last4": "4444",
        "expiry_month": "07",
        "expiry_year": "2028",
        "card_type": "MasterCard",
        "issuer_country": "RU",
        "issuer_name": "Sberbank"
      }}
    }},
    "captured_at": "2026-11-23T14:27:54.607Z",
    "created_at": "2026-11-23T14:27:28.698Z",
    "test": true,
    "refunded_amount": {{"value": "0.00", "currency": "RUB"}},
    "paid": true,
    "refundable": true,
    "metadata": {{"order_id": "o_01hfxk3v0000000000000000000"}},
    "authorization_details": {{
      "rrn": "10000000000",
      "auth_code": "000000",
      "three_d_secure": {{"applied": true}}
    }}
  }}
}}"#
    )
}
