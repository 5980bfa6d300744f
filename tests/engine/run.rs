//! One test's place in the engine: a name of its own, and an end that leaves nothing.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use bollard::Docker;
use bollard::query_parameters::{
    ListContainersOptions, ListImagesOptions, ListVolumesOptions, RemoveContainerOptions,
    RemoveImageOptions, RemoveVolumeOptions,
};

/// The engine's socket.
pub const ENGINE: &str = "/run/docker.sock";
/// What all that tests make begins with; the process's number follows.
const PREFIX: &str = "sbt-";

/// A name that no other test has, in an engine.
pub struct Run {
    pub instance: String,
    pub docker: Docker,
    /// The engine's socket.
    pub engine: PathBuf,
}

/// Returns a line to the engine behind this socket, once it answers.
pub async fn connect(engine: &Path) -> Result<Docker, bollard::errors::Error> {
    let engine = engine.to_string_lossy();
    let docker = Docker::connect_with_unix(&engine, 120, bollard::API_DEFAULT_VERSION)?;
    docker.version().await?;
    Ok(docker)
}

impl Run {
    /// Begins, unless there is no engine here; then says so, or fails where `CI` is set.
    pub async fn begin() -> Option<Self> {
        match connect(Path::new(ENGINE)).await {
            Ok(docker) => {
                sweep(&docker).await;
                Some(Self::of(docker, ENGINE.into()))
            }
            Err(err) => {
                assert!(std::env::var_os("CI").is_none(), "no engine on {ENGINE}: {err}");
                eprintln!("skipped: no engine on {ENGINE}: {err}");
                None
            }
        }
    }

    /// Begins in the engine behind this socket, which the test has started.
    pub async fn within(engine: PathBuf) -> Self {
        Self::of(connect(&engine).await.unwrap(), engine)
    }

    fn of(docker: Docker, engine: PathBuf) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let instance = format!("{PREFIX}{}-{number}", std::process::id());
        Self { instance, docker, engine }
    }

    /// Returns the name of a client's container and volume.
    pub fn name(&self, client: impl std::fmt::Display) -> String {
        format!("{}-{client}", self.instance)
    }

    /// Names everything of this run that the engine holds.
    pub async fn left(&self) -> Vec<String> {
        self.named(&format!("{}-", self.instance)).await
    }

    /// Names everything that the engine holds under names that begin so.
    pub async fn named(&self, beginning: &str) -> Vec<String> {
        let all = everything(&self.docker).await;
        let named = all.into_iter().filter(|thing| thing.name().starts_with(beginning));
        named.map(|thing| format!("{thing:?}")).collect()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let (instance, engine) = (format!("{}-", self.instance), self.engine.clone());
        // A runtime of its own: the test's may be ending.
        let cleaning = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let docker = connect(&engine).await.unwrap();
                clean(&docker, |name| name.starts_with(&instance)).await;
            });
            release_groups(&instance);
        });
        assert!(cleaning.join().is_ok() || std::thread::panicking(), "nothing is left");
    }
}

/// Something that an engine holds, by its name.
#[derive(Debug)]
enum Thing {
    Container(String),
    Volume(String),
    Image(String),
}

impl Thing {
    fn name(&self) -> &str {
        let (Self::Container(name) | Self::Volume(name) | Self::Image(name)) = self;
        name
    }
}

async fn everything(docker: &Docker) -> Vec<Thing> {
    let mut all = Vec::new();
    let containers = ListContainersOptions { all: true, ..Default::default() };
    for container in docker.list_containers(Some(containers)).await.unwrap() {
        let names = container.names.unwrap_or_default();
        all.extend(names.iter().map(|name| Thing::Container(name.trim_start_matches('/').into())));
    }
    let volumes = docker.list_volumes(None::<ListVolumesOptions>).await.unwrap();
    all.extend(volumes.volumes.unwrap_or_default().into_iter().map(|it| Thing::Volume(it.name)));
    for image in docker.list_images(None::<ListImagesOptions>).await.unwrap() {
        // Podman names the registry that nobody has named.
        let names = image.repo_tags.iter().map(|tag| tag.trim_start_matches("docker.io/library/"));
        all.extend(names.map(|name| Thing::Image(name.to_owned())));
    }
    all
}

/// Removes what bears such a name; the containers come first, because they use the rest.
async fn clean(docker: &Docker, is_such: impl Fn(&str) -> bool) {
    for thing in everything(docker).await.iter().filter(|thing| is_such(thing.name())) {
        match thing {
            Thing::Container(name) => {
                let force = RemoveContainerOptions { force: true, ..Default::default() };
                docker.remove_container(name, Some(force)).await.ok();
            }
            Thing::Volume(name) => {
                docker.remove_volume(name, Some(RemoveVolumeOptions { force: true })).await.ok();
            }
            Thing::Image(name) => {
                let force = RemoveImageOptions { force: true, ..Default::default() };
                docker.remove_image(name, Some(force), None).await.ok();
            }
        }
    }
}

/// Takes away the groups of processes that a deployer has made for clients of such a name.
fn release_groups(beginning: &str) {
    let hierarchies = fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten();
    let hierarchies = hierarchies.map(|entry| entry.path()).chain(["/sys/fs/cgroup".into()]);
    for group in hierarchies.flat_map(fs::read_dir).flatten().flatten() {
        if group.file_name().to_string_lossy().starts_with(beginning) {
            fs::remove_dir(group.path()).ok();
        }
    }
}

/// Removes what was left by tests that were killed.
async fn sweep(docker: &Docker) {
    let is_over = |name: &str| {
        let number = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        number.is_some_and(|number| !Path::new("/proc").join(number).exists())
    };
    clean(docker, is_over).await;
}

/// The labels that a deployer of this instance gives to what it makes for `client`.
pub fn labels(instance: &str, client: &str) -> HashMap<String, String> {
    [("slotbox.instance", instance), ("slotbox.client", client)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}
