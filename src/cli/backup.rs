//! `slotbox backup`: backups of the whole host. A running `serve` makes them; they are looked at where
//! they are kept, so that none has to run.

mod create;
mod list;
mod restore;
mod settings;
mod verify;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use secrecy::ExposeSecret as _;

use super::ask::{Secret, secret};
use super::host::Way;
use super::runtime::many_threads;
use super::{Usage, WRONG_CONFIGURATION, complain, failed};
use crate::app::vault;
use crate::config::{Backup, Config, ForBackups, InvalidDestination};
use crate::external::vault::directory::Directory;
use crate::external::vault::{Books, HostId, Identity, Which};

/// What to do with backups.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Make a backup of the whole host now; exits 0 only once it is made and verified
    #[command(after_help = CREATE_EXAMPLES)]
    Create(create::Create),
    /// List the backups, newest first
    #[command(after_help = LIST_EXAMPLES)]
    List(list::List),
    /// Look whether a backup is whole; exits 1 if it is not
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(verify::Verify),
    /// Bring a backup back, while no serve runs
    #[command(after_help = RESTORE_EXAMPLES)]
    Restore(restore::Restore),
}

const CREATE_EXAMPLES: &str = "\
Examples:
  slotbox backup create
  slotbox backup create --json | jq -r .id";

const LIST_EXAMPLES: &str = "\
Examples:
  slotbox backup list
  slotbox backup list --from /mnt/disk/slotbox
  slotbox backup list --json | jq -r '.items[0].id'";

const VERIFY_EXAMPLES: &str = "\
Examples:
  slotbox backup verify
  slotbox backup verify 20261130T080000Z
  slotbox backup verify --identity ./slotbox-backup.key --host 41d0c5b2e7f3498a9d6607b1c4a82e5f";

const RESTORE_EXAMPLES: &str = "\
Examples:
  slotbox backup restore --from /mnt/disk/slotbox --identity ./slotbox-backup.key
  slotbox backup restore --from /mnt/disk/slotbox --identity ./slotbox-backup.key --no-settings
  slotbox backup restore 20261130T080000Z --replace";

/// Where the backups are, and what opens them.
#[derive(Clone, Debug, Args)]
struct From {
    /// A directory, or the S3 URL of a bucket and prefix [usual: backup.destination of the settings]
    #[arg(long, value_name = "PLACE")]
    from: Option<String>,
    /// The identity file that opens encrypted backups, as age-keygen writes it; - is the standard
    /// input
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

/// Which backup.
#[derive(Clone, Debug, Args)]
struct Chosen {
    /// The backup, as slotbox backup list names it
    #[arg(value_name = "BACKUP", default_value = "latest")]
    which: Which,
    /// Insist that this host made it, as slotbox backup list shows hosts: whoever can write to the
    /// place could put another one there
    #[arg(long, value_name = "ID")]
    host: Option<HostId>,
}

impl BackupCommand {
    /// Does it.
    pub fn run(&self, way: &Way) -> ExitCode {
        if let Self::Create(create) = self {
            return way.run(async |host| create.run(&host).await);
        }
        let settings = match Config::for_backups(&way.sources) {
            Ok(settings) => settings,
            Err(problems) => {
                complain(&problems);
                return ExitCode::from(WRONG_CONFIGURATION);
            }
        };
        let done = many_threads().context("cannot begin").and_then(|runtime| {
            runtime.block_on(async {
                match self {
                    Self::Create(_) => Ok(ExitCode::SUCCESS), // Done above.
                    Self::List(list) => list.run(&settings).await,
                    Self::Verify(verify) => verify.run(&settings, &way.sources).await,
                    Self::Restore(restore) => restore.run(&settings, &way.sources).await,
                }
            })
        });
        done.unwrap_or_else(|err| failed(&err))
    }
}

impl From {
    /// Opens the books of the place that is meant.
    fn books(&self, settings: &ForBackups) -> anyhow::Result<Books> {
        let place = match &self.from {
            Some(text) if !text.starts_with("s3://") => {
                let path = std::path::absolute(Path::new(text));
                let path = path.with_context(|| format!("{text:?} is no path"))?;
                std::sync::Arc::new(Directory::of_operator(path))
            }
            Some(text) => {
                let wrong = |err: InvalidDestination| Usage(format!("--from: {err}"));
                let destination = Some(text.parse().map_err(wrong)?);
                let backup = Backup { destination, ..settings.backup.clone() };
                vault::place(&backup, &settings.data_dir)?
            }
            None => vault::place(&settings.backup, &settings.data_dir)?,
        };
        Ok(Books::new(place))
    }

    /// Reads the identity, if one is given.
    fn identity(&self) -> anyhow::Result<Option<Identity>> {
        let Some(path) = &self.identity else { return Ok(None) };
        let text = secret(Secret::File(path), "", "--identity")?;
        let identity = Identity::parse(text.expose_secret());
        identity.map(Some).with_context(|| format!("cannot use {}", path.display()))
    }
}
