//! Heal the clients' bots: one that has fallen silent is started anew, again and again with longer
//! waits, and at last handed to the operators.

use std::collections::HashMap;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};

use crate::deps::Deps;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::ClientId;
use crate::domain::job::{Job, Notice};
use crate::domain::subscription::Service;
use crate::external::containers::RuntimeError;
use crate::store::{StoreError, clients, jobs};

use super::deploy::DeployError;
use super::home;

/// How many times in a row a bot is seen silent before anything is done.
const LOOKS: u32 = 2;
/// How many times it is started anew.
const TRIES: u32 = 4;
/// How long it may take to get well after the first start; each later one may take twice as long.
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// How many bots are started anew in one look: if all are silent, it is hardly their fault.
const AT_ONCE: usize = 5;

/// Looks again and again, and remembers who is ill. After a restart of this program it begins anew;
/// that a bot was handed over stands in the client's record.
#[derive(Debug, Default)]
pub struct Healer {
    ill: HashMap<ClientId, Illness>,
}

/// How long a bot has been silent, and what was done about it.
#[derive(Clone, Copy, Debug, Default)]
struct Illness {
    looks: u32,
    tries: u32,
    /// Nothing is done before.
    wait_until: Option<Timestamp>,
}

/// What is to be done about a silent bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Wait,
    StartAnew,
    HandOver,
}

impl Illness {
    /// Sees the bot silent once more.
    fn look(&mut self, now: Timestamp) -> Act {
        self.looks = self.looks.saturating_add(1);
        let waits = self.wait_until.is_some_and(|until| now < until);
        match (self.looks < LOOKS || waits, self.tries < TRIES) {
            (true, _) => Act::Wait,
            (false, true) => Act::StartAnew,
            (false, false) => Act::HandOver,
        }
    }

    /// Notes that the bot was started anew.
    fn tried(&mut self, now: Timestamp) {
        let wait = FIRST_WAIT * 2_i32.pow(self.tries.min(TRIES));
        self.tries += 1;
        self.wait_until = Some(now + wait);
    }
}

impl Healer {
    /// Looks at each bot that should be well.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if the clients cannot be read; a bot that cannot be started anew is told
    /// and left.
    pub async fn look(&mut self, deps: &Deps) -> Result<(), StoreError> {
        let now = deps.clock.now();
        let all = deps.store.read(|snap| clients::list(snap, None, usize::MAX))?;
        let serves = |client: &&Client| client.subscription.service() != Service::None;
        let mut silent = HashMap::new();
        let (mut weak, mut lost) = (Vec::new(), Vec::new());
        for client in all.iter().filter(serves) {
            let (id, well) = (client.id, deps.health.is_healthy(client.id));
            match client.runtime {
                RuntimeState::Running if well => self.recovered(id),
                RuntimeState::Running => {
                    let mut illness = self.ill.get(&id).copied().unwrap_or_default();
                    match illness.look(now) {
                        Act::StartAnew if weak.len() < AT_ONCE => weak.push(id),
                        Act::StartAnew | Act::Wait => {}
                        Act::HandOver => lost.push(id),
                    }
                    silent.insert(id, illness);
                }
                RuntimeState::Failed if well => take_back(deps, id).await?,
                _ => {}
            }
        }
        self.ill = silent;
        let started = join_all(weak.into_iter().map(|id| start_anew(deps, id))).await;
        for id in started.into_iter().flatten() {
            if let Some(illness) = self.ill.get_mut(&id) {
                illness.tried(now);
            }
        }
        for id in lost {
            hand_over(deps, id).await?;
            self.ill.remove(&id);
        }
        Ok(())
    }

    fn recovered(&self, id: ClientId) {
        if self.ill.get(&id).is_some_and(|illness| illness.tries > 0) {
            tracing::info!(event = "client.recovered", client = %id, "the client's bot is well again");
        }
    }
}

/// Starts the bot anew, and returns it if that counts as a try: where nothing can be asked, it was none.
async fn start_anew(deps: &Deps, id: ClientId) -> Option<ClientId> {
    if !home::is_settled(deps, id).unwrap_or(false) {
        return None; // It is being moved, or a deploy has told why not.
    }
    tracing::warn!(event = "client.unhealthy", client = %id,
        "the client's bot has fallen silent; it is started anew");
    let started = async {
        deps.gateways.open(id).await?;
        deps.runtime.restart(id).await?;
        Ok::<(), DeployError>(())
    };
    match started.await {
        Ok(()) => Some(id),
        Err(err) => {
            tracing::error!(event = "client.not_healed", client = %id, error = %err,
                "a silent bot cannot be started anew");
            let unasked = matches!(
                err,
                DeployError::Runtime(RuntimeError::NoDeployer { .. } | RuntimeError::Closed)
            );
            (!unasked).then_some(id)
        }
    }
}

/// Leaves the bot as it is, and tells the operators with its last lines.
async fn hand_over(deps: &Deps, id: ClientId) -> Result<(), StoreError> {
    tracing::error!(event = "client.handed_over", client = %id, tries = TRIES,
        "the client's bot stays silent; it is not started anew any more");
    change(deps, id, RuntimeState::Running, RuntimeState::Failed, Notice::HandedOver(id)).await
}

/// Notes that a bot that was given up has come back by itself.
async fn take_back(deps: &Deps, id: ClientId) -> Result<(), StoreError> {
    tracing::info!(event = "client.recovered", client = %id, "the client's bot is well again");
    change(deps, id, RuntimeState::Failed, RuntimeState::Running, Notice::DeployDone(id)).await
}

/// Changes how the bot stands and tells the operators, in one transaction; nothing if somebody was
/// faster.
async fn change(
    deps: &Deps,
    id: ClientId,
    from: RuntimeState,
    to: RuntimeState,
    notice: Notice,
) -> Result<(), StoreError> {
    let (now, config) = (deps.clock.now(), deps.config.clone());
    let write = deps.store.write(move |txn| {
        let Some(mut client) = clients::get(txn, id)?.filter(|it| it.runtime == from) else {
            return Ok(());
        };
        client.runtime = to;
        clients::put(txn, &client)?;
        for operator in &config.telegram.operators {
            jobs::push(txn, now, &Job::Notify(*operator, notice.clone()))?;
        }
        Ok(())
    });
    write.await
}

#[cfg(test)]
mod tests;
