//! A running `serve` to which the simulated Telegram brings updates over HTTPS.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

mod host;
mod stories;
