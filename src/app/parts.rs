//! The parts of `serve`, made in order from its settings.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use secrecy::ExposeSecret;

use super::vault::vault;
use crate::actions::arrivals::Arrivals;
use crate::actions::back_up::HostVault;
use crate::actions::backups::Backups;
use crate::actions::gateways::{GatewayDoor, GatewayOrders};
use crate::actions::health::Health;
use crate::actions::read_log::LogReads;
use crate::actions::turns::Turns;
use crate::clock::Clock;
use crate::config::{Config, ShopKind};
use crate::deps::{Changes, Deps, Till};
use crate::domain::payment::Shop;
use crate::external::containers::Runtime;
use crate::external::telegram::Telegram;
use crate::external::way::Way;
use crate::external::yookassa::{Settings, YooKassa};
use crate::metrics::{BotRole, Metrics};
use crate::store::Store;
use crate::store::secrets::Sealer;

/// How long a bot that was started may take to report that it is healthy.
const HEALTHY_WITHIN: Duration = Duration::from_mins(1);

/// What everything else is made from.
pub struct Ground {
    /// What the operator has set.
    pub config: Config,
    /// What is remembered.
    pub store: Store,
    /// Seals the bots' tokens.
    pub sealer: Sealer,
    /// Where the sealer's key lies.
    pub sealing_key: PathBuf,
    /// Tells the time.
    pub clock: Clock,
    /// Runs the clients' bots.
    pub runtime: Arc<dyn Runtime>,
}

/// Makes what the actions work with, and the line of orders that the gateway follows. Must be
/// called within a tokio runtime.
///
/// # Errors
///
/// Returns why an address in the settings cannot be used.
pub fn deps(ground: Ground) -> anyhow::Result<(Deps, GatewayOrders)> {
    let Ground { config, store, sealer, sealing_key, clock, runtime } = ground;
    let metrics = Metrics::default();
    let way = way_to_telegram(&config)?;
    let telegram = Telegram::new(&config.telegram.api_url, Some(&way))?;
    let telegram = telegram.counted(metrics.clone());
    let speaker = |role, token: &Option<_>| Some(telegram.speaker(role, token.as_ref()?));
    let master = speaker(BotRole::Master, &config.telegram.master_token);
    let sales = speaker(BotRole::Sales, &config.telegram.sales_token);
    let till = till(&config)?;
    let (gateways, line) = GatewayDoor::new();
    let vault = vault(&config, &sealer).map_err(|err| err.to_string());
    let vault = HostVault::new(vault, &config.server.data_dir, sealing_key);
    let deps = Deps {
        clock,
        store,
        config: Arc::new(config),
        sealer: Arc::new(sealer),
        telegram,
        master,
        sales,
        till,
        runtime,
        gateways,
        health: Health::new(HEALTHY_WITHIN),
        vault,
        backups: Backups::default(),
        turns: Turns::default(),
        log_reads: LogReads::default(),
        changes: Changes::default(),
        arrivals: Arrivals::default(),
        metrics,
    };
    Ok((deps, line))
}

/// Returns the way that all calls to Telegram go.
///
/// # Errors
///
/// Returns why it cannot be gone.
pub fn way_to_telegram(config: &Config) -> anyhow::Result<Way> {
    let telegram = &config.telegram;
    let way = Way::new(telegram.proxy.as_ref(), telegram.api_ca_file.as_deref());
    way.context("telegram.proxy or telegram.api_ca_file cannot be used")
}

/// Returns what asks Telegram.
///
/// # Errors
///
/// Returns why there is no way to it.
pub fn telegram(config: &Config) -> anyhow::Result<Telegram> {
    Ok(Telegram::new(&config.telegram.api_url, Some(&way_to_telegram(config)?))?)
}

/// Returns the way to the shop; none where no shop is set.
///
/// # Errors
///
/// Returns why there is no way to it.
pub fn till(config: &Config) -> anyhow::Result<Option<Till>> {
    let Some(shop) = &config.yookassa.shop else { return Ok(None) };
    let settings = Settings {
        api_url: config.yookassa.api_url.clone(),
        shop_id: shop.id.clone(),
        secret_key: shop.secret_key.expose_secret().into(),
    };
    let way = Way::new(config.yookassa.proxy.as_ref(), config.yookassa.api_ca_file.as_deref());
    let yookassa = way.context("yookassa.proxy or yookassa.api_ca_file cannot be used")?;
    let yookassa = YooKassa::through(settings, &yookassa);
    let yookassa = yookassa.context("cannot set up the way to YooKassa")?;
    let shop = Shop { account: shop.id.clone(), test: shop.kind == ShopKind::Test };
    Ok(Some(Till { yookassa, shop }))
}
