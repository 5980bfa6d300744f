//! `[server]`: where the host is found and where it keeps its things.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use jiff::tz::TimeZone;

use super::raw::Raw;
use super::reader::Reader;
use super::setting::{Setting, choice};
use crate::domain::locale::Locale;
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

/// The ports that Telegram brings updates to, the usual one first.
const TELEGRAM_PORTS: [u16; 4] = [443, 8443, 88, 80];

/// A socket's path has at most 107 bytes, of which `/clients/c_.../gateway.sock` takes 50.
const LONGEST_RUNTIME_DIR: usize = 57;

choice!(Locale { "ru" => Ru, "en" => En });

impl Server {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let listen = |port| vec![SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))];
        let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 8000));
        let server = Self {
            domain: reader.optional_with("server.domain", domain),
            https_listen: reader.value("server.https_listen", listen(443)),
            http_listen: reader.value("server.http_listen", listen(80)),
            local_listen: reader.value("server.local_listen", local),
            trusted_proxies: reader.value("server.trusted_proxies", Vec::new()),
            data_dir: data_dir(reader),
            runtime_dir: runtime_dir(reader),
            timezone: reader.value("server.timezone", moscow()),
            locale: reader.value("server.locale", Locale::Ru),
            support: reader.optional_with("server.support", support),
        };
        server.check_listeners(reader);
        server
    }

    /// Returns the port at which Telegram can reach the public listener, if there is one.
    pub fn port_for_telegram(&self) -> Option<u16> {
        let listens = |port: &u16| self.https_listen.iter().any(|address| address.port() == *port);
        TELEGRAM_PORTS.into_iter().find(listens)
    }

    /// Tells of an address that two listeners want.
    fn check_listeners(&self, reader: &mut Reader) {
        let local = [self.local_listen];
        let all = self.https_listen.iter().chain(&self.http_listen).chain(&local);
        let mut seen = Vec::new();
        for address in all.filter(|address| address.port() != 0) {
            if seen.contains(&address) {
                let wrong = format!("{address} is named twice; each listener needs its own");
                return reader.complain("server.https_listen", wrong);
            }
            seen.push(address);
        }
    }
}

/// Reads where the data is kept.
pub(super) fn data_dir(reader: &mut Reader) -> PathBuf {
    reader.value("server.data_dir", "/var/lib/slotbox".into())
}

/// Reads the directory that holds the sockets.
pub(super) fn runtime_dir(reader: &mut Reader) -> PathBuf {
    let short = |raw: &Raw| {
        let path = PathBuf::read(raw)?;
        if path.as_os_str().len() <= LONGEST_RUNTIME_DIR {
            return Ok(path);
        }
        Err(format!(
            "expected a path of at most {LONGEST_RUNTIME_DIR} bytes: the system lets no socket \
             have a longer one"
        ))
    };
    reader.value_with("server.runtime_dir", "/run/slotbox".into(), short)
}

/// Returns the default zone; it is in the binary, whatever the host lacks.
fn moscow() -> TimeZone {
    TimeZone::get("Europe/Moscow").unwrap_or(TimeZone::UTC)
}

/// Reads a public host name.
fn domain(raw: &Raw) -> Result<String, String> {
    let name = String::read(raw)?.to_ascii_lowercase();
    let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(letter)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let number = name.parse::<IpAddr>().is_ok();
    if name.len() <= 253 && name.contains('.') && name.split('.').all(label) && !number {
        Ok(name)
    } else {
        let wrong = "expected a public host name alone, such as bots.example.ru (in Latin letters: \
                     xn--.. for others)";
        Err(wrong.to_owned())
    }
}

/// Reads the name of a Telegram user or group.
fn support(raw: &Raw) -> Result<String, String> {
    let text = String::read(raw)?;
    let name = text.strip_prefix('@').unwrap_or_default();
    let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if (4..=32).contains(&name.len()) && name.bytes().all(letter) {
        Ok(text)
    } else {
        Err(r#"expected a Telegram name with its @, such as "@example_support""#.to_owned())
    }
}
