//! `slotbox demo`: the whole business on this machine, with a simulated Telegram and shop.
//!
//! Nothing but the outside is simulated: `serve` runs as it does on a server, its clients are
//! processes of their own, and all of it speaks the real protocols over loopback. The clock can be
//! moved; the clients' processes follow it through a file.

mod browser;
mod console;
mod containers;
mod narrator;
mod page;
pub mod play;
mod time;
mod transcript;

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::serve::{self, ServeOptions};
use super::sockets::Handed;
use crate::actions::alarms::Alarms;
use crate::clock::Clock;
use crate::config::{Config, Sources};
use crate::domain::locale::Locale;
use crate::domain::token::BotToken;
use crate::external::acme::Vantage;
use crate::random;
use crate::sandbox::telegram::TelegramSim;
use crate::sandbox::yookassa::YooKassaSim;

pub use browser::Browser;
pub use containers::ContainerOptions;
use containers::DemoDeployer;
pub use narrator::{Heard, Narrator};
pub use page::{PageOptions, show};
pub use time::Time;

/// The one operator, as Telegram numbers people.
const OPERATOR: i64 = 111_111_111;
/// The public names of the operator's two bots.
const MASTER: &str = "slotbox_master_bot";
const SALES: &str = "slotbox_sales_bot";
/// How many bots the operator has.
const OWN_BOTS: usize = 2;

/// A business that runs on loopback alone.
pub struct DemoWorld {
    /// The simulated Telegram.
    pub telegram: TelegramSim,
    /// The simulated shop.
    pub shop: YooKassaSim,
    /// Tells the time of everything here.
    pub clock: Clock,
    /// Opens pages and asks the API.
    pub browser: Arc<Browser>,
    /// Moves the time of everything here.
    pub time: Time,
    address: std::net::SocketAddr,
    dir: PathBuf,
    stop: CancellationToken,
    serve: JoinHandle<anyhow::Result<()>>,
    deployer: Option<DemoDeployer>,
}

/// How the world is.
#[derive(Clone, Debug)]
pub struct WorldOptions {
    /// The port on which the business listens; 0 takes a free one.
    pub port: u16,
    /// The language of the bots.
    pub locale: Locale,
    /// Where the clients' containers come from; they are processes if this is not given.
    pub containers: Option<ContainerOptions>,
}

impl DemoWorld {
    /// Starts the simulators and `serve`. Must be called within a tokio runtime.
    ///
    /// # Errors
    ///
    /// Returns what keeps one of them from starting.
    pub async fn start(options: &WorldOptions, stop: CancellationToken) -> anyhow::Result<Self> {
        let dir = new_dir()?;
        let (clock, hand) = Clock::shifted();
        let telegram = TelegramSim::start(clock.clone()).await?;
        let yookassa = YooKassaSim::start(clock.clone()).await?;
        let address = free_address(options.port).await?;
        let sources = sources(&dir, &telegram, &yookassa, address, options)?;
        let config = Config::load(&sources).map_err(|problems| anyhow::anyhow!("{problems}"))?;
        yookassa.notify_url(Some(format!("http://{address}/yookassa/webhook")));
        let clocks = dir.join("clock");
        let time = Time::new(hand, &clocks)?;
        let deployer = match &options.containers {
            Some(containers) => Some(DemoDeployer::start(&config, containers, &dir, clocks).await?),
            None => None,
        };
        let executable = std::env::current_exe().context("cannot tell where this program is")?;
        let clock_file = Some(time.file());
        let how = ServeOptions {
            sources,
            executable,
            clock_file,
            alarms: Alarms::default(),
            handed: Handed::default(),
            vantage: Vantage::Here,
        };
        let running = serve::run(config, how, clock.clone(), stop.clone());
        let serve = tokio::spawn(running);
        let api_token = fs::read_to_string(dir.join("api-token"))?;
        let browser = Arc::new(Browser::new(address, api_token)?);
        Ok(Self {
            telegram,
            shop: yookassa,
            clock,
            browser,
            time,
            address,
            dir,
            stop,
            serve,
            deployer,
        })
    }

    /// Returns where `serve` listens.
    pub const fn address(&self) -> std::net::SocketAddr {
        self.address
    }

    /// Returns the directory that holds all data of this world, and is removed with it.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Waits until `serve` ends, by itself or because of `stop`, and leaves nothing behind: no
    /// process, no container, no socket, no file.
    ///
    /// # Errors
    ///
    /// Returns why `serve` failed.
    pub async fn close(self) -> anyhow::Result<()> {
        let ended = self.serve.await.context("serve panicked")?;
        self.stop.cancel();
        if let Some(deployer) = self.deployer {
            deployer.close().await?;
        }
        self.telegram.shutdown().await;
        self.shop.shutdown().await;
        fs::remove_dir_all(&self.dir).context("cannot remove the demo's directory")?;
        ended
    }
}

