//! `slotbox backup restore`.

use std::process::ExitCode;

use clap::Args;
use jiff::SignedDuration;
use serde_json::json;

use super::super::look::{Look, length};
use super::super::spinner::Spinner;
use super::super::{answer, complain, print};
use super::list::summary;
use super::{Chosen, From};
use crate::app::restore::{KeyFate, Origin, Present, Report, Restore as Work, restore};
use crate::clock::Clock;
use crate::config::{ForBackups, Sources};

/// Brings a backup back into the data directory, while no serve runs. Everything is taken out and
/// looked through first; then it is put in place.
#[derive(Clone, Debug, Args)]
pub struct Restore {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    from: From,
    /// Put what is in the data directory aside, into replaced-TIME in it
    #[arg(long)]
    replace: bool,
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
        let spinner = Spinner::start(&format!("restoring {id}"));
        let report = restore(Work {
            books,
            id,
            identity,
            host: self.chosen.host.clone(),
            data_dir: settings.data_dir.clone(),
            sources: sources.clone(),
            present: if self.replace { Present::MoveAside } else { Present::Spare },
            now,
        });
        let report = report.await?;
        drop(spinner);
        if self.json {
            return Ok(answer(&as_json(&report)));
        }
        for (client, from) in &report.data {
            if let Some(from) = from {
                complain(&format_args!("{client}: its bot's data is of {from}, not of the backup"));
            }
        }
        let age = now.duration_since(report.summary.created_at);
        Ok(print(&told(&report, age, &Look::of_output())))
    }
}

fn told(report: &Report, age: SignedDuration, look: &Look) -> String {
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
    if let Some(aside) = aside {
        text.push_str(&format!("before:   what was there is in {}\n", aside.display()));
    }
    text.push_str("next:     systemctl start slotbox; then slotbox status\n");
    text
}

fn as_json(report: &Report) -> serde_json::Value {
    let mut told = summary(&report.summary);
    told["restored"] = json!({
        "clients": report.clients,
        "orders": report.orders,
        "payments": report.payments,
        "data": report.data.iter().map(|(client, from)| {
            json!({"client_id": client.to_string(), "carried_from": from})
        }).collect::<Vec<_>>(),
        "replaced": report.aside,
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
