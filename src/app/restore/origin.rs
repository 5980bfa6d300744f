//! Who made a backup, as far as the sealing key tells.

use anyhow::bail;

use crate::app::vault;
use crate::external::vault::{Doubt, HostId, Proof};

/// What is known of who made a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The host that it names, and it is as that host wrote it.
    Proven,
    /// There is no sealing key that could tell.
    Unknown,
}

/// What a sealing key has to do with a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// It is the key of whoever made the backup.
    Its,
    /// It is the key of this host, which may be another one.
    Perhaps,
}

/// Tells who made a backup, by a sealing key.
///
/// # Errors
///
/// Returns that the backup is forged.
pub fn origin(proof: &Proof, key: Option<(&[u8], Bond)>) -> anyhow::Result<Origin> {
    let Some((keys, bond)) = key.and_then(|(key, bond)| Some((vault::keys_of(key)?, bond))) else {
        return Ok(Origin::Unknown);
    };
    match (proof.check(&keys), bond) {
        (Ok(()), _) => Ok(Origin::Proven),
        (Err(Doubt::OtherHost), Bond::Perhaps) => Ok(Origin::Unknown),
        (Err(Doubt::OtherHost), Bond::Its) => bail!(
            "the backup {} is forged: it says that it is of the host {}, and its sealing key is that of {}; {CURE}",
            proof.id,
            proof.host,
            keys.host()
        ),
        (Err(Doubt::Forged), _) => bail!(
            "the backup {} is forged: it says that it is of the host {}, which has not written it so; {CURE}",
            proof.id,
            proof.host
        ),
    }
}

const CURE: &str = "use another backup, and see who can write to the place";

/// Insists that a backup is of the host that is wanted, if one is.
///
/// # Errors
///
/// Returns that it is of another one, or that nobody can tell.
pub fn insist(proof: &Proof, origin: Origin, wanted: Option<&HostId>) -> anyhow::Result<()> {
    let Some(wanted) = wanted else { return Ok(()) };
    if !proof.host.is(wanted) {
        bail!("the backup {} is of the host {}, and not of {wanted}", proof.id, proof.host);
    }
    match origin {
        Origin::Proven => Ok(()),
        Origin::Unknown => bail!(
            "nobody can tell whether the backup {} is of the host {wanted}: that takes the host's sealing \
             key, which is in an encrypted backup (--identity), or on the host itself",
            proof.id
        ),
    }
}
