//! A bucket of an S3 service that keeps backups.

use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use reqwest::{Client, Method, StatusCode, redirect};
use rusty_s3::actions::{ListObjectsV2, S3Action};
use rusty_s3::{Bucket, Credentials, UrlStyle};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{Instant, sleep};
use url::Url;

use super::{Listed, Place, PlaceError};
use crate::external::way::{Fault, Way, WayError};

/// How long one attempt may take; the largest object is a manifest of some megabytes.
const ATTEMPT: Duration = Duration::from_mins(1);
const CONNECT: Duration = Duration::from_secs(10);
/// How long all attempts of one call may take together.
const PATIENCE: Duration = Duration::from_secs(90);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How long a signature counts: an attempt begins at once.
const SIGNED_FOR: Duration = Duration::from_mins(15);
/// Larger answers are none of ours.
const LARGEST_ANSWER_BYTES: usize = 256 << 20;

/// Where the bucket is, and the key to it.
#[derive(Clone, Debug)]
pub struct S3Settings {
    /// The service's address, without the bucket.
    pub endpoint: Url,
    /// What the service calls the place where it runs.
    pub region: String,
    /// The bucket's name.
    pub bucket: String,
    /// What the objects' names begin with; may be empty.
    pub prefix: String,
    /// The name of the access key.
    pub access_key: String,
    /// The secret part of the access key.
    pub secret_key: SecretString,
}

/// Why there is no way to a bucket.
#[derive(Debug, thiserror::Error)]
pub enum S3SetupError {
    /// The endpoint and the bucket make no address.
    #[error("backup.s3_endpoint and the bucket of backup.destination make no address")]
    Address,
    /// The root certificate cannot be used.
    #[error("backup.s3_ca_file: {0}")]
    Way(#[from] WayError),
    /// There is no HTTP client.
    #[error("cannot set up the HTTP client for the backups")]
    Client,
}

/// A bucket. Its name stands in the path, as every service takes it.
pub struct S3 {
    bucket: Bucket,
    key: Credentials,
    prefix: String,
    http: Client,
    shown: String,
    /// How long all attempts of one call may take together.
    patience: Duration,
}

/// How one attempt has ended.
enum Attempt {
    Done(Bytes),
    /// It may go well if it is made again.
    Passing(PlaceError),
    Refused(PlaceError),
}

impl S3 {
    /// Prepares the way to the bucket; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// Returns [`S3SetupError`].
    pub fn new(settings: S3Settings, way: &Way) -> Result<Self, S3SetupError> {
        let S3Settings { endpoint, region, bucket, prefix, access_key, secret_key } = settings;
        let prefix = prefix.trim_matches('/').to_owned();
        let shown = format!("s3://{bucket}/{prefix}").trim_end_matches('/').to_owned();
        let bucket = Bucket::new(endpoint, UrlStyle::Path, bucket, region)
            .map_err(|_| S3SetupError::Address)?;
        let http = way
            .client(CONNECT)?
            .timeout(ATTEMPT)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("slotbox/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| S3SetupError::Client)?;
        let key = Credentials::new(access_key, secret_key.expose_secret());
        Ok(Self { bucket, key, prefix, http, shown, patience: PATIENCE })
    }

    /// Has no call be tried for longer than this.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Returns the object's name in the bucket.
    fn key_of(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) }
    }

