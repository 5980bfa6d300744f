//! The image that clients run from: made of the installed program, named by release, pinned by
//! digest, and removed when nothing uses it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bollard::models::{ImageConfig, ImageInspect};
use ring::digest::{SHA256, digest};
use tokio::sync::{Mutex, RwLock, RwLockReadGuard};

use super::engine::{Engine, EngineError};
use super::rootfs::{self, ProgramError};

/// How many letters of the digest stand in the name.
const SHORT: usize = 12;

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The program cannot be used.
    #[error("{0}: {1}")]
    Program(PathBuf, ProgramError),
    /// The engine has made another image than was asked for.
    #[error("the engine has not kept it as it was given")]
    Altered,
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Makes the image of this release, once at a time.
#[derive(Debug)]
pub(super) struct Images {
    repository: String,
    program: PathBuf,
    /// The layer that the program gives, since it was last read.
    made: Mutex<Option<Release>>,
    /// Held while a container is made, which does not use its image yet.
    needed: RwLock<()>,
}

/// The image of this release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Release {
    /// `repository:tag`.
    pub(super) name: String,
    /// The image's own digest, by which containers name it.
    pub(super) digest: String,
    /// The digest of its one layer, which is that of the archive.
    layer: String,
}

impl Images {
    pub(super) fn new(instance: &str, program: PathBuf) -> Self {
        let repository = format!("{instance}-client");
        Self { repository, program, made: Mutex::new(None), needed: RwLock::new(()) }
    }

    /// Keeps every image for as long as what is returned is held.
    pub(super) async fn keep(&self) -> RwLockReadGuard<'_, ()> {
        self.needed.read().await
    }

    /// Returns the image of this release; makes it unless the engine holds just that.
    ///
    /// # Errors
    ///
    /// Returns [`ImageError`]; an image with other content is never returned.
    pub(super) async fn ensure(&self, engine: &Engine) -> Result<Release, ImageError> {
        let mut made = self.made.lock().await;
        if let Some(known) = made.as_ref()
            && let Some(image) = engine.image(&known.digest).await?
            && is_ours(&image, &known.layer)
        {
            return Ok(known.clone());
        }
        let program = self.program.clone();
        let archive = tokio::task::spawn_blocking(move || archive(&program)).await;
        let (archive, layer) = archive.map_err(|_| ImageError::Altered)??;
        let tag = tag(&layer);
        let name = format!("{}:{tag}", self.repository);
        let there = engine.image(&name).await?.filter(|image| is_ours(image, &layer));
        let image = if let Some(image) = there {
            image
        } else {
            engine.import(&self.repository, &tag, archive).await?;
            tracing::info!(event = "deployer.image_made", image = name, "made the clients' image");
            engine
                .image(&name)
                .await?
                .filter(|image| is_ours(image, &layer))
                .ok_or(ImageError::Altered)?
        };
        let digest = image.id.ok_or(ImageError::Altered)?;
        let release = Release { name, digest, layer };
        *made = Some(release.clone());
        Ok(release)
    }

    /// Returns the digests of all images of this name, of whatever release.
    pub(super) async fn all(&self, engine: &Engine) -> Result<BTreeSet<String>, EngineError> {
        let images = engine.images(&self.repository).await?;
        Ok(images.into_iter().map(|image| image.id).collect())
    }

    /// Removes the images of this name that no container uses, nor is `wanted` otherwise: also the
    /// one of this release, unless `spare` says so. Leaves all of them while a container is made.
    pub(super) async fn tidy(
        &self,
        engine: &Engine,
        spare: Spare,
        wanted: &BTreeSet<String>,
    ) -> Result<(), EngineError> {
        let Ok(_nobody_needs_one) = self.needed.try_write() else { return Ok(()) };
        let made = self.made.lock().await;
        let current = made.as_ref().filter(|_| spare == Spare::Release);
        for image in engine.images(&self.repository).await? {
            let is_current = current.is_some_and(|release| release.digest == image.id);
            if is_current || wanted.contains(&image.id) {
                continue;
            }
            for name in image.repo_tags {
                match engine.remove_image(&name).await {
                    Ok(()) => {
                        tracing::info!(
                            event = "deployer.image_removed",
                            image = name,
                            "removed an image that nothing uses"
                        );
                    }
                    Err(err) if err.is_conflict() => {} // A container is made from it.
                    Err(err) => return Err(err),
                }
            }
        }
        Ok(())
    }
}

/// What is kept though nothing uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spare {
    /// The image of this release.
    Release,
    /// Nothing.
    Nothing,
}

/// Returns the root file system and its digest.
fn archive(program: &Path) -> Result<(Vec<u8>, String), ImageError> {
    let bytes = rootfs::program(program).map_err(|err| ImageError::Program(program.into(), err))?;
    let archive = rootfs::archive(&bytes);
    let layer = digest(&SHA256, &archive);
    let mut name = "sha256:".to_owned();
    for byte in layer.as_ref() {
        name.push_str(&format!("{byte:02x}"));
    }
    Ok((archive, name))
}

/// The release and the program itself, so that two builds of one release are two images.
fn tag(layer: &str) -> String {
    let hex = layer.trim_start_matches("sha256:");
    format!("{}-{}", env!("CARGO_PKG_VERSION"), hex.get(..SHORT).unwrap_or(hex))
}

/// Tells whether the image is this one layer and says nothing of its own about how it is run.
fn is_ours(image: &ImageInspect, layer: &str) -> bool {
    let layers = image.root_fs.as_ref().and_then(|root| root.layers.as_deref());
    let plain = image.config.as_ref().is_none_or(|config| {
        let ImageConfig { user, env, entrypoint, cmd, volumes, exposed_ports, .. } = config;
        let empty = |list: &Option<Vec<String>>| list.as_ref().is_none_or(Vec::is_empty);
        user.as_ref().is_none_or(String::is_empty)
            && [env, entrypoint, cmd, volumes, exposed_ports].into_iter().all(empty)
    });
    plain && matches!(layers, Some([only]) if only == layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_release_and_program() {
        let name = tag("sha256:0123456789abcdef");
        assert_eq!(name, format!("{}-0123456789ab", env!("CARGO_PKG_VERSION")));
    }
}
