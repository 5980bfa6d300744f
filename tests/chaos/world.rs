//! Everything around `serve`: both simulators, the clock, and what goes wrong.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use slotbox::clock::{Clock, ClockHand};
use slotbox::sandbox::telegram::{Fault, TelegramSim};
use slotbox::sandbox::yookassa::{Rates, YooKassaSim};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::host::{Host, Recipe};
use super::secrets::Vault;

/// The one operator.
pub const OPERATOR: i64 = 111_111_111;
pub const MASTER: &str = "slotbox_master_bot";
pub const SALES: &str = "slotbox_sales_bot";

const API_TOKEN: &str = "c5b8a9ff3c5e4d7f8b0a1c2d3e4f5a6b7c8d9e0f";
/// So much faster than the system's clock runs this world's.
const FLOW: i32 = 8;
const FLOW_STEP: Duration = Duration::from_millis(250);
/// How long the queue may take to come to rest.
const REST_WITHIN: Duration = Duration::from_secs(60);

/// What is played.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many stories at once.
    pub stories: usize,
    /// Decides the kills and the faults.
    pub seed: u64,
}

/// Everything around `serve`.
pub struct World {
    pub plan: Plan,
    pub telegram: TelegramSim,
    pub shop: YooKassaSim,
    pub host: Host,
    pub clock: Time,
    /// When all customers want to come.
    pub visit: Timestamp,
    dir: Option<TempDir>,
    address: SocketAddr,
    vault: Vault,
    flow: JoinHandle<()>,
}

/// The clock of everything, and the file that tells it to the processes.
#[derive(Clone)]
pub struct Time {
    pub clock: Clock,
    hand: ClockHand,
    file: PathBuf,
}

impl Plan {
    /// `SLOTBOX_CHAOS_STORIES` and `SLOTBOX_CHAOS_SEED`, or the short form.
    pub fn of_environment() -> Self {
        let number = |name: &str| {
            let text = std::env::var_os(name)?.into_string().ok()?;
            Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
        };
        let stories = number("SLOTBOX_CHAOS_STORIES").unwrap_or(6);
        let seed = number("SLOTBOX_CHAOS_SEED").unwrap_or(1);
        Self { stories: usize::try_from(stories).unwrap(), seed }
    }
}

