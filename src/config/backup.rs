//! `[backup]`: how often, how many and where to.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiff::SignedDuration;
use secrecy::SecretString;
use serde_json::Value as Json;

use super::raw::Raw;
use super::reader::Reader;
use super::setting::Setting;
use super::url;
use crate::domain::recipient::Recipient;

/// How often backups are made, how many are kept and where.
#[derive(Clone, Debug)]
pub struct Backup {
    /// The time from one backup to the next.
    pub every: SignedDuration,
    /// How many are kept.
    pub keep: u32,
    /// Where copies go; `None` is the data directory alone.
    pub destination: Option<Destination>,
    /// The way into an S3 service, for a destination that is a bucket.
    pub s3: S3,
    /// The keys that backups are encrypted to; without any, they are not.
    pub recipients: Vec<Recipient>,
}

/// The way into an S3 service.
#[derive(Clone, Debug)]
pub struct S3 {
    /// The service's base URL without a slash at its end.
    pub endpoint: String,
    /// What the service calls the place where it runs.
    pub region: String,
    /// The name and the secret of the key to the bucket, once both are given.
    pub key: Option<(SecretString, SecretString)>,
    /// A root certificate to trust the service by besides the usual ones, in PEM.
    pub ca_file: Option<PathBuf>,
}

/// Where copies of backups go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A directory of this host.
    Directory(PathBuf),
    /// A bucket of an S3 service.
    S3 {
        /// The bucket's name.
        bucket: String,
        /// What the objects' names begin with; may be empty.
        prefix: String,
    },
}

/// A text names no place for backups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a directory's path from the root, or s3://bucket/prefix")]
pub struct InvalidDestination;

/// The shortest and the longest time between backups, in seconds.
const EVERY_S: RangeInclusive<i64> = 60..=31 * 24 * 3600;

impl Backup {
    /// Returns the directory that backups go to, if it is named.
    pub fn directory(&self) -> Option<&Path> {
        match self.destination.as_ref()? {
            Destination::Directory(path) => Some(path),
            Destination::S3 { .. } => None,
        }
    }

    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            every: reader.value_with("backup.every", SignedDuration::from_hours(24), every),
            keep: reader.number("backup.keep", 14, 1..=10_000),
            destination: reader.optional("backup.destination"),
            s3: S3::read(reader),
            recipients: reader.value("backup.recipients", Vec::new()),
        }
    }
}

impl S3 {
    fn read(reader: &mut Reader) -> Self {
        let endpoint = "https://s3.amazonaws.com".to_owned();
        let name = reader.secret("backup.s3_access_key", key);
        let secret = reader.secret("backup.s3_secret_key", key);
        Self {
            endpoint: reader.value_with("backup.s3_endpoint", endpoint, url::service),
            region: reader.value_with("backup.s3_region", "us-east-1".to_owned(), region),
            key: name.zip(secret),
            ca_file: reader.optional("backup.s3_ca_file"),
        }
    }
}

fn key(text: &str) -> Result<SecretString, String> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("expected a key as the S3 service gives it, without blanks".to_owned());
    }
    Ok(text.into())
}

fn region(raw: &Raw) -> Result<String, String> {
    let text = String::read(raw)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
        Ok(text)
    } else {
        Err("expected the region's name, such as ru-central1".to_owned())
    }
}

fn every(raw: &Raw) -> Result<SignedDuration, String> {
    let length = SignedDuration::read(raw)?;
    if EVERY_S.contains(&length.as_secs()) {
        Ok(length)
    } else {
        Err("expected a time from one minute to 31 days".to_owned())
    }
}

impl FromStr for Destination {
    type Err = InvalidDestination;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(place) = text.strip_prefix("s3://") else {
            let path = PathBuf::from(text);
            return if path.is_absolute() {
                Ok(Self::Directory(path))
            } else {
                Err(InvalidDestination)
            };
        };
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let plain =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
        if !(3..=63).contains(&bucket.len()) || !bucket.bytes().all(plain) {
            return Err(InvalidDestination);
        }
        Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
    }
}

impl Setting for Destination {
    fn read(raw: &Raw) -> Result<Self, String> {
        let text = String::read(raw)?;
        text.parse().map_err(|err: InvalidDestination| err.to_string())
    }

    fn show(&self) -> Json {
        match self {
            Self::Directory(path) => path.show(),
            Self::S3 { bucket, prefix } => format!("s3://{bucket}/{prefix}").into(),
        }
    }
}
