//! `slotbox backup restore`.

use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use jiff::SignedDuration;
use serde_json::json;

use super::super::look::{Look, length};
use super::super::spinner::Spinner;
use super::super::{answer, complain, print};
use super::list::summary;
use super::settings::{BroughtBack, Standing, bring_back};
use super::{Chosen, From};
use crate::app::restore::{
    KeyFate, Origin, Present, Report, Restore as Work, may_restore, restore, settings_of,
};
use crate::clock::Clock;
use crate::config::{Config, ForBackups, Sources};
use crate::external::vault::{BackupId, Books, Identity};

/// Brings a backup back into the data directory, while no serve runs. Everything is taken out and
/// looked through first; then it is put in place.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Restore {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    from: From,
    /// Put what is in the data directory aside, into replaced-TIME in it
    #[arg(long)]
    replace: bool,
    /// Leave the settings that an encrypted backup holds
    #[arg(long)]
    no_settings: bool,
    /// Put the settings of the backup in the place of those that are there
    #[arg(long, conflicts_with = "no_settings")]
    replace_settings: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub(super) async fn run(
        &self,
        settings: &ForBackups,
        sources: &Sources,
    ) -> anyhow::Result<ExitCode> {
        let (books, identity) = (self.from.books(settings)?, self.from.identity()?);
        let id = books.find(self.chosen.which).await?;
        let now = Clock::system().now();
        let present = if self.replace { Present::MoveAside } else { Present::Spare };
        may_restore(&settings.data_dir, present)?;
        let settings_back = self.settings_back(&books, id, identity.as_ref(), sources).await?;
        // What has come back tells where the data belongs.
        let settings = Config::for_backups(sources).map_err(|problems| {
            anyhow!("the settings that have come back cannot be used:\n{problems}")
        })?;
        let spinner = Spinner::start(&format!("restoring {id}"));
        let report = restore(Work {
            books,
            id,
            identity,
            host: self.chosen.host.clone(),
            data_dir: settings.data_dir,
            sources: sources.clone(),
            present,
            now,
        });
        let report = report.await?;
        drop(spinner);
        if self.json {
            return Ok(answer(&as_json(&report, &settings_back)));
        }
        for (client, from) in &report.data {
            if let Some(from) = from {
                complain(&format_args!("{client}: its bot's data is of {from}, not of the backup"));
            }
        }
        let age = now.duration_since(report.summary.created_at);
        let told = told(&report, &settings_back, age, &Look::of_output());
        Ok(print(&told))
    }

    /// Puts the settings of the backup in place, unless they are not wanted.
    async fn settings_back(
        &self,
        books: &Books,
        id: BackupId,
        identity: Option<&Identity>,
        sources: &Sources,
    ) -> anyhow::Result<BroughtBack> {
        if self.no_settings {
            return Ok(BroughtBack::Nothing);
        }
        let kept = settings_of(books, id, identity, self.chosen.host.as_ref()).await?;
        let standing = if self.replace_settings { Standing::Replaced } else { Standing::Stay };
        bring_back(sources, kept.as_ref(), standing)
    }
}

fn told(report: &Report, settings: &BroughtBack, age: SignedDuration, look: &Look) -> String {
    let Report { summary, origin, clients, orders, payments, data, key, aside } = report;
    let made_at = look.time(Some(summary.created_at));
    let mut text = format!(
        "restored {}, made {made_at}, {} ago\n\
         clients:  {clients}, {} with their bots' data\norders:   {orders}\npayments: {payments}\n",
        summary.id,
        length(age.as_secs().max(0).unsigned_abs()),
        data.len(),
    );
    let proven = match origin {
        Origin::Proven => "its sealing key proves that",
        Origin::Unknown => "no sealing key is there that could prove that",
    };
    text.push_str(&format!("made by:  {}; {proven}\n", summary.host));
    text.push_str(&match key {
        KeyFate::Kept => "key:      the one of this host opens what is sealed\n".to_owned(),
        KeyFate::NotNeeded => "key:      none is needed yet\n".to_owned(),
        KeyFate::Restored(place) => format!("key:      restored to {}\n", place.display()),
        KeyFate::Replaced(place, aside) => {
            let (place, aside) = (place.display(), aside.display());
            format!("key:      restored to {place}; the one before is {aside}\n")
        }
    });
    text.push_str(&settings.told());
    if let Some(aside) = aside {
        text.push_str(&format!("before:   what was there is in {}\n", aside.display()));
    }
    let start =
        if settings.has_written() { "slotbox setup --yes" } else { "systemctl start slotbox" };
    text.push_str(&format!("next:     {start}; then slotbox status\n"));
    text
}

fn as_json(report: &Report, settings: &BroughtBack) -> serde_json::Value {
    let mut told = summary(&report.summary);
    told["restored"] = json!({
        "clients": report.clients,
        "orders": report.orders,
        "payments": report.payments,
        "data": report.data.iter().map(|(client, from)| {
            json!({"client_id": client.to_string(), "carried_from": from})
        }).collect::<Vec<_>>(),
        "replaced": report.aside,
        "settings": settings.files().into_iter().map(|(path, fate)| {
            json!({"path": path, "fate": fate})
        }).collect::<Vec<_>>(),
        "host_proven": report.origin == Origin::Proven,
        "sealing_key": match &report.key {
            KeyFate::Kept => "kept",
            KeyFate::NotNeeded => "not_needed",
            KeyFate::Restored(_) => "restored",
            KeyFate::Replaced(..) => "replaced",
        },
    });
    told
}
