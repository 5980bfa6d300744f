//! The shop that requests, payment page, tests and time act upon.

use std::future::Future;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client, redirect};
use tokio::runtime::Handle;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::event::ShopEvent;
use super::faults::Faults;
use super::ledger::Ledger;
use super::notify::{self, ANSWER_WITHIN, Notice};
use super::route::Keys;
use crate::clock::Clock;

pub(super) const SHOP_ID: &str = "100500";
pub(super) const SECRET_KEY: &str = "test_the-key-of-the-simulated-shop";

/// How many events a slow follower may fall behind.
const EVENTS_KEPT: usize = 4_096;

/// What the shop was told over the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Such as `POST`.
    pub method: String,
    /// Such as `/v3/payments`, with the query.
    pub path: String,
    /// The idempotence key.
    pub key: Option<String>,
    /// The body, as it came.
    pub body: String,
    /// The answer's status; `None` if the connection was cut.
    pub status: Option<u16>,
}

#[derive(Default)]
struct Log {
    requests: Vec<Request>,
    events: Vec<ShopEvent>,
}

/// Everything behind the API. Locks are held for microseconds and never across an await.
pub(super) struct Shop {
    base: String,
    /// What the `Authorization` header of a request must hold.
    credentials: HeaderValue,
    clock: Clock,
    ledger: Mutex<Ledger>,
    keys: Mutex<Keys>,
    faults: Faults,
    notify_url: Mutex<Option<String>>,
    held: Mutex<Vec<Notice>>,
    quiet: AtomicBool,
    log: Mutex<Log>,
    followers: broadcast::Sender<ShopEvent>,
    http: Client,
    runtime: Handle,
    tasks: TaskTracker,
    stop: CancellationToken,
    due_changed: Notify,
}

impl Shop {
    pub(super) fn new(base: String, clock: Clock) -> io::Result<Self> {
        let http = Client::builder()
            .timeout(ANSWER_WITHIN)
            .redirect(redirect::Policy::none())
            .danger_accept_invalid_certs(true) // YooKassa takes self-signed certificates too.
            .no_proxy()
            .build()
            .map_err(io::Error::other)?;
        let signed = http.get(&base).basic_auth(SHOP_ID, Some(SECRET_KEY)).build();
        let signed = signed.map_err(io::Error::other)?;
        let credentials = signed.headers().get(AUTHORIZATION).cloned();
        Ok(Self {
            base,
            credentials: credentials.ok_or(io::ErrorKind::InvalidInput)?,
            ledger: Mutex::new(Ledger::new(clock.now())),
            clock,
            keys: Mutex::default(),
            faults: Faults::default(),
            notify_url: Mutex::default(),
            held: Mutex::default(),
            quiet: AtomicBool::new(false),
            log: Mutex::default(),
            followers: broadcast::Sender::new(EVENTS_KEPT),
            http,
            runtime: Handle::current(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            due_changed: Notify::new(),
        })
    }

    /// Does `work` on the books at the present hour, then sends what follows from it.
    pub(super) fn with<T>(self: &Arc<Self>, work: impl FnOnce(&mut Ledger) -> T) -> T {
        let now = self.clock.now();
        let mut ledger = lock(&self.ledger);
        let due = ledger.next_due();
        ledger.turn_to(now);
        let outcome = work(&mut ledger);
        let notices = std::mem::take(&mut ledger.notices);
        let events = std::mem::take(&mut ledger.events);
        let due_moved = ledger.next_due() != due;
        drop(ledger);
        if due_moved {
            self.due_changed.notify_one();
        }
        for event in events {
            self.tell(event);
        }
        if !notices.is_empty() {
            notify::dispatch(self, notices);
        }
        outcome
    }

    /// Tells followers and the log what has happened.
    pub(super) fn tell(&self, event: ShopEvent) {
        if self.is_quiet() {
            return;
        }
        lock(&self.log).events.push(event.clone());
        drop(self.followers.send(event)); // Nobody need follow.
    }

    pub(super) fn record(&self, request: impl FnOnce() -> Request) {
        if !self.is_quiet() {
            lock(&self.log).requests.push(request());
        }
    }

    pub(super) fn quiet(&self) {
        self.quiet.store(true, Ordering::Relaxed);
        *lock(&self.log) = Log::default();
    }

    fn is_quiet(&self) -> bool {
        self.quiet.load(Ordering::Relaxed)
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        lock(&self.log).requests.clone()
    }

    pub(super) fn events(&self) -> Vec<ShopEvent> {
        lock(&self.log).events.clone()
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<ShopEvent> {
        self.followers.subscribe()
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    pub(super) const fn credentials(&self) -> &HeaderValue {
        &self.credentials
    }

    pub(super) const fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) const fn faults(&self) -> &Faults {
        &self.faults
    }

    pub(super) const fn http(&self) -> &Client {
        &self.http
    }

    pub(super) fn keys(&self) -> MutexGuard<'_, Keys> {
        lock(&self.keys)
    }

    pub(super) fn notify_url(&self) -> Option<String> {
        lock(&self.notify_url).clone()
    }

    pub(super) fn set_notify_url(&self, url: Option<String>) {
        *lock(&self.notify_url) = url;
    }

    pub(super) fn hold(&self, notice: Notice) {
        lock(&self.held).push(notice);
    }

    pub(super) fn take_held(&self) -> Vec<Notice> {
        std::mem::take(&mut *lock(&self.held))
    }

    /// Runs `task` until it ends or the shop is closed; works outside the runtime too.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        let task = async move {
            stop.run_until_cancelled(task).await;
        };
        drop(self.tasks.spawn_on(task, &self.runtime)); // The tracker waits for it.
    }

    /// Runs `task`, which ends by itself once the shop is closed.
    pub(super) fn spawn_ending(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.tasks.spawn_on(task, &self.runtime));
    }

    pub(super) fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    pub(super) async fn stop(&self, within: Duration) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(within, self.tasks.wait()).await.is_err() {
            tracing::debug!(event = "sandbox.yookassa.stopped", "connections were left open");
        }
    }
}

/// Ends payments when their time is up, so that their notifications go out unasked.
pub(super) fn expire_in_time(shop: &Arc<Shop>) {
    let shop = Arc::clone(shop);
    shop.clone().spawn(async move {
        loop {
            let due = shop.with(|ledger| ledger.next_due());
            let up = async {
                match due {
                    Some(at) => shop.clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = up => {}
                () = shop.due_changed.notified() => {}
            }
        }
    });
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