    /// Makes a call, again and again while that may help; signs each attempt anew.
    async fn call(
        &self,
        method: Method,
        sign: impl Fn() -> Url,
        body: Option<Bytes>,
    ) -> Result<Bytes, PlaceError> {
        let deadline = Instant::now() + self.patience;
        let mut pause = FIRST_PAUSE;
        loop {
            match self.attempt(method.clone(), sign(), body.clone()).await {
                Attempt::Done(answer) => return Ok(answer),
                Attempt::Refused(err) => return Err(err),
                Attempt::Passing(err) if Instant::now() + pause > deadline => return Err(err),
                Attempt::Passing(_) => {}
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn attempt(&self, method: Method, url: Url, body: Option<Bytes>) -> Attempt {
        let request = self.http.request(method, url);
        let request = if let Some(body) = body { request.body(body) } else { request };
        let answered = async {
            let mut response = request.send().await?;
            let status = response.status();
            let mut answer = Vec::new();
            while let Some(chunk) = response.chunk().await? {
                answer.extend_from_slice(&chunk);
                if answer.len() > LARGEST_ANSWER_BYTES {
                    break;
                }
            }
            Ok((status, answer))
        };
        match answered.await {
            Ok((_, answer)) if answer.len() > LARGEST_ANSWER_BYTES => Attempt::Refused(
                PlaceError::Other(format!("{}: an answer is too long", self.shown)),
            ),
            Ok((status, answer)) if status.is_success() => Attempt::Done(answer.into()),
            Ok((status, answer)) => self.refusal(status, &answer),
            Err(err) => Attempt::Passing(self.unreachable(&err)),
        }
    }

    /// Tells why nothing came of it. The error's own words may hold the address, with a signature in
    /// it.
    fn unreachable(&self, err: &reqwest::Error) -> PlaceError {
        let why = match Fault::of(err) {
            Fault::TimedOut => "does not answer in time",
            Fault::Unreachable => {
                "cannot be reached; is the network there, and backup.s3_endpoint right?"
            }
            Fault::Proxy(_) | Fault::Cut => "has broken off",
        };
        PlaceError::Unreachable(format!("{}: the service {why}", self.shown))
    }

    fn refusal(&self, status: StatusCode, answer: &[u8]) -> Attempt {
        let code = code(answer).unwrap_or_default();
        let shown = &self.shown;
        let said = if code.is_empty() { status.as_u16().to_string() } else { code.clone() };
        let refused = match (code.as_str(), status) {
            ("NoSuchKey", _) => PlaceError::Missing,
            ("NoSuchBucket", _) => PlaceError::Absent(format!(
                "{shown}: there is no such bucket; make it, or mend backup.destination"
            )),
            ("RequestTimeTooSkewed" | "RequestExpired", _) => PlaceError::Denied(format!(
                "{shown}: the clock of this host is wrong ({said}): timedatectl set-ntp true"
            )),
            ("AuthorizationHeaderMalformed" | "PermanentRedirect", _)
            | (_, StatusCode::MOVED_PERMANENTLY | StatusCode::TEMPORARY_REDIRECT) => {
                PlaceError::Denied(format!(
                    "{shown}: the bucket is elsewhere ({said}); mend backup.s3_region or \
                     backup.s3_endpoint"
                ))
            }
            (_, StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED) => PlaceError::Denied(format!(
                "{shown}: the service refuses the key ({said}); it must be able to list, read, \
                 write and delete there, and within the bucket's quota: backup.s3_access_key, \
                 backup.s3_secret_key"
            )),
            (_, StatusCode::NOT_FOUND) => PlaceError::Missing,
            ("QuotaExceeded" | "EntityTooLarge" | "InsufficientStorage", _)
            | (_, StatusCode::INSUFFICIENT_STORAGE) => PlaceError::Full(shown.clone()),
            (_, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT) => {
                return Attempt::Passing(self.busy(&said));
            }
            _ if status.is_server_error() => return Attempt::Passing(self.busy(&said)),
            _ => PlaceError::Other(format!("{shown}: the service refuses it ({said})")),
        };
        Attempt::Refused(refused)
    }

    fn busy(&self, said: &str) -> PlaceError {
        PlaceError::Unreachable(format!("{}: the service has failed ({said})", self.shown))
    }

    async fn list_all(&self, folder: &str) -> Result<Vec<Listed>, PlaceError> {
        let prefix = format!("{}/", self.key_of(folder));
        let (mut found, mut token) = (Vec::new(), None);
        loop {
            let sign = || {
                let mut list = self.bucket.list_objects_v2(Some(&self.key));
                list.with_prefix(prefix.as_str());
                list.with_delimiter("/");
                if let Some(token) = &token {
                    list.with_continuation_token(String::clone(token));
                }
                list.sign(SIGNED_FOR)
            };
            let page = self.call(Method::GET, sign, None).await?;
            let page = std::str::from_utf8(&page)
                .ok()
                .and_then(|page| ListObjectsV2::parse_response(page).ok());
            let page = page.ok_or_else(|| {
                PlaceError::Other(format!("{}: the service's list cannot be read", self.shown))
            })?;
            for object in page.contents {
                if let Some(name) = object.key.strip_prefix(&prefix).filter(|name| !name.is_empty())
                {
                    found.push(Listed {
                        name: format!("{folder}/{name}"),
                        bytes: object.size.unwrap_or(0),
                    });
                }
            }
            match page.next_continuation_token {
                Some(next) if token.as_ref() != Some(&next) => token = Some(next),
                _ => return Ok(found),
            }
        }
    }
}

impl Place for S3 {
    fn put(&self, name: &str, bytes: Bytes) -> BoxFuture<'_, Result<(), PlaceError>> {
        let key = self.key_of(name);
        async move {
            let sign = || self.bucket.put_object(Some(&self.key), &key).sign(SIGNED_FOR);
            self.call(Method::PUT, sign, Some(bytes)).await.map(drop)
        }
        .boxed()
    }

    fn get(&self, name: &str) -> BoxFuture<'_, Result<Bytes, PlaceError>> {
        let key = self.key_of(name);
        async move {
            let sign = || self.bucket.get_object(Some(&self.key), &key).sign(SIGNED_FOR);
            self.call(Method::GET, sign, None).await
        }
        .boxed()
    }

    fn list(&self, folder: &str) -> BoxFuture<'_, Result<Vec<Listed>, PlaceError>> {
        let folder = folder.to_owned();
        async move { self.list_all(&folder).await }.boxed()
    }

    fn delete(&self, name: &str) -> BoxFuture<'_, Result<(), PlaceError>> {
        let key = self.key_of(name);
        async move {
            let sign = || self.bucket.delete_object(Some(&self.key), &key).sign(SIGNED_FOR);
            match self.call(Method::DELETE, sign, None).await {
                Ok(_) | Err(PlaceError::Missing) => Ok(()),
                Err(err) => Err(err),
            }
        }
        .boxed()
    }

    fn show(&self) -> String {
        self.shown.clone()
    }
}

/// Returns the code of the service's error document.
fn code(answer: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(answer).ok()?;
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let plain =
        !code.is_empty() && code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric());
    plain.then(|| code.to_owned())
}
