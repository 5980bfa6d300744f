//! The engine's socket: the few calls that are made on it, each with a time limit.

use std::path::Path;
use std::time::Duration;

use bollard::errors::Error;
use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, ContainerStatsResponse, ContainerSummary,
    ImageInspect, ImageSummary, SystemInfo, Volume, VolumeCreateRequest,
};
use bollard::query_parameters::{
    CreateContainerOptions, CreateImageOptions, InspectContainerOptions, ListContainersOptions,
    ListImagesOptions, ListVolumesOptions, LogsOptions, RemoveContainerOptions, RemoveImageOptions,
    RemoveVolumeOptions, RestartContainerOptions, StartContainerOptions, StatsOptions,
    StopContainerOptions,
};
use bollard::{API_DEFAULT_VERSION, Docker, body_full};
use futures::{StreamExt as _, TryStreamExt as _};

use super::template::{INSTANCE, STOP_WITHIN_S};

/// No call takes longer, the import of an image included.
const WITHIN_S: u64 = 120;
/// How often a container is looked at again that Podman has not yet cleaned up behind, and how soon.
const LOOKS_AT_PASSING: u32 = 50;
const LOOK_AGAIN_IN: Duration = Duration::from_millis(100);
const NOT_MODIFIED: u16 = 304;
const NOT_FOUND: u16 = 404;
const CONFLICT: u16 = 409;

/// The engine did not do something.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing}: {source}")]
pub struct EngineError {
    doing: &'static str,
    source: Error,
}

impl EngineError {
    /// Tells whether the engine knows nothing of this name.
    fn is_missing(&self) -> bool {
        status(&self.source) == Some(NOT_FOUND)
    }

    /// Tells whether something stands in the way: a name in use, an image in use.
    pub(super) fn is_conflict(&self) -> bool {
        status(&self.source) == Some(CONFLICT)
    }
}

fn status(err: &Error) -> Option<u16> {
    match err {
        Error::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}

const fn failed(doing: &'static str) -> impl Fn(Error) -> EngineError {
    move |source| EngineError { doing, source }
}

type Result<T> = std::result::Result<T, EngineError>;

/// Which engine it is; both speak the same language, one of them with an accent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EngineKind {
    Docker,
    Podman,
}

/// A line to the engine; each call opens its own connection.
#[derive(Clone, Debug)]
pub(super) struct Engine(Docker);

impl Engine {
    /// Finds the engine's socket; nothing is asked yet.
    pub(super) fn new(socket: &Path) -> Result<Self> {
        let path = socket.to_string_lossy();
        let docker = Docker::connect_with_unix(&path, WITHIN_S, API_DEFAULT_VERSION);
        docker.map(Self).map_err(failed("find the engine's socket"))
    }

    pub(super) async fn info(&self) -> Result<SystemInfo> {
        self.0.info().await.map_err(failed("ask what it is"))
    }

    pub(super) async fn kind(&self) -> Result<EngineKind> {
        let told = self.0.version().await.map_err(failed("ask what it is"))?;
        let parts = told.components.unwrap_or_default();
        let is_podman = parts.iter().any(|part| part.name == "Podman Engine");
        Ok(if is_podman { EngineKind::Podman } else { EngineKind::Docker })
    }

    pub(super) async fn container(&self, name: &str) -> Result<Option<ContainerInspectResponse>> {
        for _ in 0..LOOKS_AT_PASSING {
            let asked = self.0.inspect_container(name, None::<InspectContainerOptions>).await;
            if !is_passing(&asked) {
                return found(asked.map_err(failed("look at a container")));
            }
            tokio::time::sleep(LOOK_AGAIN_IN).await;
        }
        let asked = self.0.inspect_container(name, None::<InspectContainerOptions>).await;
        found(asked.map_err(failed("look at a container")))
    }

    pub(super) async fn create(&self, name: &str, body: ContainerCreateBody) -> Result<String> {
        let options = CreateContainerOptions { name: Some(name.to_owned()), ..Default::default() };
        let made = self.0.create_container(Some(options), body).await;
        made.map(|made| made.id).map_err(failed("make a container"))
    }

    pub(super) async fn start(&self, id: &str) -> Result<()> {
        let started = self.0.start_container(id, None::<StartContainerOptions>).await;
        unless_so_already(started).map_err(failed("start a container"))
    }

    pub(super) async fn stop(&self, id: &str) -> Result<()> {
        let options = StopContainerOptions { t: Some(STOP_WITHIN_S), ..Default::default() };
        let stopped = self.0.stop_container(id, Some(options)).await;
        unless_so_already(stopped).map_err(failed("stop a container"))
    }

    pub(super) async fn restart(&self, id: &str) -> Result<()> {
        let options = RestartContainerOptions { t: Some(STOP_WITHIN_S), ..Default::default() };
        let restarted = self.0.restart_container(id, Some(options)).await;
        restarted.map_err(failed("restart a container"))
    }

