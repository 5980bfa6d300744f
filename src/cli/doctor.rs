//! `slotbox doctor`: every check, with its verdict, what it was seen by, and the command that mends it.
//!
//! It looks and changes nothing. What needs a running `serve` is passed over without one, and said.

mod files;
mod finding;
mod hardening;
mod machine;
mod network;
mod service;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use self::finding::{Finding, Verdict, as_json, as_text};
use super::host::Way;
use super::look::Look;
use super::runtime::one_thread;
use super::{FAILED, answer, failed, print};
use crate::config::Config;

/// Checks this host and says how to mend what is wrong.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Doctor {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Where the system's files are looked for
    #[arg(long, hide = true, default_value = "/")]
    root: PathBuf,
}

const EXAMPLES: &str = "\
Looks and changes nothing; as root it sees everything. Exits 1 if a check fails.

Examples:
  sudo slotbox doctor
  sudo slotbox doctor --json | jq '.checks[] | select(.verdict == \"fail\")'";

impl Doctor {
    /// Does it.
    pub fn run(&self, way: &Way) -> ExitCode {
        let done = one_thread().context("cannot begin").and_then(|it| it.block_on(self.look(way)));
        done.unwrap_or_else(|err| failed(&err))
    }

    async fn look(&self, way: &Way) -> anyhow::Result<ExitCode> {
        let findings = findings(way, &self.root).await;
        let printed = if self.json {
            answer(&as_json(&findings))
        } else {
            print(&as_text(&Look::of_output(), &findings))
        };
        let ill = findings.iter().any(|it| it.verdict == Verdict::Fail);
        Ok(if ill { ExitCode::from(FAILED) } else { printed })
    }
}

async fn findings(way: &Way, root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let config = match Config::load(&way.sources) {
        Ok(config) => {
            findings.push(Finding::ok("config", "every setting is fine"));
            Some(config)
        }
        Err(problems) => {
            let told = problems.to_string();
            findings.push(Finding::fail(
                "config",
                told,
                "slotbox config check; what is missing: slotbox setup",
            ));
            None
        }
    };
    findings.extend(files::check(&way.sources, config.as_ref()));
    let backups = config.as_ref().and_then(|config| config.backup.directory());
    findings.extend(hardening::check(root, backups));
    findings.push(hardening::units(root).await);
    match &config {
        Some(config) => {
            findings.extend(network::check(config, root).await);
            findings.extend(machine::check(config, root).await);
        }
        None => findings.extend(
            ["dns", "ports", "telegram", "yookassa", "engine", "disk"]
                .map(|check| Finding::skipped(check, "the settings cannot be read")),
        ),
    }
    findings.extend(service::check(way, config.as_ref()).await);
    findings
}
