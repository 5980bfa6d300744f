//! The demo's page in a real browser, by clicks, and without one.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]
#![expect(clippy::print_stderr, reason = "a test that is passed over says so")]

mod base64;
mod browser;
mod demo;
mod plain;
mod story;
