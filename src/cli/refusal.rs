//! What `serve` refused, in the words of the command line.

use crate::external::control::{ControlError, Refusal};

/// The options that fields of the API are given with.
const OPTIONS: [(&str, &str); 10] = [
    ("admin_telegram_id", "--owner"),
    ("amount", "--amount"),
    ("bot_token", "the token"),
    ("company_name", "--name"),
    ("days", "--days"),
    ("email", "--email"),
    ("paid_amount", "--amount"),
    ("payment_id", "--payment-id"),
    ("plan_id", "the plan"),
    ("subscription_days", "--days"),
];

/// Tells an error with all its causes.
pub(super) fn told(err: &anyhow::Error) -> String {
    match err.downcast_ref::<ControlError>() {
        Some(ControlError::Refused(refusal)) if !refusal.errors.is_empty() => fields(refusal),
        _ => format!("{err:#}"),
    }
}

/// Tells what is wrong with each option.
fn fields(refusal: &Refusal) -> String {
    let line = |field: &str, message: &str| {
        let option = OPTIONS.iter().find(|(name, _)| *name == field);
        let option = option.map_or(field, |(_, option)| option);
        if option.is_empty() { message.to_owned() } else { format!("{option}: {message}") }
    };
    let lines: Vec<_> =
        refusal.errors.iter().map(|error| line(&error.field, &error.message)).collect();
    match lines.as_slice() {
        [only] => only.clone(),
        lines => format!("nothing was changed:\n  {}", lines.join("\n  ")),
    }
}
