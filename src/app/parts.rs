//! The parts of `serve`, made in order from its settings.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use secrecy::ExposeSecret;

use crate::actions::gateways::GatewayDoor;
use crate::actions::health::Health;
use crate::clock::Clock;
use crate::config::{Config, ShopKind};
use crate::deps::{Changes, Deps, Till};
use crate::domain::payment::Shop;
use crate::external::containers::process::{ProcessSettings, Processes};
use crate::external::containers::{Layout, Runtime};
use crate::external::telegram::{Forwarder, Telegram};
use crate::external::yookassa::{Settings, YooKassa};
use crate::store::Store;
use crate::store::secrets::Sealer;

/// How long a bot may take from its start to its first report.
const HEALTHY_WITHIN: Duration = Duration::from_mins(1);

/// Makes what the actions work with. Must be called within a tokio runtime.
///
/// # Errors
///
/// Returns why an address in the settings cannot be used.
pub fn deps(
    config: Config,
    store: Store,
    sealer: Sealer,
    clock: Clock,
    runtime: Arc<dyn Runtime>,
    gateways: GatewayDoor,
) -> anyhow::Result<Deps> {
    let telegram = Telegram::new(&config.telegram.api_url, config.telegram.proxy.as_ref())?;
    let speaker = |token: &Option<_>| token.as_ref().map(|token| telegram.speaker(token));
    let master = speaker(&config.telegram.master_token);
    let sales = speaker(&config.telegram.sales_token);
    let till = till(&config)?;
    Ok(Deps {
        clock,
        store,
        config: Arc::new(config),
        sealer: Arc::new(sealer),
        telegram,
        master,
        sales,
        till,
        changes: Changes::default(),
        runtime,
        gateways,
        health: Health::new(HEALTHY_WITHIN),
    })
}

/// Returns where the clients' directories are.
pub fn layout(config: &Config) -> Layout {
    Layout::new(&config.server.data_dir, &config.server.runtime_dir)
}

/// Makes what runs clients as child processes: of this very program, unless `executable` names
/// another one. `clock_file` moves their clocks.
///
/// # Errors
///
/// Returns why the system does not tell which program this is.
pub fn processes(
    config: &Config,
    executable: Option<PathBuf>,
    clock_file: Option<PathBuf>,
) -> anyhow::Result<Processes> {
    let executable = match executable {
        Some(executable) => executable,
        None => std::env::current_exe().context("cannot tell which program this is")?,
    };
    let mut settings = ProcessSettings::new(executable, layout(config));
    settings.clock_file = clock_file;
    Ok(Processes::new(settings))
}

/// Makes the way that clients' calls to Telegram take.
///
/// # Errors
///
/// Returns why an address in the settings cannot be used.
pub fn forwarder(config: &Config) -> anyhow::Result<Forwarder> {
    Ok(Forwarder::new(&config.telegram.api_url, config.telegram.proxy.as_ref())?)
}

fn till(config: &Config) -> anyhow::Result<Option<Till>> {
    let Some(shop) = &config.yookassa.shop else { return Ok(None) };
    let settings = Settings {
        api_url: config.yookassa.api_url.clone(),
        shop_id: shop.id.clone(),
        secret_key: shop.secret_key.expose_secret().into(),
    };
    let yookassa = YooKassa::new(settings).context("cannot set up the way to YooKassa")?;
    let shop = Shop { account: shop.id.clone(), test: shop.kind == ShopKind::Test };
    Ok(Some(Till { yookassa, shop }))
}
