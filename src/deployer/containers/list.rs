//! What there is in the engine of this instance: its clients, what others made under its labels, and
//! the images that containers could go back to.

use std::collections::{BTreeMap, BTreeSet};

use bollard::models::ContainerSummaryStateEnum as State;

use super::Containers;
use crate::deployer::engine::EngineError;
use crate::deployer::protocol::{Answer, Clients, MOST_CLIENTS, Refusal, Standing};
use crate::deployer::template::{CLIENT, PREVIOUS};
use crate::domain::ids::ClientId;

/// The most names of others in one answer.
const MOST_FOREIGN: usize = 20;

impl Containers {
    pub(super) async fn list(&self, after: Option<ClientId>) -> Result<Answer, Refusal> {
        let (mut ours, mut foreign) = (BTreeMap::new(), BTreeSet::new());
        for (name, label, standing) in self.labelled().await? {
            match self.template.client(&name) {
                // Its container comes before its volume, and says more.
                Some(client) if label == Some(client.to_string()) => {
                    ours.entry(client).or_insert(standing);
                }
                _ => _ = foreign.insert(name),
            }
        }
        for name in &foreign {
            tracing::warn!(
                event = "deployer.foreign",
                name,
                "something bears our labels and is not ours; it is left alone"
            );
        }
        let mut clients: Vec<_> =
            ours.into_iter().filter(|(client, _)| Some(*client) > after).collect();
        let more = clients.len() > MOST_CLIENTS;
        clients.truncate(MOST_CLIENTS);
        let clients = clients.into_iter().map(|(client, it)| (client.into(), it)).collect();
        let foreign = foreign.into_iter().take(MOST_FOREIGN).collect();
        Ok(Answer::Clients(Clients { clients, more, foreign }))
    }

    /// Returns the names of all containers and volumes with this instance's label, and the clients
    /// that their labels name; containers first.
    async fn labelled(&self) -> Result<Vec<(String, Option<String>, Standing)>, EngineError> {
        let instance = &self.settings.instance;
        let mut labelled = Vec::new();
        for container in self.engine.containers(instance).await? {
            let name = container.names.unwrap_or_default().into_iter().next().unwrap_or_default();
            let label = container.labels.and_then(|mut labels| labels.remove(CLIENT));
            let standing = match container.state {
                Some(State::RUNNING | State::PAUSED) => Standing::Running,
                Some(State::RESTARTING) => Standing::Restarting,
                _ => Standing::Stopped,
            };
            labelled.push((name.trim_start_matches('/').to_owned(), label, standing));
        }
        for mut volume in self.engine.volumes(instance).await? {
            labelled.push((volume.name, volume.labels.remove(CLIENT), Standing::Stopped));
        }
        Ok(labelled)
    }

    /// Returns the images that containers could go back to.
    pub(super) async fn ways_back(&self) -> Result<BTreeSet<String>, EngineError> {
        let containers = self.engine.containers(&self.settings.instance).await?;
        let labels = containers.into_iter().filter_map(|container| container.labels);
        Ok(labels.filter_map(|mut labels| labels.remove(PREVIOUS)).collect())
    }
}
