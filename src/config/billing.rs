//! `[billing]`: the lengths of a subscription's stages.

use super::raw::Raw;
use super::reader::Reader;
use super::setting::Setting;
use crate::domain::plan::Days;

/// The lengths of a subscription's stages.
#[derive(Clone, Debug)]
pub struct Billing {
    /// How long a trial lasts; `None` is no trial.
    pub trial_days: Option<Days>,
    /// How long a bot runs after its paid time; `None` is no grace.
    pub grace_days: Option<Days>,
    /// How many days before the end an owner is warned; the longest first, none twice.
    pub warn_days: Vec<Days>,
    /// How long a suspended client's data is kept.
    pub retention_days: Days,
}

/// The earliest warning that makes sense, in days.
const EARLIEST_WARNING: u16 = 60;

impl Billing {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let mut stage = |key, default| {
            let days = reader.number::<u16>(key, default, 0..=365);
            Days::new(days.into()).ok()
        };
        let trial_days = stage("billing.trial_days", 7);
        let grace_days = stage("billing.grace_days", 3);
        let warnings = [7, 3, 1].into_iter().filter_map(|days| Days::new(days).ok()).collect();
        let warn_days = reader.value_with("billing.warn_days", warnings, warn_days);
        let retention_days = reader.value("billing.retention_days", Days::new(90).ok()?);
        Some(Self { trial_days, grace_days, warn_days, retention_days })
    }
}

/// Reads the warnings' days, which must fall.
fn warn_days(raw: &Raw) -> Result<Vec<Days>, String> {
    let days = Vec::<Days>::read(raw)?;
    let early = days.first().is_some_and(|days| days.get() > EARLIEST_WARNING);
    if early || !days.is_sorted_by(|a, b| a > b) {
        return Err(format!("expected days from {EARLIEST_WARNING} down to 1, each once"));
    }
    Ok(days)
}
