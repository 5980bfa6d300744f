//! `[backup]`: how often, how many and where to.

use std::path::PathBuf;

use jiff::SignedDuration;

/// How often backups are made, how many are kept and where.
#[derive(Clone, Debug)]
pub struct Backup {
    /// The time from one backup to the next.
    pub every: SignedDuration,
    /// How many are kept.
    pub keep: u32,
    /// Where copies go; `None` is the data directory alone.
    pub destination: Option<Destination>,
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
