//! What all lists of the command line have in common.

use std::process::ExitCode;

use clap::Args;

use super::host::{Listing, Part};
use super::table::{Cell, Table};
use super::{Host, answer, complain, print};

/// Which part of a list, and how to print it.
#[derive(Clone, Debug, Args)]
pub struct ListArgs {
    /// The most lines; 0 for all
    #[arg(long, short = 'n', value_name = "N", default_value_t = 100)]
    limit: usize,
    /// Go on where a list ended: its `next`
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
    /// Print JSON, as the API gives it
    #[arg(long)]
    json: bool,
}

impl ListArgs {
    pub(super) fn part(&self) -> Part {
        Part { limit: self.limit, cursor: self.cursor.clone() }
    }

    /// Prints the list, and on the standard error that there is more, if there is.
    pub(super) fn show<T>(
        &self,
        host: &Host,
        list: &Listing<T>,
        headings: Vec<&'static str>,
        row: impl Fn(&T) -> Vec<Cell>,
    ) -> ExitCode {
        if self.json {
            return answer(&list.json());
        }
        if list.items.is_empty() {
            complain(&"nothing to show");
            return ExitCode::SUCCESS;
        }
        let mut table = Table::new(headings);
        for (_, item) in &list.items {
            table.row(row(item));
        }
        let printed = print(&table.render(&host.look, 0));
        if list.next.is_some() {
            complain(&"there are more: raise --limit, or give --limit 0 for all");
        }
        printed
    }
}

/// Tells whether `text` has `part` in it, whatever the case.
pub(super) fn has(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}
