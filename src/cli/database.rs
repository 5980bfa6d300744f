//! `slotbox database`: what the database file tells of itself.

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::host::{Host, Way};
use super::look::size;
use super::{WRONG_CONFIGURATION, answer, complain, failed, print};
use crate::config::Config;
use crate::external::control::Ask;
use crate::external::vault::DATABASE;
use crate::store::{self, OpenError};

/// What to do with the database.
#[derive(Debug, Subcommand)]
pub enum DatabaseCommand {
    /// Tell which schema the database has, and which release last had it
    #[command(after_help = EXAMPLES)]
    Show(Show),
}

const EXAMPLES: &str = "\
Examples:
  sudo slotbox database show
  sudo slotbox database show --json | jq -r .release";

/// Tells which schema the database has, and which release last had it: with no older one it opens.
/// A running serve is asked, and otherwise the file is looked at, which changes nothing in it.
#[derive(Clone, Copy, Debug, Args)]
pub struct Show {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize, Serialize)]
struct View {
    path: String,
    /// None if there is no database yet.
    bytes: Option<u64>,
    schema: Option<u64>,
    release: Option<String>,
}

impl DatabaseCommand {
    /// Does it.
    pub fn run(&self, way: &Way) -> ExitCode {
        match self {
            Self::Show(show) => show.run(way),
        }
    }
}

impl Show {
    fn run(self, way: &Way) -> ExitCode {
        let path = match Config::data_dir(&way.sources) {
            Ok(dir) => dir.join(DATABASE),
            Err(problems) => {
                complain(&problems);
                return ExitCode::from(WRONG_CONFIGURATION);
            }
        };
        match look(&path) {
            Ok(view) => self.tell(&view),
            Err(OpenError::AlreadyOpen(_)) => way.run(async |host| self.ask(&host).await),
            Err(err) => failed(&err.into()),
        }
    }

    async fn ask(self, host: &Host) -> anyhow::Result<ExitCode> {
        let view: View = host.control.ask(Ask::get("/control/database")).await?;
        Ok(self.tell(&view))
    }

    fn tell(self, view: &View) -> ExitCode {
        if self.json {
            return match serde_json::to_string(view) {
                Ok(json) => answer(&json),
                Err(err) => failed(&err.into()),
            };
        }
        let Some(bytes) = view.bytes else {
            return answer(&format_args!("there is no database yet: {}", view.path));
        };
        let schema = view.schema.map_or_else(|| "none yet".to_owned(), |it| it.to_string());
        let release = view.release.as_deref().unwrap_or("not noted: an early one");
        print(&format!(
            "path      {}\nsize      {}\nschema    {schema}\nrelease   {release}\n",
            view.path,
            size(bytes)
        ))
    }
}

fn look(path: &Path) -> Result<View, OpenError> {
    let facts = store::look(path)?;
    let file = facts.is_some().then(|| std::fs::metadata(path).ok()).flatten();
    let facts = facts.unwrap_or_default();
    Ok(View {
        path: path.display().to_string(),
        bytes: file.map(|file| file.len()),
        schema: facts.schema,
        release: facts.release.map(|it| it.to_string()),
    })
}
