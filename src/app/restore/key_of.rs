//! Which sealing key a restored database goes with.

use std::fs;
use std::io;
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::origin::Bond;
use crate::app::key;
use crate::config::Sources;
use crate::store::Store;
use crate::store::secrets::{self, Sealer};

/// What became of the sealing key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFate {
    /// The one of this host opens what is sealed.
    Kept,
    /// It came back from the backup.
    Restored(PathBuf),
    /// It came back from the backup, and the one that was here is now in the second place.
    Replaced(PathBuf, PathBuf),
    /// There is none, and nothing is sealed: the next start makes one.
    NotNeeded,
}

/// What is to become of the sealing key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum KeyPlan {
    /// Keep the one of this host.
    Keep {
        key: Vec<u8>,
        bond: Bond,
    },
    None,
    /// Write this one, in the place of another one if there is one.
    Write {
        key: Vec<u8>,
        place: PathBuf,
        instead: Instead,
    },
}

/// What is where a key is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instead {
    OfNothing,
    OfAnother,
}

impl KeyPlan {
    /// Returns the key that must have signed the backup, or may have.
    pub(super) fn signer(&self) -> Option<(&[u8], Bond)> {
        match self {
            Self::Keep { key, bond } => Some((key, *bond)),
            Self::Write { key, .. } => Some((key, Bond::Its)),
            Self::None => None,
        }
    }

    /// Reads this host's key, if there is one.
    pub(super) fn here(sources: &Sources) -> anyhow::Result<Option<Vec<u8>>> {
        let place = key::place(sources)?;
        match fs::read(&place) {
            Ok(key) => Ok(Some(key)),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(err) => Err(err).with_context(|| format!("cannot read {}", place.display())),
        }
    }

    /// Finds the key that opens what the database holds: this host's, or else the one that the
    /// backup holds.
    pub(super) fn make(
        sources: &Sources,
        held: Option<Vec<u8>>,
        store: &Store,
    ) -> anyhow::Result<Self> {
        let place = key::place(sources)?;
        let shown = place.display();
        let here = Self::here(sources)?;
        let opens = |key: &Option<Vec<u8>>| -> anyhow::Result<Option<bool>> {
            let sealer = key.as_ref().and_then(|key| Sealer::new(key).ok());
            match sealer {
                Some(sealer) => Ok(store.read(|snap| secrets::opens(snap, &sealer))?),
                None if store.read(|snap| secrets::any(snap))? => Ok(Some(false)),
                None => Ok(None),
            }
        };
        if let Some(key) = &here
            && (opens(&here)? == Some(true) || here == held)
        {
            return Ok(Self::Keep { key: key.clone(), bond: Bond::Its });
        }
        let instead = if here.is_some() { Instead::OfAnother } else { Instead::OfNothing };
        match (opens(&held)?, held) {
            (Some(true) | None, Some(key)) => Ok(Self::Write { key, place, instead }),
            (None, None) => Ok(match here {
                Some(key) => Self::Keep { key, bond: Bond::Perhaps },
                None => Self::None,
            }),
            (Some(_), _) if here.is_some() => bail!(
                "the sealing key {shown} does not open the bots' tokens in this backup, and the \
                 backup holds no key that does; put the key of the host that made it there"
            ),
            (Some(_), _) => bail!(
                "the bots' tokens in this backup cannot be opened without the sealing key of the \
                 host that made it, which the backup does not hold; put it to {shown}"
            ),
        }
    }
}
