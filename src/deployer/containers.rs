//! The verbs: each looks at what the engine holds, does what is left to do, and may be repeated.

mod ceiling;
mod list;
mod make;

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

use bollard::models::{ContainerCreateBody, ContainerInspectResponse, SystemInfo, Volume};
use futures::FutureExt as _;
use futures::future::BoxFuture;

use self::ceiling::Ceiling;
use super::compare::differences;
use super::engine::{Engine, EngineError, EngineKind};
use super::group::{self, Group};
use super::image::{ImageError, Images, Spare};
use super::locks::Locks;
use super::podman;
use super::protocol::{Answer, Data, Refusal, Status, Verb};
use super::reading;
use super::settings::DeployerSettings;
use super::template::Template;
use crate::domain::ids::ClientId;

/// All containers of one instance.
#[derive(Debug)]
pub struct Containers {
    settings: DeployerSettings,
    template: Template,
    engine: Engine,
    kind: EngineKind,
    images: Images,
    locks: Locks,
    ceiling: Ceiling,
}

/// What there is of a client in the engine; all of it is ours.
struct Found {
    container: Option<ContainerInspectResponse>,
    volume: Option<Volume>,
}

impl Containers {
    /// Asks the engine what it is, and refuses one that cannot seal a container.
    ///
    /// # Errors
    ///
    /// Returns why the engine cannot be used.
    pub async fn open(settings: DeployerSettings) -> Result<Self, OpenError> {
        let engine = Engine::new(&settings.engine)?;
        let (info, kind) = (engine.info().await?, engine.kind().await?);
        if !has_seccomp(&info) {
            return Err(OpenError::NoSeccomp);
        }
        let driver = group::driver(&info);
        let group = Group::new(driver, &settings.instance);
        let ceiling = Ceiling::new(group.clone(), driver, settings.ceilings.together_bytes, &info);
        ceiling.look();
        let images = Images::new(&settings.instance, settings.program.clone());
        let template = Template::new(settings.clone(), group, kind);
        Ok(Self { settings, template, engine, kind, images, locks: Locks::default(), ceiling })
    }

