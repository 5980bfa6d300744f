//! `slotbox config`: the settings, checked and explained.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{FAILED, WRONG_CONFIGURATION, answer, complain};
use crate::config::{Config, Problems, Sources, as_json, as_toml, problems_as_json};

/// What to do with the settings.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print everything that is wrong with the settings; exits 1 if anything is
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Output),
    /// Print the settings in force and where each was written; secrets are masked
    #[command(after_help = SHOW_EXAMPLES)]
    Show(Output),
}

/// How to print.
#[derive(Clone, Copy, Debug, Args)]
pub struct Output {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  slotbox config check
  slotbox config check --config ./slotbox.toml
  SLOTBOX__LOG__LEVEL=debug slotbox config check";

const SHOW_EXAMPLES: &str = "\
Examples:
  slotbox config show
  slotbox config show | grep -v '# default'
  slotbox config show --json";

impl ConfigCommand {
    /// Does it.
    pub fn run(&self, sources: &Sources) -> ExitCode {
        match self {
            Self::Check(output) => check(sources, *output),
            Self::Show(output) => show(sources, *output),
        }
    }
}

fn check(sources: &Sources, output: Output) -> ExitCode {
    match (Config::load(sources), output.json) {
        (Ok(_), false) => answer(&"configuration is fine"),
        (Ok(_), true) => answer(&problems_as_json(&Problems::default())),
        (Err(problems), json) => {
            if json {
                answer(&problems_as_json(&problems));
            } else {
                complain(&problems);
            }
            ExitCode::from(FAILED)
        }
    }
}

fn show(sources: &Sources, output: Output) -> ExitCode {
    match (Config::explain(sources), output.json) {
        (Ok((_, effective)), false) => answer(&as_toml(&effective).trim_end()),
        (Ok((_, effective)), true) => answer(&as_json(&effective)),
        (Err(problems), _) => {
            complain(&problems);
            ExitCode::from(WRONG_CONFIGURATION)
        }
    }
}
