//! The loop of one bot: every update is kept before it is confirmed, and handled once, in its
//! chat's order; chats do not wait for each other.

mod brought;
mod handle;
mod lines;
mod receive;

use std::sync::Arc;
use std::time::Duration;

use teloxide::dispatching::UpdateHandler;
use teloxide::dptree::di::DependencyMap;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::handle::{Outcome, Turn};
use self::lines::{Lines, Ticket};
use super::BotError;
use super::talk::Step;
use crate::actions::arrivals::{Fresh, Standing};
use crate::actions::cover::Cover;
use crate::domain::ids::BotId;
use crate::metrics::BotMeter;
use crate::store::secrets::Sealer;
use crate::store::{Store, StoreError, updates};

/// How many chats are served at once.
const CHATS_AT_ONCE: usize = 32;
/// With this many updates waiting, no more are asked for: Telegram keeps them for a day.
const WAITING_MAX: usize = 10_000;
/// How long the work in hand may take once a stop is asked for.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// How the bot stands with Telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Nothing has been heard yet.
    Starting,
    /// Updates come when they are asked for.
    Polling,
    /// Telegram brings updates.
    Webhook,
    /// 409: another program reads the bot's updates, or keeps setting a webhook.
    Conflict,
    /// Telegram cannot be reached or fails.
    Unreachable,
    /// 401: the token is not valid; the loop has ended.
    Unauthorized,
}

impl Health {
    /// Names the state for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Polling => "polling",
            Self::Webhook => "webhook",
            Self::Conflict => "conflict",
            Self::Unreachable => "unreachable",
            Self::Unauthorized => "unauthorized",
        }
    }
}

/// Why a loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopEnd {
    /// It was told to stop.
    Stopped,
    /// The token was revoked or the bot deleted.
    TokenRevoked,
}

/// The loop of one bot. `S` is the state of its conversations.
///
/// The tree finds in its dependencies all of `deps` and, for each update: the
/// [`Update`](teloxide::types::Update), the step `S`, [`Talk<S>`](super::talk::Talk),
/// [`Toast`](super::talk::Toast) and [`Cause`](super::talk::Cause).
pub struct Loop<S> {
    inner: Arc<Inner<S>>,
    source: Source,
    health: watch::Sender<Health>,
    heard: watch::Sender<Option<Instant>>,
}

/// Where a bot's updates come from.
pub enum Source {
    /// They are asked for, on connections that may wait for long.
    Asked(teloxide::Bot),
    /// They are kept elsewhere when Telegram brings them, and this tells of each, and how that
    /// stands.
    Brought(Fresh, watch::Receiver<Standing>),
}

/// What a loop is made of.
pub struct Parts {
    /// Where updates and conversations are kept.
    pub store: Store,
    /// The bot's id.
    pub bot: BotId,
    /// The bot, on connections that do not wait for long.
    pub send: teloxide::Bot,
    /// Seals updates while they wait: for a bot that people send tokens to.
    pub sealer: Option<Arc<Sealer>>,
    /// What handlers are given besides what belongs to the update.
    pub deps: DependencyMap,
    /// What is said in a private chat whose update had to be given up.
    pub apology: String,
    /// Counts the bot's updates and requests.
    pub meter: BotMeter,
}

/// How the receiving half shows how it fares.
struct Signs {
    bot: BotId,
    health: watch::Sender<Health>,
    heard: watch::Sender<Option<Instant>>,
}

impl Signs {
    /// Tells that updates have come.
    fn hear(&self) {
        self.heard.send_replace(Some(Instant::now()));
    }

    /// Tells of a change, once.
    fn turn(&self, to: Health) {
        self.turn_for(to, None);
    }

    /// Tells of a change and why it came, once.
    fn turn_for(&self, to: Health, why: Option<&str>) {
        let changed = self.health.send_if_modified(|now| std::mem::replace(now, to) != to);
        if !changed {
            return;
        }
        let bot = self.bot;
        match to {
            Health::Starting => {}
            Health::Polling => tracing::info!(event = "bot.polling", %bot, "updates come"),
            Health::Webhook => tracing::info!(event = "bot.webhook", %bot, "updates are brought"),
            Health::Conflict => {
                tracing::warn!(event = "bot.conflict", %bot, "another program reads the updates");
            }
            Health::Unreachable => {
                tracing::warn!(event = "bot.unreachable", %bot, error = why,
                    "telegram cannot be reached");
            }
            Health::Unauthorized => {
                tracing::error!(event = "bot.unauthorized", %bot, "the token is not valid");
            }
        }
    }
}

