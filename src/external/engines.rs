//! The container engines of this machine, as its administrator sees them: asked what they are, and
//! nothing else. `serve` itself has no way to them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

const WITHIN: Duration = Duration::from_secs(5);
/// Where engines listen.
pub const SOCKETS: [(&str, &str); 2] =
    [("Docker", "/run/docker.sock"), ("Podman", "/run/podman/podman.sock")];

/// An engine that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundEngine {
    /// Its name.
    pub name: &'static str,
    /// Its version, as it says.
    pub version: String,
    /// Where it listens.
    pub socket: PathBuf,
}

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "Version")]
    version: String,
}

#[derive(Deserialize)]
struct Image {
    #[serde(rename = "RepoTags")]
    tags: Option<Vec<String>>,
}

/// Returns the engines that answer, Docker first; the sockets lie below `root`.
pub async fn find(root: &Path) -> Vec<FoundEngine> {
    let mut found = Vec::new();
    for (name, socket) in SOCKETS {
        let socket = root.join(socket.trim_start_matches('/'));
        if let Some(Version { version }) = ask(&socket, "/version").await {
            found.push(FoundEngine { name, version, socket });
        }
    }
    found
}

/// Returns the names of the images that begin with `prefix`; `None` if the engine does not tell.
pub async fn images(socket: &Path, prefix: &str) -> Option<Vec<String>> {
    let images: Vec<Image> = ask(socket, "/images/json").await?;
    let tags = images.into_iter().filter_map(|image| image.tags).flatten();
    Some(tags.filter(|tag| tag.starts_with(prefix)).collect())
}

async fn ask<T: serde::de::DeserializeOwned>(socket: &Path, path: &str) -> Option<T> {
    let http = reqwest::Client::builder()
        .unix_socket(socket)
        .tls_built_in_root_certs(false)
        .no_proxy()
        .timeout(WITHIN)
        .build()
        .ok()?;
    http.get(format!("http://engine{path}")).send().await.ok()?.json().await.ok()
}
