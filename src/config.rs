//! Settings: read once at the start from files, the environment and credentials, checked whole.

mod answers;
mod api;
mod backup;
mod billing;
mod excerpt;
mod kept;
mod log;
mod nearest;
mod plans;
mod problem;
mod raw;
mod reader;
mod runtime;
mod secret;
mod server;
mod setting;
mod show;
mod sources;
mod telegram;
mod tls;
mod url;
mod yookassa;

pub use answers::{Answers, SECRETS, UnreadAnswers};
pub use api::Api;
pub use backup::{Backup, Destination, InvalidDestination};
pub use billing::Billing;
pub use kept::KeptSettings;
pub use log::{Log, LogFormat, LogLevel};
pub use problem::{Problem, Problems, problems_as_json};
pub use reader::Effective;
pub use runtime::{Runtime, RuntimeKind};
pub use server::Server;
pub use show::{as_json, as_toml};
pub use sources::{CREDSTORE, Sources, Staged, USUAL_FILE};
pub use telegram::{Telegram, Updates};
pub use tls::{Acme, Challenge, Tls};
pub use yookassa::{Receipt, Shop, ShopKind, YooKassa};

use std::path::PathBuf;

use reader::Reader;

use crate::domain::plan::PriceList;

/// Everything that an operator can set; every value is right because it is here.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the host is found and where it keeps its things.
    pub server: Server,
    /// How the public listener gets its certificate.
    pub tls: Tls,
    /// The operator's two bots and the way to Telegram.
    pub telegram: Telegram,
    /// The shop that takes the money.
    pub yookassa: YooKassa,
    /// The key to the HTTP API.
    pub api: Api,
    /// What runs the clients' bots.
    pub runtime: Runtime,
    /// The lengths of a subscription's stages.
    pub billing: Billing,
    /// What is sold.
    pub plans: PriceList,
    /// How often backups are made and where they go.
    pub backup: Backup,
    /// What is logged and how it looks.
    pub log: Log,
}

/// What the deployer must know of the settings.
#[derive(Clone, Debug)]
pub struct ForDeployer {
    /// Holds the clients' gateway directories.
    pub runtime_dir: PathBuf,
    /// What one client may use, and where the deployer listens.
    pub runtime: Runtime,
    /// What is logged and how it looks.
    pub log: Log,
}

/// What must be known of the settings to look for backups.
#[derive(Clone, Debug)]
pub struct ForBackups {
    /// Holds the database, and the backups where no destination is set.
    pub data_dir: PathBuf,
    /// Where backups go.
    pub backup: Backup,
}

impl Config {
    /// Reads and checks the settings.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong, at once.
    pub fn load(sources: &Sources) -> Result<Self, Problems> {
        Self::explain(sources).map(|(config, _)| config)
    }

    /// Reads and checks the settings, and tells where each was written.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong, at once.
    pub fn explain(sources: &Sources) -> Result<(Self, Vec<Effective>), Problems> {
        Self::of(Reader::new(sources, &Staged::default()))
    }

    /// Reads and checks the settings as they will be once what is staged has been written.
    ///
    /// # Errors
    ///
    /// Returns everything that would be wrong, at once.
    pub fn rehearse(sources: &Sources, staged: &Staged) -> Result<Self, Problems> {
        Self::of(Reader::new(sources, staged)).map(|(config, _)| config)
    }

    fn of(mut reader: Reader) -> Result<(Self, Vec<Effective>), Problems> {
        let config = Self::read(&mut reader);
        let effective = reader.finish()?;
        config.map(|config| (config, effective)).ok_or_else(Problems::default)
    }

    /// Returns the directory that holds the sockets, whatever else the settings say: who asks for it
    /// may not be allowed to read them all.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with it, or why a file that was asked for cannot be read.
    pub fn runtime_dir(sources: &Sources) -> Result<PathBuf, Problems> {
        sources.check_file()?;
        let mut reader = Reader::new(sources, &Staged::default());
        let dir = server::runtime_dir(&mut reader);
        reader.only("server.runtime_dir").map(|()| dir)
    }