    /// Removes a container, running or not; one that is gone is no failure.
    pub(super) async fn remove(&self, id: &str) -> Result<()> {
        let options = RemoveContainerOptions { force: true, ..Default::default() };
        let removed = self.0.remove_container(id, Some(options)).await;
        found(removed.map_err(failed("remove a container"))).map(drop)
    }

    /// Returns all containers, running or not, that bear the instance's label.
    pub(super) async fn containers(&self, instance: &str) -> Result<Vec<ContainerSummary>> {
        let options = ListContainersOptions {
            all: true,
            filters: Some([labelled(instance)].into()),
            ..Default::default()
        };
        self.0.list_containers(Some(options)).await.map_err(failed("list the containers"))
    }

    pub(super) async fn volume(&self, name: &str) -> Result<Option<Volume>> {
        found(self.0.inspect_volume(name).await.map_err(failed("look at a volume")))
    }

    pub(super) async fn create_volume(&self, request: VolumeCreateRequest) -> Result<Volume> {
        self.0.create_volume(request).await.map_err(failed("make a volume"))
    }

    /// Deletes a volume with all that is in it; one that is gone is no failure.
    pub(super) async fn remove_volume(&self, name: &str) -> Result<()> {
        let removed = self.0.remove_volume(name, None::<RemoveVolumeOptions>).await;
        found(removed.map_err(failed("remove a volume"))).map(drop)
    }

    pub(super) async fn volumes(&self, instance: &str) -> Result<Vec<Volume>> {
        let options = ListVolumesOptions { filters: Some([labelled(instance)].into()) };
        let listed =
            self.0.list_volumes(Some(options)).await.map_err(failed("list the volumes"))?;
        Ok(listed.volumes.unwrap_or_default())
    }

    pub(super) async fn image(&self, name: &str) -> Result<Option<ImageInspect>> {
        found(self.0.inspect_image(name).await.map_err(failed("look at an image")))
    }

    /// Makes an image of one layer from a tar archive.
    pub(super) async fn import(&self, repository: &str, tag: &str, tar: Vec<u8>) -> Result<()> {
        let options = CreateImageOptions {
            from_src: Some("-".to_owned()),
            // Podman reads no tag but that of the name, and Docker any.
            repo: Some(format!("{repository}:{tag}")),
            ..Default::default()
        };
        let lines = self.0.create_image(Some(options), Some(body_full(tar.into())), None);
        let lines = lines.try_for_each(|_| async { Ok(()) });
        lines.await.map_err(failed("import an image"))
    }

    /// Returns all images of one name, whatever their tags.
    pub(super) async fn images(&self, repository: &str) -> Result<Vec<ImageSummary>> {
        let filter = ("reference".to_owned(), vec![repository.to_owned()]);
        let options =
            ListImagesOptions { all: true, filters: Some([filter].into()), ..Default::default() };
        self.0.list_images(Some(options)).await.map_err(failed("list the images"))
    }

    pub(super) async fn remove_image(&self, name: &str) -> Result<()> {
        let removed = self.0.remove_image(name, None::<RemoveImageOptions>, None).await;
        found(removed.map_err(failed("remove an image"))).map(drop)
    }

    /// Returns what a container last wrote, in the pieces that the engine gives.
    pub(super) async fn log(&self, id: &str, lines: u16) -> Result<Vec<Vec<u8>>> {
        let options = LogsOptions {
            stdout: true,
            stderr: true,
            tail: lines.to_string(),
            ..Default::default()
        };
        let pieces = self.0.logs(id, Some(options)).map_ok(|piece| piece.into_bytes().to_vec());
        pieces.try_collect().await.map_err(failed("read a container's log"))
    }

    pub(super) async fn stats(&self, id: &str) -> Result<Option<ContainerStatsResponse>> {
        let options = StatsOptions { stream: false, one_shot: true };
        let first = Box::pin(self.0.stats(id, Some(options))).next().await;
        first.transpose().map_err(failed("ask what a container uses"))
    }
}

fn labelled(instance: &str) -> (String, Vec<String>) {
    ("label".to_owned(), vec![format!("{INSTANCE}={instance}")])
}

fn found<T>(asked: Result<T>) -> Result<Option<T>> {
    match asked {
        Ok(value) => Ok(Some(value)),
        Err(err) if err.is_missing() => Ok(None),
        Err(err) => Err(err),
    }
}

/// Tells whether the container has just ended and Podman has not yet cleaned up behind it: it has a
/// word for that which is none of Docker's.
fn is_passing(asked: &std::result::Result<ContainerInspectResponse, Error>) -> bool {
    matches!(asked, Err(Error::JsonDataError { message, .. }) if message.contains("`stopped`"))
}

fn unless_so_already(done: std::result::Result<(), Error>) -> std::result::Result<(), Error> {
    match done {
        Err(err) if status(&err) == Some(NOT_MODIFIED) => Ok(()),
        done => done,
    }
}
