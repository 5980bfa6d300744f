//! The parts of `serve`, made in order from its settings.

use std::sync::Arc;

use anyhow::Context;
use secrecy::ExposeSecret;

use crate::clock::Clock;
use crate::config::{Config, ShopKind};
use crate::deps::{Changes, Deps, Till};
use crate::domain::payment::Shop;
use crate::external::telegram::Telegram;
use crate::external::yookassa::{Settings, YooKassa};
use crate::store::Store;
use crate::store::secrets::Sealer;

/// Makes what the actions work with. Must be called within a tokio runtime.
///
/// # Errors
///
/// Returns why an address in the settings cannot be used.
pub fn deps(config: Config, store: Store, sealer: Sealer, clock: Clock) -> anyhow::Result<Deps> {
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
    })
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
