//! A running `serve`, asked over its control socket.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::look::Look;
use super::runtime::one_thread;
use super::{WRONG_CONFIGURATION, complain, failed};
use crate::app::serve::CONTROL_SOCKET;
use crate::config::{Config, Sources};
use crate::external::control::{Ask, ControlClient};

/// The most that the API gives at once.
const LARGEST_PAGE: usize = 200;

/// What helps who may use the command line, but cannot read the settings.
const WITHOUT_SETTINGS: &str = "the settings tell where slotbox serve listens; name the socket to \
                                do without them: --socket /run/slotbox/control.sock";

/// How to find the running `serve`.
#[derive(Clone)]
pub struct Way {
    /// Where the settings are.
    pub sources: Sources,
    /// The socket, if it was named.
    pub socket: Option<PathBuf>,
}

/// A running `serve`, and how its answers look.
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub(super) control: ControlClient,
    pub(super) look: Look,
}

impl Way {
    /// Does `work` with the running `serve`.
    pub(super) fn run(&self, work: impl AsyncFnOnce(Host) -> anyhow::Result<ExitCode>) -> ExitCode {
        let path = match &self.socket {
            Some(path) => path.clone(),
            None => match Config::runtime_dir(&self.sources) {
                Ok(dir) => dir.join(CONTROL_SOCKET),
                Err(problems) => {
                    complain(&problems);
                    complain(&WITHOUT_SETTINGS);
                    return ExitCode::from(WRONG_CONFIGURATION);
                }
            },
        };
        let done = one_thread().context("cannot begin").and_then(|runtime| {
            runtime.block_on(async {
                let control = ControlClient::open(&path).await?;
                work(Host { control, look: Look::of_output() }).await
            })
        });
        done.unwrap_or_else(|err| failed(&err))
    }
}

/// Which part of a list.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// The most items; 0 for all.
    pub(super) limit: usize,
    pub(super) cursor: Option<String>,
}

/// Part of a list, each item as the API wrote it and as it was understood.
#[derive(Debug)]
pub(super) struct Listing<T> {
    pub(super) items: Vec<(Box<RawValue>, T)>,
    pub(super) next: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Box<RawValue>>,
    next: Option<String>,
}

impl Host {
    /// Reads the items that are to be kept, page by page.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        part: &Part,
        keep: impl Fn(&T) -> bool,
    ) -> anyhow::Result<Listing<T>> {
        let mut found = Listing { items: Vec::new(), next: part.cursor.clone() };
        loop {
            let room = if part.limit == 0 { usize::MAX } else { part.limit - found.items.len() };
            let mut ask = Ask::get(path).with("limit", &room.min(LARGEST_PAGE));
            if let Some(cursor) = &found.next {
                ask = ask.with("cursor", cursor);
            }
            let page: Page = self.control.ask(ask).await?;
            for raw in page.items {
                let item = serde_json::from_str(raw.get()).context("cannot read the answer")?;
                if keep(&item) {
                    found.items.push((raw, item));
                }
            }
            found.next = page.next;
            if found.next.is_none() || (part.limit > 0 && found.items.len() == part.limit) {
                return Ok(found);
            }
        }
    }
}

impl<T> Listing<T> {
    /// Returns the list as the API would have given it.
    pub(super) fn json(&self) -> String {
        let items: Vec<_> = self.items.iter().map(|(raw, _)| raw.get()).collect();
        let next = serde_json::Value::from(self.next.clone());
        format!("{{\"items\":[{}],\"next\":{next}}}", items.join(","))
    }
}
