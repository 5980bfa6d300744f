//! The gateway as a client's bot sees it: one unix socket that leads to Telegram and tells the
//! client's profile. No token passes through this process.

use std::io;
use std::path::Path;
use std::time::Duration;

use futures::{Stream, TryStreamExt as _, stream};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use teloxide::requests::Requester;
use teloxide::types::ChatId;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use super::telegram::TelegramError;
use crate::domain::client::{BotUsername, CompanyName};
use crate::domain::ids::{ClientId, UserId};
use crate::domain::locale::Locale;
use crate::domain::profile::{PauseReason, Profile, ServiceLevel};
use crate::domain::seed::SeedRefusal;
use crate::metrics::{Handled, UPDATE_RESULTS};

/// The host's name in addresses; every connection goes to the socket.
const BASE: &str = "http://gateway";
/// Stands where the token would; the gateway puts the real one in.
const TOKEN: &str = "0:gateway";
/// The longest that one look at the profile waits for a change, and the longest poll.
const LONGEST_WAIT: Duration = Duration::from_secs(50);
/// A call may wait for its turn in the gateway (20 s at most) and then for Telegram (15 s); giving
/// up before that would say it twice.
const SEND_TIMEOUT: Duration = Duration::from_secs(45);
/// Sending a copy of the database, and its being looked through, take no longer.
const BACKUP_TIMEOUT: Duration = Duration::from_mins(2);
/// Getting the seed takes no longer.
const SEED_TIMEOUT: Duration = Duration::from_mins(2);
const CHUNK_BYTES: usize = 64 << 10;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the gateway did not answer as it should.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The HTTP client or the base address cannot be made.
    #[error("cannot set up the way to the gateway")]
    Setup,
    /// Nobody answers at the socket, or the answer broke off.
    #[error("the gateway cannot be reached")]
    Unreachable,
    /// The gateway refused.
    #[error("the gateway answered with status {0}")]
    Refused(u16),
    /// The profile has a form that this version does not know.
    #[error("the profile is not valid: {0}")]
    Malformed(&'static str),
}

/// The way out of a client's process; cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    base: reqwest::Url,
    quick: reqwest::Client,
    waiting: reqwest::Client,
}

/// A profile as the gateway writes it.
#[derive(Deserialize)]
struct Wire {
    version: u64,
    client_id: String,
    company_name: String,
    owner: i64,
    bot_username: String,
    timezone: String,
    /// Not told by an older host.
    #[serde(default)]
    locale: WireLocale,
    service: WireService,
    /// Null unless it is paused.
    #[serde(default)]
    paused_by: Option<WirePause>,
    #[serde(default)]
    sales_bot: Option<String>,
    #[serde(default)]
    support: String,
    #[serde(default)]
    backup: Option<u64>,
    #[serde(default)]
    seed: Option<u64>,
    #[serde(default)]
    leaving: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireService {
    Full,
    Paused,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WirePause {
    #[default]
    Expiry,
    Operator,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireLocale {
    #[default]
    Ru,
    En,
}

#[derive(Serialize)]
struct Refused {
    refusal: &'static str,
}

#[derive(Serialize)]
struct Report<'a> {
    state: &'static str,
    version: &'static str,
    updates: Updates<'a>,
    bookings: Option<u64>,
}

/// What became of updates since the last report.
#[derive(Serialize)]
struct Updates<'a> {
    results: [u64; UPDATE_RESULTS.len()],
    seconds: &'a [u64],
    sum: f64,
}

impl Gateway {
    /// Prepares the way through the socket at `path`; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// Returns [`GatewayError::Setup`] if the system gives no HTTP client.
    pub fn new(path: &Path) -> Result<Self, GatewayError> {
        Ok(Self {
            base: BASE.parse().map_err(|_| GatewayError::Setup)?,
            quick: client(path, SEND_TIMEOUT)?,
            waiting: client(path, LONGEST_WAIT + Duration::from_secs(10))?,
        })
    }

    /// Returns the bot, for requests that are answered at once.
    pub fn bot(&self) -> teloxide::Bot {
        teloxide::Bot::with_client(TOKEN, self.quick.clone()).set_api_url(self.base.clone())
    }

