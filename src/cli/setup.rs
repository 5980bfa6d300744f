//! `slotbox setup`: from an installed package to a running business.
//!
//! Each step can be repeated: what stands is kept, what is asked is changed, and nothing is written
//! before the whole has been checked.

mod check;
mod files;
mod gather;
mod place;
mod question;
mod start;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

pub(super) use self::files::{Fate, put_back};
use self::gather::Gathered;
pub(super) use self::place::Place;
use super::host::Way;
use super::runtime::one_thread;
use super::{FAILED, complain, failed, print};
use crate::config::{Config, Staged};
use crate::external::engines;

/// Sets this host up: asks, checks, writes, starts.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Setup {
    /// Take the answers from a file, with the keys of slotbox.toml, and ask nothing
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Ask nothing: what is not given stays as it is
    #[arg(long, short)]
    yes: bool,
    /// The public name, such as bots.example.ru
    #[arg(long, value_name = "NAME")]
    domain: Option<String>,
    /// Where the certificate comes from: acme, files or off
    #[arg(long, value_name = "MODE")]
    tls: Option<String>,
    /// The e-mail address for the certificate authority's warnings
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,
    /// An operator's number at Telegram; may be given more than once
    #[arg(long = "operator", value_name = "ID")]
    operators: Vec<i64>,
    /// A file that holds the Master Bot's token; - is the standard input
    #[arg(long, value_name = "FILE")]
    master_token_file: Option<PathBuf>,
    /// A file that holds the Sales Bot's token
    #[arg(long, value_name = "FILE")]
    sales_token_file: Option<PathBuf>,
    /// A file that holds the URL of the proxy to Telegram
    #[arg(long, value_name = "FILE")]
    proxy_file: Option<PathBuf>,
    /// The shop's number at YooKassa
    #[arg(long, value_name = "ID")]
    shop: Option<String>,
    /// A file that holds the shop's secret key
    #[arg(long, value_name = "FILE")]
    shop_key_file: Option<PathBuf>,
    /// The Telegram name of your support, with its @
    #[arg(long, value_name = "@NAME")]
    support: Option<String>,
    /// What runs the clients' bots: docker or process [usual: docker where an engine answers]
    #[arg(long, value_name = "KIND")]
    runtime: Option<String>,
    /// The language of bots and notices: ru or en
    #[arg(long, value_name = "CODE")]
    locale: Option<String>,
    /// The time zone, such as Europe/Moscow
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Write tokens and keys that could not be checked, since nobody answers; refused ones never
    #[arg(long)]
    unchecked: bool,
    /// Write, and start nothing
    #[arg(long)]
    no_start: bool,
    /// Make a one-time link for an operator even if there is one already
    #[arg(long)]
    operator_link: bool,
}

const EXAMPLES: &str = "\
Can be run again at any time: it changes only what is asked. It writes conf.d/50-setup.toml and
the credentials; other files stay untouched. Variables SLOTBOX__... do not count here, since the
service does not see them.

Examples:
  sudo slotbox setup
  sudo slotbox setup --answers answers.toml
  sudo slotbox setup --shop 123456 --shop-key-file key.txt
  sudo slotbox setup --yes --operator-link";

impl Setup {
    /// Does it.
    pub fn run(&self, way: &Way) -> ExitCode {
        let done =
            one_thread().context("cannot begin").and_then(|it| it.block_on(self.set_up(way)));
        done.unwrap_or_else(|err| failed(&err))
    }

    async fn set_up(&self, way: &Way) -> anyhow::Result<ExitCode> {
        let place = Place::of(&way.sources)?;
        place.must_be_root()?;
        let engines = engines::find(std::path::Path::new("/")).await;
        let Gathered { answers, mut secrets, standing: _ } =
            gather::gather(self, &place, &engines)?;
        let text = answers.to_toml(files::HEADING);
        let staged = |secrets: &gather::Secrets| Staged {
            file: Some((place.file.clone(), text.clone())),
            credentials: secrets.clone(),
        };
        if let Err(problems) = Config::rehearse(&place.sources, &staged(&secrets))
            && !problems.about("api.token").is_empty()
            && !secrets.contains_key("api.token")
        {
            secrets.insert("api.token".to_owned(), files::new_token()?);
        }
        let config = match Config::rehearse(&place.sources, &staged(&secrets)) {
            Ok(config) => config,
            Err(problems) => {
                complain(&problems);
                complain(&"slotbox: nothing was written; mend this and run slotbox setup again");
                return Ok(ExitCode::from(FAILED));
            }
        };
        let checks = check::check(&config).await?;
        print(&checks.told);
        if checks.unchecked && !self.unchecked {
            bail!(
                "nothing was written; run it again once the network works (a proxy: telegram.proxy), \
                 or with --unchecked"
            );
        }
        print(&files::write(&place, &text, &secrets)?);
        if self.no_start {
            print("nothing was started; run: slotbox setup --yes\n");
            return Ok(ExitCode::SUCCESS);
        }
        start::start(&place, &config, self.operator_link).await
    }
}
