//! A database that this release does not open, in words for whoever has to choose a package.

use crate::store::{OpenError, Release};

/// Why `serve` did not begin, and what is to be installed in its place.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong; the database is as it was.
    pub why: String,
    /// What helps.
    pub cure: String,
}

impl Refused {
    /// Returns what is to be told of an error that another release does not have; of the others, the
    /// settings or the machine are to blame.
    pub fn of(err: &OpenError) -> Option<Self> {
        let (release, or_restore) = match err {
            OpenError::Migration { release, .. } => (release, ""),
            OpenError::TooNew { release, .. } => {
                (release, ", or a newer one; or restore a backup that this release has made")
            }
            OpenError::AlreadyOpen(_)
            | OpenError::Io { .. }
            | OpenError::Corrupted { .. }
            | OpenError::Store { .. }
            | OpenError::Thread(_) => return None,
        };
        let cure = match release {
            Some(release) => {
                format!("install {release}, which can read it: apt install ./{}", package(release))
            }
            None => "install the release that ran before".to_owned(),
        };
        let cure = format!("{cure}{or_restore}");
        Some(Self { why: told(err), cure })
    }
}

/// Tells the error with all its causes.
fn told(err: &OpenError) -> String {
    let mut told = err.to_string();
    let mut cause = std::error::Error::source(err);
    while let Some(it) = cause {
        told = format!("{told}: {it}");
        cause = it.source();
    }
    told
}

/// Returns the name of the package of a release, for machines like this one.
fn package(release: &Release) -> String {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "armhf",
        other => other,
    };
    // What comes before a release sorts so in the versions of Debian.
    format!("slotbox_{}_{architecture}.deb", release.as_str().replacen('-', "~", 1))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::store::StoreError;

    #[test]
    fn the_package_that_can_read_the_data_is_named() {
        let path = || PathBuf::from("/data/slotbox.redb");
        let failed = |release| OpenError::Migration {
            path: path(),
            found: 1,
            known: 2,
            release,
            source: StoreError::Corrupt { table: "orders", reason: "no kopecks".to_owned() },
        };
        let refused = Refused::of(&failed(Some(Release::own()))).unwrap();
        let own = env!("CARGO_PKG_VERSION");
        assert_eq!(
            refused.why,
            format!(
                "cannot bring /data/slotbox.redb from schema 1 to 2; release {own} wrote it last: a \
                 row of table orders is damaged: no kopecks"
            )
        );
        let package = package(&Release::own());
        assert!(package.starts_with(&format!("slotbox_{own}_")), "{package}");
        let install = format!("install {own}, which can read it: apt install ./{package}");
        assert_eq!(refused.cure, install);
        let unknown = Refused::of(&failed(None)).unwrap();
        assert_eq!(unknown.cure, "install the release that ran before");
        let newer =
            OpenError::TooNew { path: path(), found: 9, known: 1, release: Some(Release::own()) };
        let newer = Refused::of(&newer).unwrap();
        assert!(newer.cure.contains(", or a newer one; or restore a backup"), "{}", newer.cure);
        assert_eq!(Refused::of(&OpenError::AlreadyOpen(path())), None);
    }
}
