//! The demo's clients in containers: a deployer of its own, in this process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::deployer::protocol::{Answer, Data, Verb};
use crate::deployer::{self, Containers, DeployerSettings, Door, LogDriver};

/// Where the clients' containers come from.
#[derive(Clone, Debug)]
pub struct ContainerOptions {
    /// The static program that clients run.
    pub program: PathBuf,
    /// The engine's socket.
    pub engine: PathBuf,
}

/// A deployer that lives and ends with the demo, and so do its containers.
#[derive(Debug)]
pub struct DemoDeployer {
    containers: Arc<Containers>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl DemoDeployer {
    /// Opens the deployer's socket where the settings say. What it makes is named after `dir`.
    pub(super) async fn start(
        config: &Config,
        options: &ContainerOptions,
        dir: &Path,
        clocks: PathBuf,
    ) -> anyhow::Result<Self> {
        let instance = dir.file_name().and_then(|name| name.to_str());
        let user = deployer::User::this();
        let settings = DeployerSettings {
            instance: instance.context("the demo's directory has no name")?.to_owned(),
            gateways: config.server.runtime_dir.join("clients"),
            program: options.program.clone(),
            engine: options.engine.clone(),
            user,
            ceilings: crate::app::deployer::ceilings(&config.runtime),
            log: LogDriver::JsonFile,
            clock_dir: Some(clocks),
        };
        let containers = Arc::new(Containers::open(settings).await?);
        if let Answer::Refused(refusal) = containers.perform(Verb::EnsureImage).await {
            return Err(refusal).context("the clients' containers cannot be made");
        }
        let door = Door::bind(&config.runtime.deployer_socket, user)?;
        let stop = CancellationToken::new();
        let serving = tokio::spawn(deployer::serve(door, containers.clone(), stop.clone()));
        Ok(Self { containers, stop, serving })
    }

    /// Removes all that was made in the engine.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.serving.await.context("the deployer panicked")?;
        loop {
            let Answer::Clients(clients) = self.containers.perform(Verb::List(None)).await else {
                bail!("the demo's containers cannot be listed");
            };
            if clients.clients.is_empty() {
                break;
            }
            for (name, _) in clients.clients {
                let removed = self.containers.perform(Verb::Remove(name, Data::Delete)).await;
                if let Answer::Refused(refusal) = removed {
                    return Err(refusal).context("a container of the demo cannot be removed");
                }
            }
        }
        self.containers.release_group();
        self.containers.remove_images().await.context("the demo's image cannot be removed")
    }
}