/// Makes a directory of its own for this world.
fn new_dir() -> anyhow::Result<PathBuf> {
    let number = u32::from_be_bytes(random::bytes()?);
    let dir = std::env::temp_dir().join(format!("slotbox-demo-{number:08x}"));
    DirBuilder::new().mode(0o700).create(&dir).context("cannot make the demo's directory")?;
    Ok(dir)
}

/// Returns the address that `serve` shall listen on; port 0 takes a free one.
async fn free_address(port: u16) -> anyhow::Result<std::net::SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    let listener =
        listener.with_context(|| format!("port {port} is taken; name another one with --port"))?;
    Ok(listener.local_addr()?)
}

/// Writes the settings that an operator would have written, with secrets of the simulators.
fn sources(
    dir: &Path,
    telegram: &TelegramSim,
    shop: &YooKassaSim,
    address: std::net::SocketAddr,
    options: &WorldOptions,
) -> anyhow::Result<Sources> {
    let api_token = new_api_token()?;
    let kind = if options.containers.is_some() { "docker" } else { "process" };
    let dir_shown = dir.display();
    let set = [
        ("TLS__MODE", "off".to_owned()),
        ("SERVER__LOCAL_LISTEN", address.to_string()),
        ("SERVER__DATA_DIR", format!("{dir_shown}/data")),
        ("SERVER__RUNTIME_DIR", format!("{dir_shown}/run")),
        ("SERVER__LOCALE", options.locale.code().to_owned()),
        ("SERVER__SUPPORT", "@slotbox_support".to_owned()),
        ("API__TOKEN", api_token.clone()),
        ("TELEGRAM__API_URL", telegram.url()),
        ("TELEGRAM__MASTER_TOKEN", telegram.add_bot("Slotbox Master", MASTER)),
        ("TELEGRAM__SALES_TOKEN", telegram.add_bot("Slotbox", SALES)),
        ("TELEGRAM__OPERATORS", format!("[{OPERATOR}]")),
        ("YOOKASSA__API_URL", shop.url()),
        ("YOOKASSA__SHOP_ID", shop.shop_id().to_owned()),
        ("YOOKASSA__SECRET_KEY", shop.secret_key().to_owned()),
        ("YOOKASSA__TRUSTED_NETWORKS", "[\"127.0.0.0/8\"]".to_owned()),
        ("RUNTIME__KIND", kind.to_owned()),
        ("RUNTIME__DEPLOYER_SOCKET", format!("{dir_shown}/deployer.sock")),
        ("LOG__FORMAT", "text".to_owned()),
    ];
    let environment: BTreeMap<_, _> =
        set.map(|(key, value)| (format!("SLOTBOX__{key}").into(), value.into())).into();
    fs::write(dir.join("api-token"), api_token)?;
    fs::write(dir.join("slotbox.toml"), "# All settings of the demo are in its environment.\n")?;
    Ok(Sources { file: Some(dir.join("slotbox.toml")), environment, credentials: None })
}

fn new_api_token() -> anyhow::Result<String> {
    let bytes: [u8; 16] = random::bytes()?;
    let other: [u8; 16] = random::bytes()?;
    Ok(format!("{:032x}{:032x}", u128::from_be_bytes(bytes), u128::from_be_bytes(other)))
}

/// Makes a bot at the simulated `BotFather` and returns its token, as an owner would.
///
/// # Errors
///
/// Returns why the simulator's token is none; that would be a fault of the simulator.
pub fn new_bot(telegram: &TelegramSim, name: &str, username: &str) -> anyhow::Result<BotToken> {
    Ok(telegram.add_bot(name, username).parse()?)
}

/// What a demo needs from its command.
pub struct Telling {
    /// What the journal says.
    pub journal: tokio::sync::mpsc::UnboundedReceiver<Heard>,
    /// Ends the demo.
    pub stop: CancellationToken,
}

/// Plays the whole story once.
///
/// # Errors
///
/// Returns the first step that did not happen.
pub async fn play_once(options: &WorldOptions, telling: Telling) -> anyhow::Result<()> {
    let Telling { journal, stop } = telling;
    let world = DemoWorld::start(options, stop.clone()).await?;
    let printing = tokio::spawn(transcript::Transcript::of(&world, journal).print());
    let played = tokio::select! {
        played = play::play(&world) => played,
        () = stop.cancelled() => Err(anyhow::anyhow!("stopped before the story was over")),
    };
    stop.cancel();
    let closed = world.close().await;
    printing.abort();
    played.and(closed)
}

/// Lets a person play all the people, until Ctrl-C or `quit`.
///
/// # Errors
///
/// Returns what keeps the world from starting, or why `serve` failed.
pub async fn talk(options: &WorldOptions, telling: Telling) -> anyhow::Result<()> {
    let Telling { journal, stop } = telling;
    let world = DemoWorld::start(options, stop.clone()).await?;
    let printing = tokio::spawn(transcript::Transcript::of(&world, journal).print());
    console::run(&world, &stop).await;
    stop.cancel();
    let closed = world.close().await;
    printing.abort();
    closed
}