    /// Returns the bot, for requests that wait.
    pub fn waiting_bot(&self) -> teloxide::Bot {
        teloxide::Bot::with_client(TOKEN, self.waiting.clone()).set_api_url(self.base.clone())
    }

    /// Sends plain text to a person.
    ///
    /// # Errors
    ///
    /// Returns [`TelegramError`]; unless it is a refusal, the text may have arrived.
    pub async fn tell(&self, person: UserId, text: String) -> Result<(), TelegramError> {
        self.bot().send_message(ChatId(person.get()), text).await?;
        Ok(())
    }

    /// Returns the client's profile: at once, or, if its version is `known`, when it has changed
    /// or the wait is over.
    ///
    /// # Errors
    ///
    /// Returns [`GatewayError`]; asking again is safe.
    pub async fn profile(&self, known: Option<u64>) -> Result<Profile, GatewayError> {
        let mut request = self.waiting.get(self.address("profile"));
        if let Some(known) = known {
            request = request.query(&[("known", known), ("wait", LONGEST_WAIT.as_secs())]);
        }
        let response = answered(request).await?;
        let wire = response.json::<Wire>().await;
        wire.map_err(|_| GatewayError::Malformed("not the JSON it should be"))?.parse()
    }

    /// Tells the host that the bot works, what it has done since the last time, and how many visits
    /// are booked and still to come, if that could be counted.
    ///
    /// # Errors
    ///
    /// Returns [`GatewayError`]; the next report makes up for it.
    pub async fn report_healthy(
        &self,
        handled: &Handled,
        bookings: Option<u64>,
    ) -> Result<(), GatewayError> {
        let Handled { results, seconds, sum } = handled;
        let updates = Updates { results: *results, seconds, sum: *sum };
        let version = env!("CARGO_PKG_VERSION");
        let report = Report { state: "healthy", version, updates, bookings };
        answered(self.quick.post(self.address("report")).json(&report)).await.map(drop)
    }

    /// Sends the copy of the database that the host wished for under this number.
    ///
    /// # Errors
    ///
    /// Returns [`GatewayError`], also if the file cannot be read; the host will ask again.
    pub async fn send_backup(&self, number: u64, path: &Path) -> Result<(), GatewayError> {
        let file = File::open(path).await.map_err(|_| GatewayError::Unreachable)?;
        let chunks = stream::try_unfold(file, async |mut file| {
            let mut chunk = Vec::with_capacity(CHUNK_BYTES);
            let read = (&mut file).take(CHUNK_BYTES as u64).read_to_end(&mut chunk).await?;
            Ok::<_, io::Error>((read > 0).then_some((chunk, file)))
        });
        let request = self.waiting.put(self.address("backup")).query(&[("number", number)]);
        let request = request.timeout(BACKUP_TIMEOUT).body(reqwest::Body::wrap_stream(chunks));
        answered(request).await.map(drop)
    }

    /// Returns the seed with this number, piece by piece.
    ///
    /// # Errors
    ///
    /// Returns [`GatewayError`]; so does the stream if the seed breaks off.
    pub async fn seed(
        &self,
        number: u64,
    ) -> Result<impl Stream<Item = Result<impl AsRef<[u8]>, GatewayError>>, GatewayError> {
        let request = self.waiting.get(self.address("seed")).query(&[("number", number)]);
        let response = answered(request.timeout(SEED_TIMEOUT)).await?;
        Ok(response.bytes_stream().map_err(|_| GatewayError::Unreachable))
    }

    /// Tells the host that the seed with this number is in its place and on disk.
    ///
    /// # Errors
    ///
    /// Returns [`GatewayError`]; the host may have forgotten the seed all the same.
    pub async fn seed_taken(&self, number: u64) -> Result<(), GatewayError> {
        let request = self.quick.delete(self.address("seed")).query(&[("number", number)]);
        answered(request).await.map(drop)
    }

