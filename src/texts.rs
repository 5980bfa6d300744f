//! Every word that people read. Functions take [`Words`], which hold the language, and the domain's
//! values, and return texts.

pub mod calendar;
pub mod client;
pub mod master;
pub mod notices;
pub mod page;
pub mod sales;
pub mod words;

use jiff::Timestamp;

pub use self::words::Words;
use self::words::say;
use crate::domain::plan::Plan;

/// Says what is paid for, in the provider's cabinet and on the receipt.
pub fn payment_description(words: Words, plan: &Plan) -> String {
    let length = words.days(i64::from(plan.days.get()));
    say!(words, "common-payment-description", plan = plan.name.as_str(), length = length)
}

/// Says in the provider's cabinet why money is given back.
pub fn refund_description(words: Words) -> String {
    say!(words, "common-refund-description")
}

/// Counts the days from `now` until `until`; a day that has begun is one.
pub fn days_left(until: Timestamp, now: Timestamp) -> i64 {
    (until.duration_since(now).as_secs().max(0) + 86_399) / 86_400
}
