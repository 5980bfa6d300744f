//! `slotbox backup`: backups of the whole host.

mod create;

use std::process::ExitCode;

use clap::Subcommand;

use super::host::Way;

/// What to do with backups.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Make a backup of the whole host now; exits 0 only once it is made and verified
    #[command(after_help = CREATE_EXAMPLES)]
    Create(create::Create),
}

const CREATE_EXAMPLES: &str = "\
Examples:
  slotbox backup create
  slotbox backup create --json | jq -r .backup_id";

impl BackupCommand {
    /// Does it.
    pub fn run(&self, way: &Way) -> ExitCode {
        match self {
            Self::Create(create) => way.run(async |host| create.run(&host).await),
        }
    }
}
