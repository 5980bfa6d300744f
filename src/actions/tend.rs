//! Tend the clients' bots: compare what runs with what should, and repair the difference.

use std::collections::{BTreeMap, BTreeSet};

use super::deploy::{DeployError, rest, shall_run};
use super::home;
use crate::deps::Deps;
use crate::domain::client::{Client, RuntimeState};
use crate::domain::ids::ClientId;
use crate::domain::subscription::Service;
use crate::external::containers::Standing;
use crate::store::clients;

/// How many bots are compared with what they were made as in one look; the next look goes on with the
/// next ones.
const COMPARED: usize = 20;

/// Looks again and again, and remembers what was not as it should be the last time.
///
/// A difference that is seen once may be work in hand: a restart, a removal. What is seen twice is
/// repaired.
#[derive(Debug, Default)]
pub struct Tender {
    /// Those that should run and did not, and those that ran and should not.
    seen: BTreeSet<(ClientId, Want)>,
    /// The last one that was compared with what it was made as.
    compared: Option<ClientId>,
}

/// What a bot should do and does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Want {
    Run,
    Stop,
}

impl Tender {
    /// Compares once, with one question to whatever runs the bots. Some of those that should run and do
    /// are looked at too, in turn: a container that somebody has changed is put right.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be seen what runs, which is told already; one bot that cannot be repaired is
    /// told and left.
    pub async fn look(&mut self, deps: &Deps) -> Result<(), DeployError> {
        let looked = self.compare(deps).await;
        match &looked {
            Ok(()) if !deps.health.note_seen(true) => {
                tracing::info!(event = "runtime.seen", "what runs can be seen again");
            }
            Ok(()) => {}
            Err(err) => {
                deps.health.note_seen(false);
                tracing::warn!(event = "runtime.unseen", error = %err,
                    "could not compare what runs with what should");
            }
        }
        looked
    }

    async fn compare(&mut self, deps: &Deps) -> Result<(), DeployError> {
        let all = deps.store.read(|snap| clients::list(snap, None, usize::MAX))?;
        let mut now = BTreeSet::new();
        let there = deps.runtime.list().await?;
        let known: BTreeMap<_, _> = all.iter().map(|client| (client.id, client)).collect();
        for (id, _) in there.iter().filter(|(_, standing)| **standing != Standing::Stopped) {
            if known.get(id).is_none_or(|client| shall_rest(client)) {
                now.insert((*id, Want::Stop));
            }
        }
        let mut running = BTreeSet::new();
        for (id, _) in known.iter().filter(|(_, client)| shall_be_up(client)) {
            match there.get(id) {
                None | Some(Standing::Stopped) => _ = now.insert((*id, Want::Run)),
                Some(Standing::Running) => _ = running.insert(*id),
                Some(Standing::Restarting) => {} // It is being seen to.
            }
        }
        for id in next(&running, self.compared, COMPARED) {
            keep(deps, id).await;
            self.compared = Some(id);
        }
        for (id, want) in now.intersection(&self.seen) {
            repair(deps, *id, *want).await;
        }
        self.seen = now;
        Ok(())
    }
}

fn shall_be_up(client: &Client) -> bool {
    client.runtime == RuntimeState::Running && client.subscription.service() != Service::None
}

fn shall_rest(client: &Client) -> bool {
    client.subscription.service() == Service::None
}

/// Returns the next so many of `all` after `last`, beginning anew behind the end.
fn next(all: &BTreeSet<ClientId>, last: Option<ClientId>, most: usize) -> Vec<ClientId> {
    let after = all.iter().filter(|id| Some(**id) > last);
    let before = all.iter().filter(|id| Some(**id) <= last);
    after.chain(before).take(most).copied().collect()
}

/// Has the runtime look whether what runs is as it was made.
async fn keep(deps: &Deps, id: ClientId) {
    let kept = async {
        if home::is_settled(deps, id)? {
            deps.runtime.ensure_running(id).await?;
        }
        Ok::<(), DeployError>(())
    };
    if let Err(err) = kept.await {
        tracing::error!(event = "runtime.not_repaired", client = %id, error = %err,
            "a client's bot is not as it should be, and cannot be put right");
    }
}

async fn repair(deps: &Deps, id: ClientId, want: Want) {
    match want {
        Want::Run => {
            tracing::warn!(event = "runtime.repaired", client = %id, reason = "it should run and did not",
                "a client's bot was not running; it is started");
            let started = async {
                if shall_run(deps, id)? && home::is_settled(deps, id)? {
                    deps.gateways.open(id).await?;
                    deps.runtime.ensure_running(id).await?;
                }
                Ok::<(), DeployError>(())
            };
            if let Err(err) = started.await {
                tracing::error!(event = "runtime.not_repaired", client = %id, error = %err,
                    "a client's bot should run, and cannot be started");
            }
        }
        Want::Stop => {
            tracing::warn!(event = "runtime.repaired", client = %id, reason = "it ran and should not",
                "a bot was running for nobody; it is stopped");
            rest(deps, id).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comes_to_its_turn() {
        let all: BTreeSet<_> = (1..=5).map(ClientId::from_bits).collect();
        let ids =
            |bits: &[u128]| bits.iter().map(|it| ClientId::from_bits(*it)).collect::<Vec<_>>();
        assert_eq!(next(&all, None, 2), ids(&[1, 2]));
        assert_eq!(next(&all, Some(ClientId::from_bits(2)), 2), ids(&[3, 4]));
        assert_eq!(next(&all, Some(ClientId::from_bits(4)), 2), ids(&[5, 1]));
        assert_eq!(next(&all, Some(ClientId::from_bits(5)), 9), ids(&[1, 2, 3, 4, 5]));
        assert_eq!(next(&BTreeSet::new(), Some(ClientId::from_bits(5)), 9), ids(&[]));
    }
}
