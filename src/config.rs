//! Settings: read once at the start from files, the environment and credentials, checked whole.

mod api;
mod backup;
mod billing;
mod log;
mod runtime;
mod server;
mod telegram;
mod tls;
mod yookassa;

pub use api::Api;
pub use backup::{Backup, Destination};
pub use billing::Billing;
pub use log::{Log, LogFormat, LogLevel};
pub use runtime::{Runtime, RuntimeKind};
pub use server::{Locale, Server};
pub use telegram::{Telegram, Updates};
pub use tls::{Acme, Challenge, Tls};
pub use yookassa::{Receipt, Shop, ShopKind, YooKassa};

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
