//! What the Master Bot says of the host's backups.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::with_lines;
use crate::domain::backup::{Made, Record};
use crate::texts::words::{Words, say};

const MIB: u64 = 1 << 20;

/// The host's backups as an operator sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupsView {
    /// What is remembered.
    pub record: Record,
    /// Whether one is being made.
    pub is_made: bool,
    /// What is wrong with the place that they go to, and what mends it.
    pub trouble: Option<(String, String)>,
    /// That place.
    pub destination: String,
    /// How many are kept.
    pub keep: u32,
}

/// Tells how the backups stand.
pub fn backups(words: Words, view: &BackupsView, (now, zone): (Timestamp, &TimeZone)) -> String {
    let mut lines = Vec::new();
    match &view.record.made {
        Some(made) => lines.extend(last(words, made, zone)),
        None => lines.push(say!(words, "master-backups-none")),
    }
    if view.is_made {
        lines.push(say!(words, "master-backups-under-way"));
    }
    let failed = view.record.failed.as_ref();
    let failed = failed.map(|it| (it.why.as_str(), it.cure.as_str()));
    let trouble = view.trouble.as_ref().map(|(why, cure)| (why.as_str(), cure.as_str()));
    if let Some((why, cure)) = trouble.or(failed) {
        lines.push(say!(words, "master-backups-trouble", why = why, cure = cure));
    }
    let at = words.date_time(now, zone);
    let head = say!(
        words,
        "master-backups",
        at = at,
        place = view.destination.as_str(),
        keep = u64::from(view.keep)
    );
    with_lines(head, lines)
}

fn last(words: Words, made: &Made, zone: &TimeZone) -> Vec<String> {
    let clients = made.clients;
    let mut lines = vec![say!(
        words,
        "master-backups-last",
        at = words.date_time(made.began_at, zone),
        size = made.bytes.div_ceil(MIB),
        clients = clients.all,
    )];
    if let Some(oldest) = clients.oldest {
        lines.push(say!(
            words,
            "master-backups-carried",
            count = clients.carried,
            oldest = words.date_time(oldest, zone),
        ));
    }
    if clients.missing > 0 {
        lines.push(say!(words, "master-backups-missing", count = clients.missing));
    }
    lines
}