    /// Returns the directory that holds the database, whatever else the settings say.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with it, or why a file that was asked for cannot be read.
    pub fn data_dir(sources: &Sources) -> Result<PathBuf, Problems> {
        sources.check_file()?;
        let mut reader = Reader::new(sources, &Staged::default());
        let dir = server::data_dir(&mut reader);
        reader.only("server.data_dir").map(|()| dir)
    }

    /// Returns what the deployer must know, whatever else the settings say: it may not read the
    /// secrets among them.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with it, or why a file that was asked for cannot be read.
    pub fn for_deployer(sources: &Sources) -> Result<ForDeployer, Problems> {
        sources.check_file()?;
        let mut reader = Reader::new(sources, &Staged::default());
        let runtime_dir = server::runtime_dir(&mut reader);
        let (runtime, log) = (Runtime::read(&mut reader), Log::read(&mut reader));
        reader.only_in(&["server.runtime_dir", "runtime.", "log."])?;
        Ok(ForDeployer { runtime_dir, runtime, log })
    }

    /// Returns what must be known to look for backups, whatever else the settings say: on a fresh
    /// host, most is not set yet.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with it, or why a file that was asked for cannot be read.
    pub fn for_backups(sources: &Sources) -> Result<ForBackups, Problems> {
        sources.check_file()?;
        let mut reader = Reader::new(sources, &Staged::default());
        let data_dir = server::data_dir(&mut reader);
        let backup = Backup::read(&mut reader);
        reader.only_in(&["server.data_dir", "backup."])?;
        Ok(ForBackups { data_dir, backup })
    }

    /// Returns the address at which Telegram, and others from outside, reach this host; `None`
    /// without a public name.
    ///
    /// Of the ports that Telegram calls, it names one that is listened on. Where another server
    /// stands in front, that is 443.
    pub fn webhook_base(&self) -> Option<String> {
        let domain = self.server.domain.as_deref()?;
        let port = match self.tls {
            Tls::Off => Some(443),
            Tls::Acme(_) | Tls::Files { .. } => self.server.port_for_telegram(),
        };
        Some(match port? {
            443 => format!("https://{domain}"),
            port => format!("https://{domain}:{port}"),
        })
    }

    /// Takes every section, even if one is wrong, so that all problems are found.
    fn read(reader: &mut Reader) -> Option<Self> {
        let server = Server::read(reader);
        let tls = Tls::read(reader);
        let telegram = Telegram::read(reader);
        let yookassa = YooKassa::read(reader);
        let api = Api::read(reader);
        let runtime = Runtime::read(reader);
        let billing = Billing::read(reader);
        let plans = plans::read(reader);
        let backup = Backup::read(reader);
        let log = Log::read(reader);
        if server.domain.is_none() && !reader.is_wrong("tls.mode") {
            complain_of_no_domain(reader, tls.as_ref(), telegram.updates);
        }
        if telegram.updates == Updates::Webhook {
            complain_of_no_port(reader, tls.as_ref(), &server);
        }
        let (tls, api, billing, plans) = (tls?, api?, billing?, plans?);
        Some(Self { server, tls, telegram, yookassa, api, runtime, billing, plans, backup, log })
    }
}

/// Says that Telegram has no way in.
fn complain_of_no_port(reader: &mut Reader, tls: Option<&Tls>, server: &Server) {
    let own = matches!(tls, Some(Tls::Acme(_) | Tls::Files { .. }));
    if own && server.port_for_telegram().is_none() {
        let wrong = "telegram.updates = \"webhook\" needs one of the ports that Telegram calls: \
                     443, 8443, 88 or 80";
        reader.complain("server.https_listen", wrong.to_owned());
    }
}

/// Says who needs the public name.
fn complain_of_no_domain(reader: &mut Reader, tls: Option<&Tls>, updates: Updates) {
    let wrong = match (tls, updates) {
        (Some(Tls::Acme(_) | Tls::Files { .. }), _) => {
            "missing: HTTPS needs the public name; if another server stands in front, write \
             tls.mode = \"off\""
        }
        (Some(Tls::Off), Updates::Webhook) => {
            "missing: telegram.updates = \"webhook\" needs the public name"
        }
        (Some(Tls::Off), Updates::Polling) | (None, _) => return,
    };
    reader.complain("server.domain", wrong);
}

#[cfg(test)]
mod tests;