    /// Tells the host why the seed with this number cannot be taken.
    ///
    /// # Errors
    ///
    /// Returns [`GatewayError`]; the next refusal makes up for it.
    pub async fn seed_refused(&self, number: u64, why: SeedRefusal) -> Result<(), GatewayError> {
        let request = self.quick.post(self.address("seed")).query(&[("number", number)]);
        answered(request.json(&Refused { refusal: why.name() })).await.map(drop)
    }

    fn address(&self, path: &str) -> reqwest::Url {
        let mut address = self.base.clone();
        address.set_path(path);
        address
    }
}

impl Wire {
    fn parse(self) -> Result<Profile, GatewayError> {
        let malformed = |what: &'static str| GatewayError::Malformed(what);
        Ok(Profile {
            version: self.version,
            client: self.client_id.parse::<ClientId>().map_err(|_| malformed("client_id"))?,
            company: self.company_name.parse::<CompanyName>().map_err(|_| malformed("company"))?,
            owner: UserId::new(self.owner).map_err(|_| malformed("owner"))?,
            bot: self.bot_username.parse::<BotUsername>().map_err(|_| malformed("bot"))?,
            zone: TimeZone::get(&self.timezone).map_err(|_| malformed("timezone"))?,
            locale: match self.locale {
                WireLocale::Ru => Locale::Ru,
                WireLocale::En => Locale::En,
            },
            service: match self.service {
                WireService::Full => ServiceLevel::Full,
                WireService::Paused => {
                    ServiceLevel::Paused(match self.paused_by.unwrap_or_default() {
                        WirePause::Expiry => PauseReason::Expiry,
                        WirePause::Operator => PauseReason::Operator,
                    })
                }
            },
            sales_bot: self.sales_bot.and_then(|name| name.parse().ok()),
            support: self.support,
            backup: self.backup,
            seed: self.seed,
            is_leaving: self.leaving,
        })
    }
}

async fn answered(request: reqwest::RequestBuilder) -> Result<reqwest::Response, GatewayError> {
    let response = request.send().await.map_err(|_| GatewayError::Unreachable)?;
    match response.status() {
        status if status.is_success() => Ok(response),
        status => Err(GatewayError::Refused(status.as_u16())),
    }
}

/// No root certificates are loaded: nothing here speaks TLS.
fn client(path: &Path, timeout: Duration) -> Result<reqwest::Client, GatewayError> {
    reqwest::Client::builder()
        .unix_socket(path)
        .tls_built_in_root_certs(false)
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(timeout)
        .pool_max_idle_per_host(2)
        .build()
        .map_err(|_| GatewayError::Setup)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: &str = r#"{"version":7,"client_id":"c_00000000000000000000000001",
        "company_name":"Salon","owner":111,"bot_username":"salon_bot",
        "timezone":"Europe/Berlin","locale":"en","service":"paused","paused_by":"operator",
        "sales_bot":"sales_bot","support":"@help"}"#;

    #[test]
    fn a_profile_is_read_and_nonsense_is_refused() {
        let read = |text: &str| serde_json::from_str::<Wire>(text).ok().map(Wire::parse);
        let profile = read(PROFILE).unwrap().unwrap();
        assert_eq!(profile.service, ServiceLevel::Paused(PauseReason::Operator));
        assert_eq!(profile.locale, Locale::En);
        assert_eq!(profile.sales_bot.unwrap().as_str(), "sales_bot");
        let serves =
            PROFILE.replace("\"paused\",\"paused_by\":\"operator\"", "\"full\",\"paused_by\":null");
        assert_eq!(read(&serves).unwrap().unwrap().service, ServiceLevel::Full);
        let older = PROFILE.replace("\"locale\":\"en\",", "");
        assert_eq!(read(&older).unwrap().unwrap().locale, Locale::Ru);
        assert_eq!(profile.zone.iana_name(), Some("Europe/Berlin"));
        assert!(read(&PROFILE.replace("paused", "none")).is_none());
        assert!(read(&PROFILE.replace("Europe/Berlin", "Mars/Olympus")).unwrap().is_err());
        assert!(read(&PROFILE.replace("111", "-5")).unwrap().is_err());
    }
}
