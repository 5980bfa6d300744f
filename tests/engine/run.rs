//! One test's place in the engine: a name of its own, and an end that leaves nothing.

use std::collections::HashMap;
use std::path::Path;
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

/// A name that no other test has.
pub struct Run {
    pub instance: String,
    pub docker: Docker,
}

impl Run {
    /// Begins, unless there is no engine here; then says so, or fails where `CI` is set.
    pub async fn begin() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let connected = Docker::connect_with_unix(ENGINE, 120, bollard::API_DEFAULT_VERSION);
        let asked = match connected {
            Ok(docker) => docker.version().await.map(|_| docker),
            Err(err) => Err(err),
        };
        let docker = match asked {
            Ok(docker) => docker,
            Err(err) => {
                assert!(std::env::var_os("CI").is_none(), "no engine on {ENGINE}: {err}");
                eprintln!("skipped: no engine on {ENGINE}: {err}");
                return None;
            }
        };
        sweep(&docker).await;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let instance = format!("{PREFIX}{}-{number}", std::process::id());
        Some(Self { instance, docker })
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
        let instance = format!("{}-", self.instance);
        // A runtime of its own: the test's may be ending.
        let cleaning = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let docker =
                    Docker::connect_with_unix(ENGINE, 120, bollard::API_DEFAULT_VERSION).unwrap();
                clean(&docker, |name| name.starts_with(&instance)).await;
            });
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
        all.extend(image.repo_tags.into_iter().map(Thing::Image));
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
