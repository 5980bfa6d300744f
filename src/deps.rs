//! What the actions of `serve` work with.

use std::sync::Arc;

use tokio::sync::watch;

use crate::actions::arrivals::Arrivals;
use crate::actions::back_up::HostVault;
use crate::actions::backups::Backups;
use crate::actions::gateways::GatewayDoor;
use crate::actions::health::Health;
use crate::actions::read_log::LogReads;
use crate::actions::turns::Turns;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::payment::Shop;
use crate::external::containers::{Layout, Runtime};
use crate::external::telegram::{Speaker, Telegram};
use crate::external::yookassa::YooKassa;
use crate::metrics::Metrics;
use crate::store::Store;
use crate::store::secrets::Sealer;
use crate::texts::Words;

/// Everything that an action of `serve` needs; cheap to clone.
#[derive(Clone)]
pub struct Deps {
    /// Tells the time.
    pub clock: Clock,
    /// What is remembered.
    pub store: Store,
    /// What the operator has set.
    pub config: Arc<Config>,
    /// Seals the tokens of clients' bots.
    pub sealer: Arc<Sealer>,
    /// The way to Telegram.
    pub telegram: Telegram,
    /// The Master Bot's voice; none where no token is set.
    pub master: Option<Speaker>,
    /// The Sales Bot's voice; none where no token is set.
    pub sales: Option<Speaker>,
    /// The cash desk; none where no shop is set.
    pub till: Option<Till>,
    /// Runs the clients' bots.
    pub runtime: Arc<dyn Runtime>,
    /// Opens and closes the clients' sockets.
    pub gateways: GatewayDoor,
    /// What the clients' processes report of themselves.
    pub health: Health,
    /// Where backups of the host go.
    pub vault: HostVault,
    /// The copies of clients' databases that are wished for.
    pub backups: Backups,
    /// Keeps what is done about one client apart.
    pub turns: Turns,
    /// When what clients' bots wrote was last shown.
    pub log_reads: LogReads,
    /// Tells the gateways that what clients' bots are told may have changed.
    pub changes: Changes,
    /// Tells of updates that have been kept.
    pub arrivals: Arrivals,
    /// What is counted.
    pub metrics: Metrics,
}

impl Deps {
    /// Returns what the host says, in its language.
    pub fn words(&self) -> Words {
        Words::new(self.config.server.locale)
    }

    /// Returns where the clients' directories are.
    pub fn layout(&self) -> Layout {
        let server = &self.config.server;
        Layout::new(&server.data_dir, &server.runtime_dir)
    }
}

/// Wakes those who watch the clients' records; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Changes(Arc<watch::Sender<()>>);

impl Changes {
    /// Tells that a client's record has changed; called after the commit.
    pub fn notify(&self) {
        self.0.send_replace(());
    }

    /// Returns a receiver that sees each later change.
    pub fn watch(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}

/// The shop at YooKassa and the way to it.
#[derive(Clone)]
pub struct Till {
    /// The way to YooKassa.
    pub yookassa: YooKassa,
    /// The shop that every payment must have gone to.
    pub shop: Shop,
}
