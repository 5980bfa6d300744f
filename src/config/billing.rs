//! `[billing]`: the lengths of a subscription's stages.

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
