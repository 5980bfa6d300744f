//! `[server]`: where the host is found and where it keeps its things.

use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::tz::TimeZone;

use crate::domain::network::Network;

/// Where the host is found and where it keeps its things.
#[derive(Clone, Debug)]
pub struct Server {
    /// The public name, in lower case; set unless TLS is off.
    pub domain: Option<String>,
    /// Where HTTPS is served, unless systemd hands sockets over.
    pub https_listen: Vec<SocketAddr>,
    /// Where ACME's http-01 is answered and people are sent on to HTTPS.
    pub http_listen: Vec<SocketAddr>,
    /// Plain HTTP: everything public, and the metrics.
    pub local_listen: SocketAddr,
    /// Networks whose `X-Forwarded-For` is believed, from the right.
    pub trusted_proxies: Vec<Network>,
    /// Holds the database, the clients' data and the certificates.
    pub data_dir: PathBuf,
    /// Holds the sockets.
    pub runtime_dir: PathBuf,
    /// The time zone of a new client; always one with a name.
    pub timezone: TimeZone,
    /// The language of the texts for people.
    pub locale: Locale,
    /// The Telegram name of the operator's support, with its `@`.
    pub support: Option<String>,
}

/// A language that Slotbox speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    /// Russian.
    Ru,
    /// English.
    En,
}
