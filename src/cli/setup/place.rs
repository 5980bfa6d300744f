//! Where setup reads and writes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::config::{Sources, USUAL_FILE};

/// Where setup reads and writes.
pub(in crate::cli) struct Place {
    /// The file of settings that is setup's own.
    pub(in crate::cli) file: PathBuf,
    /// Holds a file for each secret.
    pub(super) credentials: PathBuf,
    /// What the service will read.
    pub(super) sources: Sources,
}

impl Place {
    /// Returns the place beside the main file of settings.
    pub(in crate::cli) fn of(sources: &Sources) -> anyhow::Result<Self> {
        let Some(main) = sources.file.clone() else { bail!("there is no file of settings") };
        let file = main.with_file_name("conf.d").join("50-setup.toml");
        let credentials = main.with_file_name("credentials");
        let sources = Sources {
            file: Some(main),
            environment: BTreeMap::new(),
            credentials: Some(credentials.clone()),
        };
        Ok(Self { file, credentials, sources })
    }

    /// Returns where a file of settings lies that is called so below the directory of all of them.
    pub(in crate::cli) fn path(&self, name: &str) -> PathBuf {
        self.file.parent().and_then(Path::parent).map_or_else(|| name.into(), |dir| dir.join(name))
    }

    /// Tells whether this is what the package's units read.
    pub(super) fn is_usual(&self) -> bool {
        self.sources.file.as_deref() == Some(Path::new(USUAL_FILE))
    }

    pub(in crate::cli) fn must_be_root(&self) -> anyhow::Result<()> {
        if self.is_usual() && !rustix::process::geteuid().is_root() {
            bail!("setup writes to /etc/slotbox: run it as root: sudo slotbox setup");
        }
        Ok(())
    }
}
