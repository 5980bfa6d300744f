//! Making a container: as the template says, read back, and with a way back to the image before.

use bollard::models::ContainerInspectResponse;

use super::{Containers, Found};
use crate::deployer::engine::EngineError;
use crate::deployer::image::Spare;
use crate::deployer::protocol::{Answer, Change, Refusal};
use crate::deployer::template::{Origin, PREVIOUS};
use crate::domain::ids::ClientId;

impl Containers {
    /// Makes what is missing of the client, and makes anew what is not as the template says. A
    /// container from the image of another release is left as it is.
    pub(super) async fn ensure(&self, client: ClientId) -> Result<Change, Refusal> {
        let found = self.look(client).await?;
        self.check_gateway(client)?;
        self.ceiling.look();
        let _kept = self.images.keep().await;
        let release = self.images.ensure(&self.engine).await?;
        let Some(container) = &found.container else {
            let origin = Origin { image: release.digest, previous: None };
            self.make(client, &found, &origin).await?;
            return Ok(Change::Made);
        };
        let origin = self.origin(container, &release.digest).await?;
        let fields = self.differences(&self.template.container(client, &origin), container);
        if !fields.is_empty() {
            tracing::error!(event = "deployer.altered", %client, settings = fields.join(", "),
                "somebody has changed a client's container; it is made anew");
            self.make(client, &found, &origin).await?;
            return Ok(Change::Repaired(fields));
        }
        Ok(if origin.image == release.digest { Change::Kept } else { Change::Outdated })
    }

    /// Has the container run from this release's image. If it cannot be made, it is made as it was.
    pub(super) async fn renew(&self, client: ClientId) -> Result<Change, Refusal> {
        let change = self.ensure(client).await?;
        if change != Change::Outdated {
            self.start(client).await?;
            return Ok(change);
        }
        let kept = self.images.keep().await;
        let release = self.images.ensure(&self.engine).await?;
        let found = self.look(client).await?;
        let container = found.container.as_ref().ok_or(Refusal::NoContainer)?;
        let before = self.origin(container, &release.digest).await?;
        let next = Origin { image: release.digest, previous: Some(before.image.clone()) };
        if let Err(refusal) = self.make(client, &found, &next).await {
            let left = self.look(client).await?;
            self.make(client, &left, &before).await?;
            self.start(client).await?;
            return Err(refusal);
        }
        drop(kept);
        self.start(client).await?;
        let wanted = self.ways_back().await?;
        self.images.tidy(&self.engine, Spare::Release, &wanted).await?;
        Ok(Change::Renewed)
    }

    /// Makes the container from the image before, and starts it.
    pub(super) async fn restore(&self, client: ClientId) -> Result<Answer, Refusal> {
        let found = self.look(client).await?;
        let container = found.container.as_ref().ok_or(Refusal::NoContainer)?;
        let _kept = self.images.keep().await;
        let previous = self.origin(container, "").await?.previous;
        let origin = Origin { image: previous.ok_or(Refusal::NoWayBack)?, previous: None };
        self.make(client, &found, &origin).await?;
        self.start(client).await
    }

    /// Returns what the container shall be made from: the image that it has, or that of this `release`
    /// if that is none of ours; and the one of ours that it can go back to.
    async fn origin(
        &self,
        container: &ContainerInspectResponse,
        release: &str,
    ) -> Result<Origin, EngineError> {
        let ours = self.images.all(&self.engine).await?;
        let image = container.image.clone().filter(|image| ours.contains(image));
        let labels = container.config.as_ref().and_then(|config| config.labels.as_ref());
        let previous = labels.and_then(|labels| labels.get(PREVIOUS)).cloned();
        Ok(Origin {
            image: image.unwrap_or_else(|| release.to_owned()),
            previous: previous.filter(|image| ours.contains(image)),
        })
    }

    /// Makes the container in place of the one that was found, and the volume if there is none;
    /// compares what came of it with what was wanted.
    async fn make(&self, client: ClientId, found: &Found, origin: &Origin) -> Result<(), Refusal> {
        if let Some(id) = found.container.as_ref().and_then(|container| container.id.as_deref()) {
            self.engine.stop(id).await?;
            self.engine.remove(id).await?;
        }
        if found.volume.is_none() {
            self.engine.create_volume(self.template.volume(client)).await?;
        }
        let wanted = self.template.container(client, origin);
        let id = self.engine.create(&self.template.name(client), wanted.clone()).await?;
        let made = self.engine.container(&id).await?.ok_or(Refusal::NoContainer)?;
        let fields = self.differences(&wanted, &made);
        if !fields.is_empty() {
            self.engine.remove(&id).await?;
            return Err(Refusal::Mismatch(fields));
        }
        tracing::info!(event = "deployer.made", %client, image = origin.image,
            "made a client's container");
        Ok(())
    }
}