impl World {
    pub async fn begin(plan: Plan) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("slotbox-chaos-").tempdir()?;
        let time = Time::begin(dir.path().join("clock"))?;
        let telegram = TelegramSim::start(time.clock.clone()).await?;
        let shop = YooKassaSim::start(time.clock.clone()).await?;
        let address = free_address().await?;
        shop.notify_url(Some(format!("http://{address}/yookassa/webhook")));
        let master = telegram.add_bot("Slotbox Master", MASTER);
        let sales = telegram.add_bot("Slotbox", SALES);
        let secrets = [&master, &sales, shop.secret_key(), API_TOKEN];
        let vault = Vault::default();
        secrets.iter().for_each(|secret| vault.add(secret));
        let recipe = Recipe {
            config: config(dir.path(), address)?,
            clock: time.file.clone(),
            environment: environment(&telegram, &shop, secrets),
            database: dir.path().join("data/slotbox.redb"),
            log: dir.path().join("serve.log"),
        };
        let host = Host::new(recipe, vault.clone());
        host.start().await?;
        let visit = visit_after(time.clock.now())?;
        let flow = tokio::spawn(time.clone().flow());
        let dir = Some(dir);
        let world =
            Self { plan, telegram, shop, host, clock: time, visit, dir, address, vault, flow };
        world.wait_until_up().await?;
        // The operator must have spoken first.
        let operator = world.telegram.person_with_id(OPERATOR, "Иван");
        world.telegram.chat(MASTER, &operator).send("/start");
        Ok(world)
    }

    /// Lets everything around `serve` fail now and then.
    pub fn begin_failing(&self) {
        let (seed, faults) = (self.plan.seed, self.telegram.faults());
        let mix = [
            Fault::CutBefore,
            Fault::CutAfter,
            Fault::Slow(Duration::from_millis(300)),
            Fault::RetryAfter(1),
        ];
        faults.random_of("*", &mix, seed, 0.05);
        if self.plan.stories > 10 {
            // teloxide waits ten seconds after each of these.
            faults.random_of("*", &[Fault::Status(500), Fault::Page(502)], seed + 1, 0.003);
        }
        faults.random_updates(seed, 0.1);
        self.shop.faults().random(seed, RATES);
    }

    pub fn end_failing(&self) {
        self.telegram.faults().clear();
        self.shop.faults().clear();
    }

    /// Moves the clock of everything forward to `at`, unless it is later already.
    pub fn skip_to(&self, at: Timestamp) -> anyhow::Result<()> {
        self.clock.advance(at.duration_since(self.clock.clock.now()).max(SignedDuration::ZERO))
    }

    /// Waits until nothing is left to do now; time flies meanwhile, so that what waits comes due.
    pub async fn settle(&self) -> anyhow::Result<()> {
        self.wait_until_up().await?;
        let deadline = tokio::time::Instant::now() + REST_WITHIN;
        loop {
            let queue = self.queue().await?;
            let left = ["queued", "waiting", "running"].map(|state| queue[state].as_u64());
            if left == [Some(0); 3] {
                return Ok(());
            }
            if tokio::time::Instant::now() > deadline {
                bail!("{queue}");
            }
            self.clock.advance(SignedDuration::from_mins(5))?;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Returns the database of `serve`.
    pub fn database(&self) -> PathBuf {
        self.data_dir().join("slotbox.redb")
    }

    pub fn data_dir(&self) -> PathBuf {
        self.path().join("data")
    }

    /// Looks for secrets in all that was written.
    pub fn check_secrets(&self) -> anyhow::Result<()> {
        let places = [self.data_dir(), self.path().join("run"), self.host.log().to_owned()];
        self.vault.check(&places)
    }

    /// Leaves the directory for a person to look at.
    pub fn keep(&mut self) {
        if let Some(dir) = self.dir.as_mut() {
            dir.disable_cleanup(true);
        }
    }

    /// Makes a bot at `BotFather` and returns its token.
    pub fn new_bot(&self, name: &str, username: &str) -> String {
        let token = self.telegram.add_bot(name, username);
        self.vault.add(&token);
        token
    }

    fn path(&self) -> &Path {
        self.dir.as_ref().map(TempDir::path).unwrap()
    }

    async fn wait_until_up(&self) -> anyhow::Result<()> {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while self.queue().await.is_err() {
            if tokio::time::Instant::now() > deadline {
                bail!("serve does not come up");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    async fn queue(&self) -> anyhow::Result<Value> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let request = http.get(format!("http://{}/api/queue", self.address)).bearer_auth(API_TOKEN);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.flow.abort();
    }
}

impl Time {
    fn begin(file: PathBuf) -> anyhow::Result<Self> {
        let (clock, hand) = Clock::shifted();
        fs::write(&file, "0")?;
        Ok(Self { clock, hand, file })
    }

    /// Moves the clock of everything.
    pub fn advance(&self, by: SignedDuration) -> anyhow::Result<()> {
        self.hand.advance(by);
        let new = self.file.with_extension(format!("{:?}", std::thread::current().id()));
        fs::write(&new, self.hand.ahead().as_millis().to_string())?;
        fs::rename(new, &self.file).context("cannot tell the processes the time")
    }

    /// Lets time run faster, so that what waits a minute comes in some seconds.
    async fn flow(self) {
        let step = SignedDuration::try_from(FLOW_STEP).unwrap() * (FLOW - 1);
        loop {
            tokio::time::sleep(FLOW_STEP).await;
            self.advance(step).unwrap();
        }
    }
}

const RATES: Rates = Rates {
    cut_before: 30,
    cut_after: 30,
    fail_before: 30,
    fail_after: 30,
    slow: 60,
    processing: 20,
    too_many: 20,
    notice_lost: 150,
    notice_twice: 150,
    notice_late: 100,
    notice_after_next: 100,
    notice_stale: 100,
};

/// Returns noon in Moscow on the first working day from the third one on.
fn visit_after(now: Timestamp) -> anyhow::Result<Timestamp> {
    let zone = TimeZone::get("Europe/Moscow")?;
    let mut day = now.to_zoned(zone.clone()).date();
    for _ in 0..3 {
        day = day.tomorrow()?;
    }
    while day.weekday().to_monday_one_offset() > 5 {
        day = day.tomorrow()?;
    }
    Ok(day.at(12, 0, 0, 0).to_zoned(zone)?.timestamp())
}

async fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?)
}

fn config(dir: &Path, address: SocketAddr) -> anyhow::Result<PathBuf> {
    let file = dir.join("slotbox.toml");
    let shown = dir.display();
    let text = format!(
        "[server]\nlocal_listen = \"{address}\"\ndata_dir = \"{shown}/data\"\n\
         runtime_dir = \"{shown}/run\"\nsupport = \"@slotbox_support\"\n\
         [tls]\nmode = \"off\"\n[runtime]\nkind = \"process\"\n\
         [yookassa]\ntrusted_networks = [\"127.0.0.0/8\"]\n\
         [log]\nformat = \"json\"\nlevel = \"debug\"\n"
    );
    fs::write(&file, text)?;
    Ok(file)
}

fn environment(
    telegram: &TelegramSim,
    shop: &YooKassaSim,
    [master, sales, key, api]: [&str; 4],
) -> BTreeMap<String, String> {
    let set = [
        ("API__TOKEN", api.to_owned()),
        ("TELEGRAM__API_URL", telegram.url()),
        ("TELEGRAM__MASTER_TOKEN", master.to_owned()),
        ("TELEGRAM__SALES_TOKEN", sales.to_owned()),
        ("TELEGRAM__OPERATORS", format!("[{OPERATOR}]")),
        ("YOOKASSA__API_URL", shop.url()),
        ("YOOKASSA__SHOP_ID", shop.shop_id().to_owned()),
        ("YOOKASSA__SECRET_KEY", key.to_owned()),
    ];
    set.map(|(name, value)| (format!("SLOTBOX__{name}"), value)).into()
}