    /// Does what the verb says. What is done about one client is done one after the other.
    pub fn perform(&self, verb: Verb) -> BoxFuture<'_, Answer> {
        self.perform_in_turn(verb).boxed()
    }

    async fn perform_in_turn(&self, verb: Verb) -> Answer {
        let turn = match verb.client() {
            Some(client) => Some(self.locks.turn(client).await),
            None => None,
        };
        let done = match verb {
            Verb::EnsureImage => self.ensure_image().await,
            Verb::Ensure(client) => self.ensure(client.into()).await.map(Answer::Ensured),
            Verb::Renew(client) => Box::pin(self.renew(client.into())).await.map(Answer::Ensured),
            Verb::Restore(client) => self.restore(client.into()).await,
            Verb::Start(client) => self.start(client.into()).await,
            Verb::Stop(client) => self.stop(client.into()).await,
            Verb::Restart(client) => self.restart(client.into()).await,
            Verb::Remove(client, data) => self.remove(client.into(), data).await,
            Verb::Inspect(client) => self.inspect(client.into()).await,
            Verb::List(after) => self.list(after.map(Into::into)).await,
            Verb::Log(client, lines) => self.log(client.into(), lines).await,
            Verb::Stats(client) => self.stats(client.into()).await,
        };
        drop(turn);
        done.unwrap_or_else(|refusal| {
            tell(verb, &refusal);
            Answer::Refused(refusal)
        })
    }

    /// Takes the group of all clients away, where it is not a slice and nothing runs in it.
    pub fn release_group(&self) {
        self.ceiling.release();
    }

    /// Removes all images that no container uses, also that of this release.
    ///
    /// # Errors
    ///
    /// Returns what the engine refused.
    pub async fn remove_images(&self) -> Result<(), EngineError> {
        let wanted = self.ways_back().await?;
        self.images.tidy(&self.engine, Spare::Nothing, &wanted).await
    }

    async fn ensure_image(&self) -> Result<Answer, Refusal> {
        let kept = self.images.keep().await;
        let release = self.images.ensure(&self.engine).await?;
        drop(kept);
        let wanted = self.ways_back().await?;
        self.images.tidy(&self.engine, Spare::Release, &wanted).await?;
        Ok(Answer::Image(release.digest))
    }

    /// Starts the container, and one that was started before its gateway directory was made again,
    /// because it sees the old one.
    async fn start(&self, client: ClientId) -> Result<Answer, Refusal> {
        let id = self.own(client).await?;
        let made = self.check_gateway(client)?;
        let container = self.engine.container(&id).await?.ok_or(Refusal::NoContainer)?;
        let state = container.state.unwrap_or_default();
        let started = reading::started_at(&state).filter(|_| state.running == Some(true));
        match (started, made) {
            (Some(started), Some(made)) if started < made => self.engine.restart(&id).await?,
            _ => self.engine.start(&id).await?,
        }
        Ok(Answer::Done)
    }

    async fn stop(&self, client: ClientId) -> Result<Answer, Refusal> {
        if let Some(id) = self.look(client).await?.container.and_then(|container| container.id) {
            self.engine.stop(&id).await?;
        }
        Ok(Answer::Done)
    }

    async fn restart(&self, client: ClientId) -> Result<Answer, Refusal> {
        let id = self.own(client).await?;
        self.check_gateway(client)?;
        self.engine.restart(&id).await?;
        Ok(Answer::Done)
    }

    /// Removes the container, the volume if told so, and the image if nothing uses it any more.
    async fn remove(&self, client: ClientId, data: Data) -> Result<Answer, Refusal> {
        let found = self.look(client).await?;
        if let Some(id) = found.container.and_then(|container| container.id) {
            self.engine.stop(&id).await?;
            self.engine.remove(&id).await?;
            tracing::info!(event = "deployer.removed", %client, "removed a client's container");
        }
        if data == Data::Delete && found.volume.is_some() {
            self.engine.remove_volume(&self.template.name(client)).await?;
        }
        self.remove_images().await?;
        Ok(Answer::Done)
    }

    async fn inspect(&self, client: ClientId) -> Result<Answer, Refusal> {
        let found = self.look(client).await?;
        let absent = found.container.is_none() && found.volume.is_none();
        let status =
            if absent { Status::Absent } else { reading::status(found.container.as_ref()) };
        Ok(Answer::Status(status))
    }

    async fn log(&self, client: ClientId, lines: u16) -> Result<Answer, Refusal> {
        let id = self.own(client).await?;
        let pieces = self.engine.log(&id, lines).await?;
        Ok(Answer::Log(reading::lines(&pieces)))
    }

    async fn stats(&self, client: ClientId) -> Result<Answer, Refusal> {
        let id = self.own(client).await?;
        let told = self.engine.stats(&id).await?;
        Ok(Answer::Stats(told.as_ref().and_then(reading::stats)))
    }

    /// Returns the engine's id of the client's container.
    async fn own(&self, client: ClientId) -> Result<String, Refusal> {
        let container = self.look(client).await?.container;
        container.and_then(|container| container.id).ok_or(Refusal::NoContainer)
    }

    /// Returns the settings of a container that are not as they were wanted.
    fn differences(
        &self,
        wanted: &ContainerCreateBody,
        made: &ContainerInspectResponse,
    ) -> Vec<String> {
        match self.kind {
            EngineKind::Docker => differences(wanted, made),
            EngineKind::Podman => differences(wanted, &podman::translated(wanted, made.clone())),
        }
    }

    /// Finds what there is of the client; what bears its name and not its labels is not ours.
    async fn look(&self, client: ClientId) -> Result<Found, Refusal> {
        let name = self.template.name(client);
        let labels = self.template.labels(client);
        let container = self.engine.container(&name).await?;
        let of_container = container.as_ref().map(|container| {
            let config = container.config.as_ref();
            config.and_then(|config| config.labels.clone()).unwrap_or_default()
        });
        let is_ours = |made: &HashMap<String, String>| {
            labels.iter().all(|(key, value)| made.get(key) == Some(value))
        };
        if of_container.is_some_and(|made| !is_ours(&made)) {
            return Err(Refusal::Foreign(format!("a container named {name}")));
        }
        let volume = self.engine.volume(&name).await?;
        // Options could make the volume a view of any directory.
        let plain = |volume: &Volume| volume.driver == "local" && volume.options.is_empty();
        if volume.as_ref().is_some_and(|volume| !is_ours(&volume.labels) || !plain(volume)) {
            return Err(Refusal::Foreign(format!("a volume named {name}")));
        }
        Ok(Found { container, volume })
    }

    /// Returns since when the client's gateway directory has been there, if the system knows.
    ///
    /// It must be a directory of `serve`'s user, and no link to another one.
    fn check_gateway(&self, client: ClientId) -> Result<Option<std::time::SystemTime>, Refusal> {
        let path = self.settings.gateways.join(client.to_string());
        let refused = |why: &str| Refusal::Gateway(format!("{} {why}", path.display()));
        let metadata = fs::symlink_metadata(&path).map_err(|err| refused(&err.to_string()))?;
        let owner = metadata.uid();
        if !metadata.is_dir() {
            return Err(refused("is no directory"));
        }
        if !self.settings.user.admits(owner) {
            return Err(refused("belongs to another user"));
        }
        Ok(metadata.created().ok())
    }
}

/// Why the deployer does not begin.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The engine does not answer.
    #[error("the container engine: {0}")]
    Engine(#[from] EngineError),
    /// The engine filters no system calls.
    #[error("the container engine has no seccomp: it cannot keep containers from system calls")]
    NoSeccomp,
}

fn has_seccomp(info: &SystemInfo) -> bool {
    let options = info.security_options.as_deref().unwrap_or_default();
    options.iter().any(|option| option.contains("name=seccomp") && !option.contains("unconfined"))
}

/// Says what was refused; some of it needs a person.
fn tell(verb: Verb, refusal: &Refusal) {
    let (word, client) = (verb.word(), verb.client().map(|client| client.to_string()));
    match refusal {
        Refusal::Mismatch(_) => tracing::error!(
            event = "deployer.mismatch", client, verb = word, error = %refusal,
            "the engine did not make what was asked for"
        ),
        Refusal::Foreign(_) => tracing::warn!(
            event = "deployer.foreign", client, verb = word, error = %refusal,
            "something stands in a client's place and is not ours"
        ),
        Refusal::NoContainer | Refusal::NoWayBack => tracing::debug!(
            event = "deployer.no_container",
            client,
            verb = word,
            "there is no such container"
        ),
        Refusal::Gateway(_) | Refusal::Image(_) | Refusal::Engine(_) => tracing::warn!(
            event = "deployer.failed", client, verb = word, error = %refusal,
            "could not do what was asked"
        ),
    }
}

impl From<EngineError> for Refusal {
    fn from(err: EngineError) -> Self {
        Self::Engine(err.to_string())
    }
}

impl From<ImageError> for Refusal {
    fn from(err: ImageError) -> Self {
        match err {
            ImageError::Program(..) | ImageError::Altered => Self::Image(err.to_string()),
            ImageError::Engine(err) => err.into(),
        }
    }
}
