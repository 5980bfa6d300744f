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
use crate::app::restore::{Origin, insist, recognize, rehearse};
use crate::config::{ForBackups, Sources};
use crate::external::vault::Verified;

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
    pub(super) async fn run(
        &self,
        settings: &ForBackups,
        sources: &Sources,
    ) -> anyhow::Result<ExitCode> {
        let (books, identity) = (self.from.books(settings)?, self.from.identity()?);
        let id = books.find(self.chosen.which).await?;
        let spinner = Spinner::start(&format!("reading {id}"));
        let verified = books.verify(id, None).await?;
        let opens = identity.is_some() || !verified.summary.encrypted;
        let mut wrong: Vec<_> = verified.faults.iter().map(ToString::to_string).collect();
        let mut origin = Origin::Unknown;
        if wrong.is_empty() {
            let found = if opens {
                spinner.say(&format!("opening {id}"));
                let scratch = self.scratch.clone().unwrap_or_else(|| "/var/tmp".into());
                let rehearsal = rehearse(&books, id, identity.as_ref(), &scratch, sources);
                // Nothing of it stays behind if a person has seen enough.
                tokio::select! {
                    rehearsed = rehearsal => rehearsed.map(|(_, origin)| origin),
                    _ = tokio::signal::ctrl_c() => bail!("stopped"),
                }
            } else {
                recognize(&verified.proof, sources)
            };
            let host = self.chosen.host.as_ref();
            match found.and_then(|it| insist(&verified.proof, it, host).map(|()| it)) {
                Ok(found) => origin = found,
                Err(err) => wrong.push(format!("{err:#}")),
            }
        }
        drop(spinner);
        if self.json {
            let mut told = summary(&verified.summary);
            told["whole"] = wrong.is_empty().into();
            told["opened"] = opens.into();
            told["host_proven"] = (origin == Origin::Proven).into();
            told["faults"] = json!(wrong);
            answer(&told);
        } else if wrong.is_empty() {
            print(&told(&verified, opens, origin));
        } else {
            complain(&format_args!("slotbox: {id} is not whole:\n  {}", wrong.join("\n  ")));
        }
        Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
    }
}

fn told(verified: &Verified, opens: bool, origin: Origin) -> String {
    let (id, host) = (verified.summary.id, &verified.summary.host);
    let opened = if opens {
        format!(", and all {} files open", verified.summary.files)
    } else {
        "; with --identity, its files are opened as well".to_owned()
    };
    let proven = match origin {
        Origin::Proven => "which its sealing key proves",
        Origin::Unknown => "which takes its sealing key to prove: see --identity",
    };
    let pieces = verified.pieces;
    format!(
        "{id} is whole: {pieces} pieces are as they were written{opened}\n\
         it is of the host {host}, {proven}\n"
    )
}
