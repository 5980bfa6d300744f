//! The shop's own settings at YooKassa.

use super::answer::Tree;

/// What YooKassa tells about the shop; what it did not tell is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// The shop's number.
    pub account_id: Option<String>,
    /// Whether it takes payments.
    pub enabled: Option<bool>,
    /// Whether it takes play money only.
    pub test: Option<bool>,
    /// Whether every payment must carry a receipt.
    pub receipts_required: Option<bool>,
}

impl Me {
    pub(super) fn read(answer: &Tree) -> Self {
        Self {
            account_id: answer.text("/account_id"),
            enabled: answer.text("/status").map(|status| status == "enabled"),
            test: answer.flag("/test"),
            receipts_required: answer
                .flag("/fiscalization/enabled")
                .or_else(|| answer.flag("/fiscalization_enabled")),
        }
    }
}
