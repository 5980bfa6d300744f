//! Where setup reads and writes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::config::{Sources, USUAL_FILE};

/// Where setup reads and writes.
pub(super) struct Place {
    /// The file of settings that is setup's own.
    pub(super) file: PathBuf,
    /// Holds a file for each secret.
    pub(super) credentials: PathBuf,
    /// What the service will read.
    pub(super) sources: Sources,
}

impl Place {
    /// Returns the place beside the main file of settings.
    pub(super) fn of(sources: &Sources) -> anyhow::Result<Self> {
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

    /// Tells whether this is what the package's units read.
    pub(super) fn is_usual(&self) -> bool {
        self.sources.file.as_deref() == Some(Path::new(USUAL_FILE))
    }

    pub(super) fn must_be_root(&self) -> anyhow::Result<()> {
        if self.is_usual() && !rustix::process::geteuid().is_root() {
            bail!("setup writes to /etc/slotbox: run it as root: sudo slotbox setup");
        }
        Ok(())
    }
}