impl Parts {
    /// Hands the numbers of new updates to `lines` until `stop` or the end of the token.
    async fn receive(
        &self,
        source: Source,
        signs: Signs,
        lines: mpsc::Sender<Vec<(i64, i64)>>,
        stop: CancellationToken,
    ) -> LoopEnd {
        let receiving = async {
            match source {
                Source::Brought(fresh, standing) => {
                    brought::receive(fresh, standing, &signs, lines).await
                }
                Source::Asked(poll) => {
                    let (store, cover) = (self.store.clone(), self.cover());
                    let meter = self.meter.clone();
                    let asker = receive::Receiver { store, poll, cover, signs, meter };
                    asker.receive(lines).await
                }
            }
        };
        stop.run_until_cancelled(receiving).await.unwrap_or(LoopEnd::Stopped)
    }

    fn cover(&self) -> Cover {
        Cover { bot: self.bot, sealer: self.sealer.clone() }
    }
}

struct Inner<S> {
    parts: Parts,
    tree: UpdateHandler<BotError>,
    state: std::marker::PhantomData<fn() -> S>,
}

impl<S: Step> Loop<S> {
    /// Makes the loop that hands updates to `tree`.
    pub fn new(parts: Parts, source: Source, tree: UpdateHandler<BotError>) -> Self {
        let inner = Arc::new(Inner { parts, tree, state: std::marker::PhantomData });
        Self {
            inner,
            source,
            health: watch::Sender::new(Health::Starting),
            heard: watch::Sender::default(),
        }
    }

    /// Returns how the bot stands with Telegram, now and later.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.health.subscribe()
    }

    /// Returns when the last update came, now and later; `None` before the first.
    pub fn heard(&self) -> watch::Receiver<Option<Instant>> {
        self.heard.subscribe()
    }

    /// Receives and handles updates until `stop`, or until Telegram no longer knows the token.
    ///
    /// What was kept and not handled is handled first. The work in hand is then given 10 s to end;
    /// what is cut off is handled at the next start.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if what was kept cannot be read.
    pub async fn run(self, stop: CancellationToken) -> Result<LoopEnd, StoreError> {
        let (store, bot) = (&self.inner.parts.store, self.inner.parts.bot);
        let kept = store.scan(move |snap| updates::waiting(snap, bot)).await?;
        let (fresh, received) = mpsc::channel(1);
        let signs = Signs { bot, health: self.health.clone(), heard: self.heard.clone() };
        let mut line = Lines::default();
        line.join(kept);
        let stopped = stop.child_token();
        let handling = handle_all(Arc::clone(&self.inner), line, received, stopped.clone());
        let receiving = self.inner.parts.receive(self.source, signs, fresh, stopped.clone());
        let ended = async {
            let end = receiving.await;
            stopped.cancel();
            end
        };
        let (end, ()) = tokio::join!(ended, handling);
        Ok(end)
    }
}

/// Serves the lines until `stop`.
async fn handle_all<S: Step>(
    inner: Arc<Inner<S>>,
    mut lines: Lines,
    mut received: mpsc::Receiver<Vec<(i64, i64)>>,
    stop: CancellationToken,
) {
    let mut turns: JoinSet<(Ticket, Outcome)> = JoinSet::new();
    loop {
        while turns.len() < CHATS_AT_ONCE
            && let Some(ticket) = lines.call()
        {
            turns.spawn(Turn::new(Arc::clone(&inner), ticket).run());
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(done) = turns.join_next() => finish(&mut lines, done),
            () = lines.rested() => {}
            Some(batch) = received.recv(), if lines.len() < WAITING_MAX => lines.join(batch),
        }
    }
    let last = async { while turns.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_WITHIN, last).await.is_err() {
        tracing::warn!(
            event = "bot.cut_off",
            left = turns.len(),
            "updates wait for the next start"
        );
    }
}

/// Lets the next of the chat come forward, or the same again after a rest.
fn finish(lines: &mut Lines, done: Result<(Ticket, Outcome), tokio::task::JoinError>) {
    match done {
        Ok((ticket, Outcome::Done | Outcome::GivenUp)) => lines.done(ticket),
        Ok((ticket, Outcome::Again(after))) => lines.rest(ticket, after),
        // The handler's own panic was caught: this one is the loop's, and the chat stays closed
        // until the next start rather than lose its order.
        Err(err) => tracing::error!(event = "bot.turn_lost", "{err}"),
    }
}

#[cfg(test)]
mod tests;
