//! `[backup]`: how often, how many and where to.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiff::SignedDuration;
use serde_json::Value as Json;

use super::raw::Raw;
use super::reader::Reader;
use super::setting::Setting;
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
    /// The keys that backups are encrypted to; without any, they are not.
    pub recipients: Vec<Recipient>,
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
            recipients: reader.value("backup.recipients", Vec::new()),
        }
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
