//! `slotbox backup verify`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::super::spinner::Spinner;
use super::super::{FAILED, answer, complain, print};
use super::list::summary;
use super::{Chosen, From};
use crate::app::restore::rehearse;
use crate::config::ForBackups;

/// Looks whether a backup is whole: every byte of it is compared with what was written. With the
/// identity, or if it is not encrypted, each file is also put together, and each database opened.
#[derive(Clone, Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    from: From,
    /// Where room is for the files that are put together [usual: /var/tmp]
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) async fn run(&self, settings: &ForBackups) -> anyhow::Result<ExitCode> {
        let (books, identity) = (self.from.books(settings)?, self.from.identity()?);
        let id = books.find(self.chosen.which).await?;
        let spinner = Spinner::start(&format!("reading {id}"));
        let verified = books.verify(id, None).await?;
        let opens = identity.is_some() || !verified.summary.encrypted;
        let mut wrong: Vec<_> = verified.faults.iter().map(ToString::to_string).collect();
        if wrong.is_empty() && opens {
            spinner.say(&format!("opening {id}"));
            let scratch = self.scratch.clone().unwrap_or_else(|| "/var/tmp".into());
            let rehearsal = rehearse(&books, id, identity.as_ref(), &scratch);
            // Nothing of it stays behind if a person has seen enough.
            let rehearsed = tokio::select! {
                rehearsed = rehearsal => rehearsed,
                _ = tokio::signal::ctrl_c() => bail!("stopped"),
            };
            if let Err(err) = rehearsed {
                wrong.push(format!("{err:#}"));
            }
        }
        drop(spinner);
        if self.json {
            let mut told = summary(&verified.summary);
            told["whole"] = wrong.is_empty().into();
            told["opened"] = opens.into();
            told["faults"] = json!(wrong);
            answer(&told);
        } else if wrong.is_empty() {
            print(&format!(
                "{id} is whole: {} pieces are as they were written{}\n",
                verified.pieces,
                if opens {
                    format!(", and all {} files open", verified.summary.files)
                } else {
                    "; with --identity, its files are opened as well".to_owned()
                }
            ));
        } else {
            complain(&format_args!("slotbox: {id} is not whole:\n  {}", wrong.join("\n  ")));
        }
        Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
    }
}
