//! What the page acts on and tells of, and the tasks that keep it up to date.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::super::narrator::Heard;
use super::super::transcript::zone;
use super::super::{Browser, DemoWorld, Time};
use super::damage::Damage;
use super::facts::Facts;
use super::journal::Journal;
use super::people::{People, Role};
use super::processes::{Processes, Running};
use super::scene::{Phone, Scene, Shown};
use super::visits::Visits;
use crate::clock::Clock;
use crate::sandbox::telegram::{TelegramSim, What, WorldEvent};
use crate::sandbox::yookassa::YooKassaSim;
use crate::texts::Words;

/// How long news are gathered before the business is asked about them.
const GATHER: Duration = Duration::from_millis(250);
/// How often the business is asked at least.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// How often the processes are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How many passing words a slow reader may lag behind.
const BACKLOG: usize = 64;

/// What is said for a moment: the answer to a press.
#[derive(Clone, Debug)]
pub(super) struct Passing {
    pub(super) role: Role,
    pub(super) bot: String,
    pub(super) text: Option<String>,
    pub(super) alert: bool,
}

/// Everything behind the page; clones are the same.
#[derive(Clone)]
pub(super) struct Stage(Arc<Inner>);

pub(super) struct Inner {
    pub(super) telegram: TelegramSim,
    pub(super) people: People,
    pub(super) damage: Damage,
    pub(super) processes: Processes,
    pub(super) clock: Clock,
    pub(super) time: Time,
    shop: YooKassaSim,
    browser: Arc<Browser>,
    business: String,
    facts: Mutex<Facts>,
    running: Mutex<Running>,
    journal: Mutex<Journal>,
    visits: Mutex<Visits>,
    read: Mutex<HashMap<(Role, String), i64>>,
    news: watch::Sender<u64>,
    passing: broadcast::Sender<Passing>,
}

impl std::ops::Deref for Stage {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Stage {
    pub(super) fn of(world: &DemoWorld, words: Words) -> Self {
        Self(Arc::new(Inner {
            telegram: world.telegram.clone(),
            people: People::new(&world.telegram, words),
            damage: Damage::new(&world.telegram, &world.shop),
            processes: Processes::new(world.dir()),
            clock: world.clock.clone(),
            time: world.time.clone(),
            shop: world.shop.clone(),
            browser: Arc::clone(&world.browser),
            business: format!("http://{}", world.address()),
            facts: Mutex::default(),
            running: Mutex::default(),
            journal: Mutex::default(),
            visits: Mutex::default(),
            read: Mutex::default(),
            news: watch::Sender::new(0),
            passing: broadcast::Sender::new(BACKLOG),
        }))
    }

    /// Follows all that happens until `stop`.
    pub(super) async fn follow(
        self,
        journal: mpsc::UnboundedReceiver<Heard>,
        stop: CancellationToken,
    ) {
        let all = async {
            tokio::join!(
                self.follow_chats(),
                self.follow_shop(),
                self.follow_journal(journal),
                self.ask_again(),
                self.watch_processes(),
            )
        };
        stop.run_until_cancelled(all).await;
    }

    async fn follow_chats(&self) {
        let mut events = self.telegram.events();
        loop {
            match events.recv().await {
                Ok(event) => self.hear(event),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            }
            self.changed();
        }
    }

    fn hear(&self, event: WorldEvent) {
        match event.what {
            What::Answered { text, alert } => {
                let Some(role) = self.people.role_of(event.person) else { return };
                let passing = Passing { role, bot: event.bot, text, alert };
                self.passing.send(passing).ok(); // No window is open.
            }
            What::Pressed { button, .. } => {
                if let Some(data) = button.data {
                    lock(&self.visits).pressed(&data);
                }
            }
            _ => {}
        }
    }

    async fn follow_shop(&self) {
        let mut events = self.shop.subscribe();
        while !matches!(events.recv().await, Err(broadcast::error::RecvError::Closed)) {
            self.changed();
        }
    }

    async fn follow_journal(&self, mut journal: mpsc::UnboundedReceiver<Heard>) {
        while let Some(heard) = journal.recv().await {
            lock(&self.journal).add(self.clock.now(), heard);
            self.changed();
        }
    }

    /// Asks the business again whenever there are news, and now and then.
    async fn ask_again(&self) {
        let mut news = self.news.subscribe();
        loop {
            // An answer that does not come leaves what was known; it is asked for again.
            if let Ok(facts) = Facts::ask(&self.browser).await {
                facts.clients.iter().for_each(|client| self.people.meet(client));
                let before = std::mem::replace(&mut *lock(&self.facts), facts.clone());
                if before != facts {
                    self.changed();
                }
            }
            drop(tokio::time::timeout(ASK_EVERY, news.changed()).await); // Either will do.
            tokio::time::sleep(GATHER).await;
        }
    }

    async fn watch_processes(&self) {
        loop {
            let processes = self.processes.clone();
            if let Ok(running) = tokio::task::spawn_blocking(move || processes.look()).await {
                self.damage.compare(&running);
                let before = std::mem::replace(&mut *lock(&self.running), running.clone());
                if before != running {
                    self.changed();
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Tells all windows to look again.
    pub(super) fn changed(&self) {
        self.news.send_modify(|count| *count += 1);
    }

    pub(super) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    pub(super) fn passing(&self) -> broadcast::Receiver<Passing> {
        self.passing.subscribe()
    }

    /// Notes that the person has seen all up to this message.
    pub(super) fn seen(&self, role: Role, bot: &str, message: i64) {
        let mut read = lock(&self.read);
        let known = read.entry((role, bot.to_owned())).or_default();
        if message > *known {
            *known = message;
            drop(read);
            self.changed();
        }
    }

    /// Returns what comes next that the clock can be moved to.
    pub(super) fn next(&self) -> Option<super::visits::Next> {
        let facts = lock(&self.facts).clone();
        lock(&self.visits).next(&facts, self.clock.now())
    }

    /// Takes the picture of this moment.
    pub(super) fn scene(&self, words: Words) -> Scene {
        // Each lock is let go before the next one is taken: none of them is held while another is.
        let facts = lock(&self.facts).clone();
        let running = lock(&self.running).clone();
        let journal = lock(&self.journal).entries();
        let booked = lock(&self.visits).any();
        let people = Role::ALL.map(|role| self.phone(role)).into();
        Scene {
            words,
            zone: zone(),
            now: self.clock.now(),
            people,
            facts,
            running,
            broken: self.damage.look(),
            journal,
            next: self.next(),
            booked,
            moved: self.time.ahead() > SignedDuration::ZERO,
            next_bot: self.next_bot(),
            business: self.business.clone(),
        }
    }

    /// Counts the bots that were made after the operator's own.
    fn next_bot(&self) -> usize {
        self.telegram.bots().saturating_sub(super::super::OWN_BOTS)
    }

    fn phone(&self, role: Role) -> Phone {
        let person = self.people.person(role);
        let chats = self.people.chats(role).into_iter().map(|(bot, chat)| {
            let glance = chat.glance();
            let read = lock(&self.read).get(&(role, bot.clone())).copied().unwrap_or(0);
            let news = |message: &&crate::sandbox::telegram::ChatMessage| {
                message.from_bot && !message.deleted && message.id > read
            };
            Shown { unread: glance.messages.iter().filter(news).count(), bot, glance }
        });
        Phone { role, name: person.name().to_owned(), id: person.id(), chats: chats.collect() }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
