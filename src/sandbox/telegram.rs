//! The Telegram Bot API, simulated at the wire.
//!
//! [`TelegramSim`] is a server on the loopback interface that real Bot API clients talk to, and
//! the people on the other side: a test or the demo speaks for them through [`Chat`].

mod answer;
mod bot;
mod chat;
mod control;
mod events;
mod faults;
mod files;
mod flood;
mod glance;
mod keyboard;
mod message;
mod methods;
mod params;
mod person;
mod polling;
mod queue;
mod text;
mod transcript;
mod webhook;
mod wire;
mod world;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;

pub use chat::{Chat, NoSuchButton, Timeout};
pub use events::{Call, Speaker, What, WorldEvent};
pub use faults::{Fault, Faults, UpdateFault};
pub use flood::{FloodLimits, Rate};
pub use glance::{BotCommand, ChatName, Glance};
pub use keyboard::Button;
pub use message::{Attachment, AttachmentKind, ChatMessage};
pub use person::Person;
pub use transcript::Transcript;

use world::{ChatKey, World};

/// How long a stop waits for connections whose peer does not read its answer.
const CLOSING: Duration = Duration::from_secs(5);

/// A simulated Telegram: bots, people, their chats, and the server that bots talk to.
///
/// Clones are one world. It serves until [`TelegramSim::shutdown`].
#[derive(Clone)]
pub struct TelegramSim(Arc<Inner>);

struct Inner {
    address: SocketAddr,
    world: Mutex<World>,
    faults: Faults,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl TelegramSim {
    /// Starts a world on a free port of the loopback interface.
    ///
    /// # Errors
    ///
    /// Returns the system's error when no port can be opened.
    pub async fn start(clock: Clock) -> io::Result<Self> {
        Self::start_on(SocketAddr::from(([127, 0, 0, 1], 0)), clock).await
    }

    /// Starts a world on `address`.
    ///
    /// # Errors
    ///
    /// Returns the system's error when the address cannot be taken.
    pub async fn start_on(address: SocketAddr, clock: Clock) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let sim = Self(Arc::new(Inner {
            address: listener.local_addr()?,
            world: Mutex::new(World::new(clock)),
            faults: Faults::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }));
        let listener = listener.tap_io(|stream| {
            // An answer must not wait for the next one; if it does, only speed is lost.
            stream.set_nodelay(true).ok();
        });
        let server = axum::serve(listener, wire::router(sim.clone()))
            .with_graceful_shutdown(sim.0.stop.clone().cancelled_owned());
        sim.0.tasks.spawn(async move { server.await.ok() });
        Ok(sim)
    }

    /// Returns the base address for bots, such as `http://127.0.0.1:4000`.
    pub fn url(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// Makes a bot, as `BotFather` does, and returns its token. A bot that exists keeps its token.
    pub fn add_bot(&self, name: &str, username: &str) -> String {
        self.world().add_bot(name, username)
    }

    /// Makes a bot with a token chosen by the caller; the number before its colon is the bot's id.
    pub fn add_bot_with_token(&self, token: &str, name: &str, username: &str) {
        self.world().add_bot_with_token(token, name, username);
    }

    /// Has every token that is used make its bot, or be its new one: for whoever makes tokens up.
    pub fn welcome_any_token(&self) {
        self.world().any_token = true;
    }

    /// Has webhooks of this host brought to `address`, whose certificate is signed by the root in
    /// this PEM. An address that names a port is called at that port.
    ///
    /// # Errors
    ///
    /// Returns why the root is none.
    pub fn reach(&self, host: &str, address: SocketAddr, root: &[u8]) -> reqwest::Result<()> {
        let root = reqwest::Certificate::from_pem(root)?;
        let mut world = self.world();
        world.outside.names.insert(host.to_owned(), address);
        world.outside.roots.push(root);
        Ok(())
    }

    /// Takes webhooks of plain HTTP from now on, as a Bot API server of one's own does.
    pub fn take_plain_webhooks(&self) {
        self.world().outside.takes_plain = true;
    }

    /// Gives the bot that holds `token` a new one; from then on the old one is unauthorized.
    ///
    /// An unknown token is returned unchanged.
    pub fn revoke_token(&self, token: &str) -> String {
        self.world().revoke_token(token)
    }

    /// Returns the person of this name, who is made at the first call.
    pub fn person(&self, name: &str) -> Person {
        self.world().person(name)
    }

    /// Returns the person with this id, who is made, or renamed, by the call.
    pub fn person_with_id(&self, id: i64, name: &str) -> Person {
        self.world().person_with_id(id, name)
    }

    /// Deletes the person's account: every bot is told that the user is deactivated.
    pub fn deactivate(&self, person: &Person) {
        self.world().deactivate(person);
    }

    /// Returns the private chat of a bot and a person; it begins when the person writes.
    ///
    /// A bot of that username is made if there is none.
    pub fn chat(&self, bot_username: &str, person: &Person) -> Chat {
        let mut world = self.world();
        let bot = world.bot_named(bot_username);
        world.remember(person);
        let key = ChatKey { bot, person: person.key() };
        world.chat_mut(key);
        drop(world);
        Chat::new(self.clone(), key, person.clone())
    }

    /// Returns the chats that there are, in the order of bots and people.
    pub fn chats(&self) -> Vec<ChatName> {
        let name = |(bot, person, name)| ChatName { bot, person, name };
        self.world().chat_list().into_iter().map(name).collect()
    }

    /// Counts the bots that there are.
    pub fn bots(&self) -> usize {
        self.world().bots.len()
    }

    /// Tells whether a bot of this username exists.
    pub fn has_bot(&self, username: &str) -> bool {
        self.world().find_bot(username).is_some()
    }

    /// Returns the means to make the service fail.
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// Sets how fast bots may send.
    pub fn set_flood_limits(&self, limits: FloodLimits) {
        self.world().limits = limits;
    }

    /// Keeps no log from now on, and only the newest messages of a chat: for benchmarks.
    pub fn quiet(&self) {
        self.world().record.quiet();
    }

    /// Subscribes to what happens from now on, in order.
    pub fn events(&self) -> broadcast::Receiver<WorldEvent> {
        self.world().record.subscribe()
    }

    /// Returns all that has happened so far, in order.
    pub fn log(&self) -> Vec<WorldEvent> {
        self.world().record.events().to_vec()
    }

    /// Returns every API call so far, in the order of their answers.
    pub fn calls(&self) -> Vec<Call> {
        self.world().record.calls().to_vec()
    }

    /// Returns the talk of all chats so far, in order.
    pub fn transcript(&self) -> Transcript {
        Transcript::new(self.world().record.events().to_vec())
    }

    /// Ends polls, deliveries and connections, and closes the port.
    pub async fn shutdown(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        if tokio::time::timeout(CLOSING, self.0.tasks.wait()).await.is_err() {
            tracing::warn!(event = "sandbox.slow_stop", "a connection did not close in time");
        }
    }

    /// Locks the world. A test that panicked while it held the lock does not spoil it for others.
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for TelegramSim {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("TelegramSim")
            .field("address", &self.0.address)
            .finish_non_exhaustive()
    }
}
