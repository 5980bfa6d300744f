//! `slotbox backup list`.

use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::super::look::{Look, Tone, size};
use super::super::table::{Cell, Table};
use super::super::{answer, complain, print};
use super::From;
use crate::config::ForBackups;
use crate::external::vault::{Shelf, Summary};

/// Lists backups.
#[derive(Clone, Debug, Args)]
pub struct List {
    #[command(flatten)]
    from: From,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(&self, settings: &ForBackups) -> anyhow::Result<ExitCode> {
        let books = self.from.books(settings)?;
        let found = books.list().await?;
        let printed = match (self.json, found.backups.is_empty()) {
            (true, _) => answer(&as_json(&found)),
            (false, true) => {
                complain(&format_args!("there is no backup in {}", books.show()));
                ExitCode::SUCCESS
            }
            (false, false) => print(&table(&found, &Look::of_output())),
        };
        for it in &found.unreadable {
            complain(&format_args!("slotbox: {}", it.why));
        }
        Ok(printed)
    }
}

fn table(shelf: &Shelf, look: &Look) -> String {
    let headings =
        vec!["BACKUP", "MADE AT", ">CLIENTS", ">CARRIED", ">SIZE", ">NEW", "KEY", "RELEASE"];
    let mut table = Table::new(headings);
    for it in &shelf.backups {
        let key = if it.encrypted { Cell::from("encrypted") } else { "open".into() };
        let carried = if it.carried > 0 { Tone::Warm } else { Tone::Plain };
        table.row([
            it.id.to_string().into(),
            look.time(Some(it.created_at)).into(),
            it.clients.to_string().into(),
            Cell::toned(it.carried.to_string(), carried),
            size(it.bytes).into(),
            size(it.stored_bytes).into(),
            key,
            (&it.version).into(),
        ]);
    }
    let mut text = table.render(look, 0);
    let hosts: BTreeSet<_> = shelf.backups.iter().map(|it| &it.host).collect();
    for host in &hosts {
        let of = shelf.backups.iter().filter(|it| it.host == **host);
        text.push_str(&match hosts.len() {
            1 => format!("host: {host}\n"),
            _ => format!(
                "host: {host}: {}\n",
                of.map(|it| it.id.to_string()).collect::<Vec<_>>().join(", ")
            ),
        });
    }
    text
}

fn as_json(shelf: &Shelf) -> Value {
    let items: Vec<_> = shelf.backups.iter().map(summary).collect();
    let unreadable = shelf.unreadable.iter();
    let unreadable: Vec<_> = unreadable
        .map(|it| json!({"id": it.id.to_string(), "error": it.why.to_string()}))
        .collect();
    json!({"items": items, "unreadable": unreadable})
}

/// Returns a backup as JSON shows it.
pub(super) fn summary(it: &Summary) -> Value {
    json!({
        "id": it.id.to_string(),
        "created_at": it.created_at,
        "version": it.version,
        "host": it.host.to_string(),
        "files": it.files,
        "clients": it.clients,
        "carried": it.carried,
        "bytes": it.bytes,
        "kept_bytes": it.kept_bytes,
        "stored_bytes": it.stored_bytes,
        "encrypted": it.encrypted,
    })
}
