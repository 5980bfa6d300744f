//! The settings that a backup holds, once it is proven whose it is.

use anyhow::{Context as _, bail};

use super::origin::{Bond, Origin, insist, origin};
use crate::config::KeptSettings;
use crate::external::vault::{BackupId, Books, HostId, Identity, SEALING_KEY, SETTINGS};

/// Returns the settings in a backup, if it holds any; `wanted` is the host that must have made it.
///
/// # Errors
///
/// Returns why nothing of it may be believed.
pub async fn settings_of(
    books: &Books,
    id: BackupId,
    identity: Option<&Identity>,
    wanted: Option<&HostId>,
) -> anyhow::Result<Option<KeptSettings>> {
    let (Some(kept), proof) = books.read(id, identity, SETTINGS).await? else { return Ok(None) };
    let (key, _) = books.read(id, identity, SEALING_KEY).await?;
    let origin = origin(&proof, key.as_deref().map(|key| (key, Bond::Its)))?;
    insist(&proof, origin, wanted)?;
    if origin != Origin::Proven {
        bail!(
            "the settings in the backup {id} are not put back: it holds no sealing key that proves whose they are"
        );
    }
    let kept = KeptSettings::read(&kept);
    kept.map(Some).with_context(|| {
        format!("the settings in the backup {id} are not such as this release writes; give --no-settings")
    })
}
