//! Why there is no backup, and what mends it, in words for operators.

use std::error::Error;
use std::io::{self, ErrorKind};

use crate::external::vault::PlaceError;

/// Where things lie that may be in the way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places<'a> {
    /// Where backups go.
    pub(super) destination: &'a str,
    /// Where copies lie in passing.
    pub(super) passage: &'a str,
}

/// Tells an error and all that caused it, each thing once.
pub(super) fn told(err: &dyn Error) -> String {
    let mut told = err.to_string();
    let mut cause = err.source();
    while let Some(err) = cause {
        let words = err.to_string();
        if !told.contains(&words) {
            told = format!("{told}: {words}");
        }
        cause = err.source();
    }
    told
}

/// Tells what mends it.
pub(super) fn cure(err: &(dyn Error + 'static), places: Places<'_>) -> String {
    let mut cause = Some(err);
    while let Some(err) = cause {
        let of_place = err.downcast_ref::<PlaceError>();
        let of_place = of_place.and_then(|err| of_place_error(err, places.destination));
        let of_io = || err.downcast_ref::<io::Error>().and_then(|err| of_io(err, places.passage));
        if let Some(cure) = of_place.or_else(of_io) {
            return cure;
        }
        cause = err.source();
    }
    "read the reason; slotbox doctor; journalctl -u slotbox -p warning".to_owned()
}

fn of_place_error(err: &PlaceError, place: &str) -> Option<String> {
    Some(match err {
        PlaceError::Full(_) => {
            format!("make room: df -h {place}; or keep fewer backups (backup.keep)")
        }
        PlaceError::Absent(_) => {
            format!("mount it, or: install -d -o slotbox -g slotbox -m 700 {place}")
        }
        PlaceError::Denied(_) => format!("chown -R slotbox:slotbox {place}"),
        PlaceError::ReadOnly(_) => format!(
            "mount it so that it can be written to; in the service: systemctl edit slotbox, with the \
             lines [Service] and ReadWritePaths={place}, then: systemctl restart slotbox"
        ),
        PlaceError::Unreachable(_) => format!("is {place} reachable from here?"),
        PlaceError::Missing | PlaceError::Other(_) => return None,
    })
}

fn of_io(err: &io::Error, place: &str) -> Option<String> {
    Some(match err.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => format!("make room: df -h {place}"),
        ErrorKind::PermissionDenied => format!("chown -R slotbox:slotbox {place}"),
        ErrorKind::ReadOnlyFilesystem => format!("look at the disk: dmesg; findmnt -T {place}"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::external::vault::VaultError;

    const PLACES: Places<'_> = Places { destination: "/mnt/b", passage: "/data" };

    fn of(source: PlaceError) -> String {
        cure(&VaultError::Place { action: "keep a piece".to_owned(), source }, PLACES)
    }

    #[test]
    fn the_cure_follows_from_the_first_cause_that_is_known() {
        let words = || "no luck".to_owned();
        assert!(of(PlaceError::Full(words())).starts_with("make room: df -h /mnt/b"));
        assert!(of(PlaceError::Absent(words())).contains("install -d -o slotbox"));
        assert!(of(PlaceError::ReadOnly(words())).contains("ReadWritePaths=/mnt/b"));
        assert!(of(PlaceError::Other(words())).contains("slotbox doctor"));
        let full = io::Error::from(ErrorKind::StorageFull);
        assert_eq!(cure(&full, PLACES), "make room: df -h /data");
        let source = PlaceError::Other(words());
        let err = VaultError::Place { action: "keep a piece".to_owned(), source };
        assert_eq!(told(&err), "cannot keep a piece: no luck");
    }
}
